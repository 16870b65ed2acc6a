import { Link } from "@tanstack/react-router"
import { memo } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { chatLine } from "../chats/state-glyph.tsx"
import { proseText } from "../ui/prose-text.ts"

const DAY = 24 * 3_600_000

const timeOf = (time: string, now: number): string => {
  const at = new Date(time)
  return now - at.getTime() < DAY
    ? at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
    : at.toLocaleDateString(undefined, { day: "numeric", month: "short" })
}

interface RestingRowProps {
  readonly chat: Chat
  readonly current: boolean
  readonly now: number
}

/** A chat in which nothing goes on: what its last turn came to, and when. */
export const RestingRow = memo(({ chat, current, now }: RestingRowProps) => (
  <Link
    to="/agents/$chatId"
    params={{ chatId: chat.id }}
    data-card={chat.id}
    tabIndex={current ? 0 : -1}
    className="chat-row relative block rounded-control px-2.5 py-1.5 hover:bg-hover focus-visible:-outline-offset-2"
  >
    {chat.has_unread && (
      <i role="img" aria-label="Unread" className="absolute top-3.25 left-0 size-1.5 rounded-full bg-accent" />
    )}
    <span className="flex items-baseline gap-2">
      <span className={`min-w-0 flex-1 truncate ${chat.has_unread ? "font-semibold" : ""}`}>
        {proseText(chat.title) || "New chat"}
      </span>
      <time dateTime={chat.updated_at} className="shrink-0 text-2xs text-ink-faint">
        {timeOf(chat.updated_at, now)}
      </time>
    </span>
    <span className="block truncate text-2xs text-ink-faint">{proseText(chatLine(chat)) || "Done"}</span>
  </Link>
))
