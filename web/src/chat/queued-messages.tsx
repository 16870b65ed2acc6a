import { useEffect, useEffectEvent, useRef, useState } from "react"
import type { QueuedMessage } from "../../../src/contract/chats.ts"
import { canSteer } from "../composer/key-hints.ts"
import { useStream } from "../stream/store.ts"
import { notifyFailure } from "../ui/notify.ts"
import { moveBy, moveTo, type Move } from "./queue-order.ts"
import { QueuedRow } from "./queued-row.tsx"
import { plainText } from "./rows.ts"
import { useQueue } from "./use-queue.ts"

interface QueuedMessagesProps {
  readonly chatId: string
  readonly canChange: boolean
  /** A row was acted on and goes away, and with it the focus. */
  readonly onTaken: () => void
  /** Words that have no place in the queue any more. */
  readonly onGiveBack: (text: string) => void
}

/** Messages that wait for the running turn, in the order they will go. One action at a time; its row is hidden meanwhile. */
export const QueuedMessages = ({ chatId, canChange, onTaken, onGiveBack }: QueuedMessagesProps) => {
  const { queue, busy, promote, remove, setKind, move, rewrite } = useQueue({ chatId, onGiveBack })
  const steers = useStream(({ stream }) => canSteer(stream.status))
  const known = useStream(({ stream }) => stream.status !== undefined)
  const listRef = useRef<HTMLOListElement>(null)
  const [edited, setEdited] = useState<{ readonly message: QueuedMessage; readonly text: string }>()
  const [told, setTold] = useState("")

  // Promoted or deleted while it was being rewritten: the new words are kept.
  const gone = known && edited !== undefined && queue.every(({ id }) => id !== edited.message.id)
  const leave = useEffectEvent(() => {
    if (edited === undefined || edited.text === plainText(edited.message.content)) return
    onGiveBack(edited.text)
    void notifyFailure("The message does not wait any more", "What you wrote is in the message box.")
  })
  useEffect(() => {
    if (gone) leave()
  }, [gone])

  const go = (id: number, to: Move | undefined) => {
    if (to === undefined) return
    move(to)
    setTold(to.before === null ? "Moved to the end." : "Moved.")
    // The row is another element in its new place.
    requestAnimationFrame(() =>
      listRef.current?.querySelector<HTMLElement>(`[data-queued="${id}"] button`)?.focus({ preventScroll: true }),
    )
  }
  const close = (id: number) => {
    setEdited(undefined)
    requestAnimationFrame(() =>
      listRef.current?.querySelector<HTMLElement>(`[data-queued="${id}"] [aria-label=Edit]`)?.focus(),
    )
  }

  if (queue.length === 0) return null
  return (
    <section aria-label="Queued messages" className="max-h-[40vh] overflow-y-auto border-b border-line">
      <p role="status" className="sr-only">
        {told}
      </p>
      <ol ref={listRef} className="divide-y divide-line">
        {queue.map((message) => (
          <QueuedRow
            key={message.id}
            message={message}
            disabled={!canChange || busy}
            canSteer={steers}
            listRef={listRef}
            edit={
              edited?.message.id !== message.id
                ? undefined
                : {
                    text: edited.text,
                    onText: (text) => setEdited({ ...edited, text }),
                    onCancel: () => close(message.id),
                    onSave: () => {
                      if (edited.text.trim() === "") return
                      if (edited.text !== plainText(message.content)) rewrite({ message, text: edited.text })
                      close(message.id)
                    },
                  }
            }
            onEdit={() => setEdited({ message, text: plainText(message.content) })}
            onKind={(kind) => setKind(message.id, kind)}
            onStep={(step) => go(message.id, moveBy(queue, message.id, step))}
            onDrop={(over) => go(message.id, moveTo(queue, message.id, over))}
            onPromote={() => {
              promote(message.id)
              onTaken()
            }}
            onRemove={() => {
              remove(message)
              onTaken()
            }}
          />
        ))}
      </ol>
    </section>
  )
}
