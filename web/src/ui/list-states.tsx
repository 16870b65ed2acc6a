import { CircleAlert, CloudOff, RotateCw } from "lucide-react"
import type { ReactNode } from "react"
import { hasStatus, messageOf } from "../api/client.ts"
import { Button } from "./button.tsx"
import { Callout } from "./callout.tsx"

/** The four states of whatever is read from the server, the same on every page: loading, empty, failed, and out of reach. */

interface EmptyProps {
  /** One sentence. */
  readonly children: ReactNode
  /** The one thing to do about it. */
  readonly action?: ReactNode
}

export const Empty = ({ children, action }: EmptyProps) => (
  <div className="flex flex-col items-center gap-3 rounded-card border border-dashed border-line-strong px-4 py-7 text-center text-sm text-ink-faint">
    <p className="max-w-md">{children}</p>
    {action}
  </div>
)

const WIDTHS = ["72%", "54%", "80%", "62%", "46%", "68%", "58%", "76%"]

interface LoadingRowsProps {
  /** What loads, for screen readers. */
  readonly label: string
  readonly rows?: number
  /** Height of a row in the list to come, so that nothing moves when it comes. */
  readonly rowClass?: string
}

export const LoadingRows = ({ label, rows = 5, rowClass = "h-9" }: LoadingRowsProps) => (
  <div role="status" aria-label={label}>
    {WIDTHS.slice(0, rows).map((width) => (
      <div key={width} className={`flex items-center px-2 ${rowClass}`}>
        <div className="skeleton h-3" style={{ width }} />
      </div>
    ))}
  </div>
)

interface LoadFailedProps {
  /** "The chats could not be loaded" */
  readonly title: string
  readonly error: unknown
  readonly onRetry: () => void
  readonly retrying?: boolean
}

/** Why something is not there, in the server's words, and the button that asks again. */
export const LoadFailed = ({ title, error, onRetry, retrying = false }: LoadFailedProps) => {
  const away = hasStatus(error, 0)
  return (
    <Callout
      tone={away ? "info" : "danger"}
      role="alert"
      title={title}
      Icon={away ? CloudOff : CircleAlert}
      actions={
        <Button onClick={onRetry} busy={retrying}>
          {!retrying && <RotateCw aria-hidden className="size-3.5" />}
          Try again
        </Button>
      }
    >
      {messageOf(error)}
    </Callout>
  )
}
