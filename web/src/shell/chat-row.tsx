import { Link } from "@tanstack/react-router"
import { CircleCheck, CircleDashed, CirclePause, LoaderCircle, type LucideIcon, TriangleAlert } from "lucide-react"
import type { Chat, ChatStatus } from "../../../src/contract/chats.ts"
import { shortAge } from "../chats/time.ts"
import { ChatMenu } from "./chat-menu.tsx"

const looks: Record<ChatStatus, { readonly Icon: LucideIcon; readonly label: string; readonly look: string }> = {
  waiting: { Icon: CircleCheck, label: "Idle", look: "text-ink-faint" },
  pending: { Icon: CircleDashed, label: "Waiting to start", look: "text-ink-faint" },
  running: { Icon: LoaderCircle, label: "Running", look: "spin text-accent" },
  requires_action: { Icon: CirclePause, label: "Needs you", look: "text-warning" },
  error: { Icon: TriangleAlert, label: "Failed", look: "text-danger" },
}

/** What stands at the right end makes room for the menu: on touch screens it stands beside it. */
const yieldsToMenu =
  "group-focus-within/row:invisible group-hover/row:invisible group-has-data-[state=open]/row:invisible"

interface ChatRowProps {
  readonly chat: Chat
  readonly unread: boolean
  /** Milliseconds of the epoch that the age is counted to. */
  readonly now: number
  /** Place of the next pin. */
  readonly nextPin: number
}

/** A chat in the sidebar: status, title, age, and one line of why it failed. */
export const ChatRow = ({ chat, unread, now, nextPin }: ChatRowProps) => {
  const { Icon, label, look } = looks[chat.status]
  const failure = chat.status === "error" ? chat.last_error?.message : undefined
  return (
    <div className="group/row relative">
      <Link
        to="/agents/$chatId"
        params={{ chatId: chat.id }}
        className="flex items-start gap-2.5 rounded-control px-2.5 py-2 text-ink-soft [@media(hover:none)]:pr-9 transition-colors hover:bg-hover hover:text-ink aria-[current=page]:bg-selected aria-[current=page]:text-ink"
      >
        <Icon role="img" aria-label={label} className={`mt-0.75 size-4 shrink-0 ${look}`} />
        <span className="min-w-0 flex-1">
          <span className={`block truncate ${unread ? "font-semibold text-ink" : ""}`}>{chat.title || "New chat"}</span>
          {failure !== undefined && <span className="block truncate text-xs text-danger">{failure}</span>}
        </span>
        {unread ? (
          <span className={`mt-1.75 size-2 shrink-0 rounded-full bg-accent ${yieldsToMenu}`}>
            <span className="sr-only">Unread</span>
          </span>
        ) : (
          <time
            dateTime={chat.updated_at}
            className={`mt-px shrink-0 text-xs text-ink-faint tabular-nums ${yieldsToMenu}`}
          >
            {shortAge(chat.updated_at, now)}
          </time>
        )}
      </Link>
      <ChatMenu chat={chat} nextPin={nextPin} />
    </div>
  )
}
