import { CircleStop } from "lucide-react"
import { WhyButton } from "./why-button.tsx"
import { CopyButton } from "../ui/copy-button.tsx"
import { proseText } from "../ui/prose-text.ts"
import { useHost } from "./reading-along.ts"
import { ShowInTrace } from "./show-in-trace.tsx"

const clock = (time: string): string | undefined => {
  const at = new Date(time)
  return Number.isNaN(at.getTime())
    ? undefined
    : at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" })
}

interface TurnEndProps {
  /** Its last message, and the chat. */
  readonly messageId: number
  readonly chatId: string
  readonly text: string
  readonly stopped: boolean
  /** When it ended, RFC 3339. */
  readonly at: string
}

/** The end of a turn: how it ended where a person ended it, and what can be done with it. */
export const TurnEnd = ({ messageId, chatId, text, stopped, at }: TurnEndProps) => {
  const host = useHost()
  return (
    <div className="flex min-h-7 items-center gap-2 text-xs text-ink-faint">
      <span className="-ml-1.5 flex items-center">
        {text !== "" && <CopyButton label="Copy as Markdown" text={text} />}
        {messageId > 0 && <ShowInTrace what={{ message: messageId }} />}
        <WhyButton subject={{ kind: "message", id: messageId }} chatId={chatId} label="Why this answer" align="start" />
      </span>
      {stopped && (
        <span className="flex items-center gap-1.5 text-ink-soft">
          <CircleStop aria-hidden className="size-3.5" />
          Stopped by {proseText(host ?? "you")}
        </span>
      )}
      {clock(at) !== undefined && (
        <time dateTime={at} className="tabular-nums">
          {clock(at)}
        </time>
      )}
    </div>
  )
}
