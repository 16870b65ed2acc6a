import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useRouter, useSearch } from "@tanstack/react-router"
import { useEffect } from "react"
import { messageOf } from "../api/client.ts"
import { firstUserQuery } from "../api/queries.ts"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { Logo } from "../ui/logo.tsx"
import { watchClosed } from "../chats/watch-opened.ts"
import { CreateAccountForm } from "./create-account-form.tsx"
import { sessionHasEnded, sessionStarted } from "./session-end.ts"
import { SignInForm } from "./sign-in-form.tsx"

const FormSkeleton = () => (
  <div role="status" aria-label="Loading" className="flex flex-col gap-4">
    <div className="skeleton h-16" />
    <div className="skeleton h-16" />
    <div className="skeleton h-9" />
  </div>
)

/** Signing in, or creating the owner's account while there is no user yet. */
export const SignInPage = () => {
  const first = useQuery(firstUserQuery)
  const queryClient = useQueryClient()
  const router = useRouter()
  const { return: returnPath } = useSearch({ from: "/login" })
  const creating = first.data?.needed === true

  useEffect(() => {
    document.title = creating ? "Create your account · Troupe" : "Sign in · Troupe"
  }, [creating])

  const onSignedIn = () => {
    sessionStarted()
    watchClosed()
    queryClient.clear()
    router.history.replace(returnPath ?? "/agents")
  }

  return (
    <main className="flex h-full items-center justify-center overflow-y-auto p-5">
      <div className="appear w-full max-w-90 py-8">
        <Logo className="mb-6 size-9" />
        <h1 className="text-xl font-semibold">{creating ? "Welcome to Troupe" : "Sign in to Troupe"}</h1>
        <p className="mt-1.5 mb-7 text-ink-soft">
          {creating
            ? "Agents that work on this machine while you watch, step in, or are away. The first account runs the place: it sets up models and adds people."
            : "Agents keep working while you are away. Pick up where they are."}
        </p>
        {sessionHasEnded() && (
          <div className="mb-5">
            <Callout tone="info" role="alert" title="Your session has ended">
              It was signed out elsewhere, or not used for a day. Your drafts are kept; sign in to go on where you were.
            </Callout>
          </div>
        )}
        {first.isPending && <FormSkeleton />}
        {first.isError && (
          <Callout
            tone="danger"
            role="alert"
            title="Troupe cannot be reached"
            actions={<Button onClick={() => void first.refetch()}>Try again</Button>}
          >
            {messageOf(first.error)}
          </Callout>
        )}
        {first.data !== undefined &&
          (creating ? (
            <CreateAccountForm setupTokenRequired={first.data.setup_token_required} onSignedIn={onSignedIn} />
          ) : (
            <SignInForm onSignedIn={onSignedIn} />
          ))}
      </div>
    </main>
  )
}
