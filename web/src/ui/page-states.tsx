import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router"
import { RotateCw } from "lucide-react"
import type { ReactNode } from "react"
import { Button } from "./button.tsx"
import { partFailure } from "./lazy-part.tsx"
import { Logo } from "./logo.tsx"

const centred = "flex h-full flex-1 flex-col items-center justify-center gap-3 p-6 text-center"

const Centred = ({ children }: { readonly children: ReactNode }) => <main className={centred}>{children}</main>

/** The whole page while the session is being checked. */
export const PagePending = () => (
  <Centred>
    <Logo className="size-8 opacity-60" />
    <p role="status" className="text-sm text-ink-faint">
      Loading…
    </p>
  </Centred>
)

const Failure = ({ error }: { readonly error: unknown }) => {
  const router = useRouter()
  return (
    <>
      <h1 className="text-lg font-semibold">This page could not be loaded</h1>
      <p role="alert" className="max-w-md text-ink-soft">
        {partFailure(error)}
      </p>
      <Button onClick={() => void router.invalidate()}>
        <RotateCw aria-hidden className="size-4" />
        Try again
      </Button>
    </>
  )
}

/** In place of everything: the session could not be checked. */
export const PageError = ({ error }: ErrorComponentProps) => (
  <Centred>
    <Failure error={error} />
  </Centred>
)

/** In place of one page, with the frame of the app around it. */
export const PartError = ({ error }: ErrorComponentProps) => (
  <div className={centred}>
    <Failure error={error} />
  </div>
)

export const PageNotFound = () => (
  <Centred>
    <h1 className="text-lg font-semibold">Nothing here</h1>
    <p className="max-w-md text-ink-soft">This address does not lead to a page.</p>
    <Link to="/agents" className="font-medium text-accent underline underline-offset-4">
      Go to your chats
    </Link>
  </Centred>
)
