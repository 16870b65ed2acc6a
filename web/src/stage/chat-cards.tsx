import { useInfiniteQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { chatsQuery } from "../api/queries.ts"
import { allChats } from "../chats/chat-pages.ts"
import { chatLine, StateGlyph } from "../chats/state-glyph.tsx"
import { needsYou } from "../chats/status.ts"
import { shortAge } from "../chats/time.ts"
import { useNow } from "../chats/use-now.ts"
import { LoadFailed, LoadingRows } from "../ui/list-states.tsx"
import { proseText } from "../ui/prose-text.ts"
import { useRovingFocus } from "../ui/roving-focus.ts"

const RECENT = 6

interface CardProps {
  readonly chat: Chat
  readonly now: number
  readonly asks: boolean
}

const Card = ({ chat, now, asks }: CardProps) => (
  <li data-row>
    <Link
      to="/agents/$chatId"
      params={{ chatId: chat.id }}
      data-item
      tabIndex={-1}
      className={`flex items-start gap-2.5 rounded-card border bg-raised px-3 py-2.5 shadow-low transition-colors hover:border-line-strong ${asks ? "border-s-approval/50" : "border-line"}`}
    >
      <StateGlyph chat={chat} className="mt-0.5" />
      <span className="min-w-0 flex-1">
        <span className={`block truncate text-ink ${asks || chat.has_unread ? "font-semibold" : ""}`}>
          {proseText(chat.title) || "New chat"}
        </span>
        <span
          className={`block truncate text-xs ${asks ? "text-s-approval-ink" : chat.status === "error" ? "text-danger" : "text-ink-faint"}`}
        >
          {proseText(chatLine(chat)) || "Done"}
        </span>
      </span>
      <time dateTime={chat.updated_at} className="shrink-0 text-xs text-ink-faint">
        {shortAge(chat.updated_at, now)}
      </time>
    </Link>
  </li>
)

interface CardListProps {
  readonly title: string
  readonly note: ReactNode
  readonly chats: ReadonlyArray<Chat>
  readonly asks?: boolean
}

/** Some chats, each of which leads to it. */
export const CardList = ({ title, note, chats, asks = false }: CardListProps) => {
  const now = useNow()
  const roving = useRovingFocus<HTMLUListElement>()
  if (chats.length === 0) return null
  return (
    <section aria-label={title}>
      <div className="flex items-baseline gap-2 pb-2 text-sm">
        <h2 className="font-semibold">{title}</h2>
        <span className="text-xs text-ink-faint">{note}</span>
      </div>
      <ul {...roving} className="flex flex-col gap-2">
        {chats.map((chat) => (
          <Card key={chat.id} chat={chat} now={now} asks={asks} />
        ))}
      </ul>
    </section>
  )
}

/** The chats that wait for a person, and the newest of the others. */
export const ChatCards = () => {
  const { data, isPending, isError, error, isFetching, refetch } = useInfiniteQuery({ ...chatsQuery, select: allChats })
  if (isPending) return <LoadingRows label="Loading chats" rows={4} rowClass="h-14" />
  if (isError && data === undefined) {
    return (
      <LoadFailed
        title="Your chats could not be loaded"
        error={error}
        retrying={isFetching}
        onRetry={() => void refetch()}
      />
    )
  }
  const shown = data.filter((chat) => !chat.archived)
  const asking = shown.filter(needsYou)
  const others = shown
    .filter((chat) => !needsYou(chat))
    .sort((a, b) => Date.parse(b.updated_at) - Date.parse(a.updated_at))
  return (
    <>
      <CardList title="Needs you" note={asking.length} chats={asking} asks />
      <CardList
        title="Recent"
        note={
          others.length > RECENT && (
            <Link to="/chats" className="underline underline-offset-2 hover:text-ink">
              All chats
            </Link>
          )
        }
        chats={others.slice(0, RECENT)}
      />
    </>
  )
}
