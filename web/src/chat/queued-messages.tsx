import { CornerDownRight } from "lucide-react"
import { useStream } from "../stream/store.ts"
import { plainText } from "./rows.ts"

/** Messages that wait for the running turn, in the order they will go. */
export const QueuedMessages = () => {
  const queue = useStream(({ stream }) => stream.queue)
  if (queue.length === 0) return null
  return (
    <section
      aria-label="Queued messages"
      className="max-h-[30vh] overflow-y-auto rounded-card border border-line bg-sunken"
    >
      <ol className="divide-y divide-line">
        {queue.map((message) => (
          <li key={message.id} className="flex items-center gap-2.5 px-3.5 py-2 text-sm text-ink-soft">
            <CornerDownRight aria-hidden className="size-4 shrink-0 text-ink-faint" />
            <span className="min-w-0 flex-1 truncate">{plainText(message.content) || "Attachment"}</span>
            <span className="shrink-0 text-xs text-ink-faint">{message.kind === "steer" ? "next step" : "queued"}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}
