import { useMutation } from "@tanstack/react-query"
import { CornerDownRight, ListPlus, SendHorizontal, Trash2 } from "lucide-react"
import type { QueuedMessage } from "../../../src/contract/chats.ts"
import { call, messageOf } from "../api/client.ts"
import { useStream } from "../stream/store.ts"
import { IconButton } from "../ui/button.tsx"
import { notifyFailure } from "../ui/notify.ts"
import { plainText } from "./rows.ts"

const labels = { queue: "queued", steer: "steers the turn" }

interface RowProps {
  readonly message: QueuedMessage
  readonly disabled: boolean
  readonly onPromote: () => void
  readonly onRemove: () => void
}

const Row = ({ message, disabled, onPromote, onRemove }: RowProps) => {
  const Icon = message.kind === "steer" ? CornerDownRight : ListPlus
  const text = plainText(message.content) || "Attachment"
  return (
    <li className="flex items-center gap-2.5 py-1 pr-1.5 pl-3.5 text-sm text-ink-soft">
      <Icon aria-hidden className="size-4 shrink-0 text-ink-faint" />
      <span dir="auto" className="min-w-0 flex-1 truncate">
        {text}
      </span>
      <span
        className={`shrink-0 rounded-full px-2 text-xs ${message.kind === "steer" ? "bg-accent-fill text-accent" : "text-ink-faint"}`}
      >
        {labels[message.kind]}
      </span>
      <span className="flex shrink-0">
        <IconButton size="small" label="Send now" disabled={disabled} onClick={onPromote}>
          <SendHorizontal aria-hidden />
        </IconButton>
        <IconButton size="small" label="Delete from the queue" disabled={disabled} onClick={onRemove}>
          <Trash2 aria-hidden />
        </IconButton>
      </span>
    </li>
  )
}

interface QueuedMessagesProps {
  readonly chatId: string
  readonly canChange: boolean
  /** A row was acted on and goes away, and with it the focus. */
  readonly onTaken: () => void
}

/** Messages that wait for the running turn, in the order they will go. One action at a time; its row is hidden meanwhile. */
export const QueuedMessages = ({ chatId, canChange, onTaken }: QueuedMessagesProps) => {
  const queue = useStream(({ stream }) => stream.queue)
  const promote = useMutation({
    mutationFn: (queued: number) => call("promoteQueuedMessage", { path: { chat: chatId, queued } }),
    onError: (error) => notifyFailure("The message was not sent", messageOf(error)),
  })
  const remove = useMutation({
    mutationFn: (queued: number) => call("deleteQueuedMessage", { path: { chat: chatId, queued } }),
    onError: (error) => notifyFailure("The message was not deleted", messageOf(error)),
  })
  const busy = promote.isPending || remove.isPending
  // The answer may come before the stream says so: what was deleted does not come back in between.
  const removed = remove.isError ? undefined : remove.variables
  const promoted = promote.isPending ? promote.variables : undefined
  const shown = queue.filter(({ id }) => id !== removed && id !== promoted)
  if (shown.length === 0) return null
  return (
    <section
      aria-label="Queued messages"
      className="max-h-[40vh] overflow-y-auto rounded-card border border-line bg-sunken"
    >
      <ol className="divide-y divide-line">
        {shown.map((message) => (
          <Row
            key={message.id}
            message={message}
            disabled={!canChange || busy}
            onPromote={() => {
              promote.mutate(message.id)
              onTaken()
            }}
            onRemove={() => {
              remove.mutate(message.id)
              onTaken()
            }}
          />
        ))}
      </ol>
    </section>
  )
}
