import type { QueuedMessage } from "../../../../src/contract/chats.ts"
import { plainText } from "../../chat/rows.ts"
import { Tag } from "../../ui/tag.tsx"
import { visibleText } from "../../ui/visible-text.ts"

const kinds: Readonly<Record<QueuedMessage["kind"], string>> = { steer: "Steer", queue: "Queue" }

/** What waited for the turn, in the order it would have gone. */
export const QueueAt = ({ queue }: { readonly queue: ReadonlyArray<QueuedMessage> }) => (
  <section aria-label="Queue" className="max-h-40 shrink-0 overflow-y-auto border-t border-line px-3.5 py-2">
    <p className="text-xs text-ink-faint">
      Queue <span className="tabular-nums">{queue.length}</span>
    </p>
    <ol>
      {queue.map(({ content, id, kind }) => (
        <li key={id} className="flex items-center gap-2 pt-1.5 text-sm">
          <Tag tone={kind === "steer" ? "accent" : "neutral"}>{kinds[kind]}</Tag>
          <span dir="auto" className="truncate">
            {visibleText(plainText(content)) || "Attachment"}
          </span>
        </li>
      ))}
    </ol>
  </section>
)
