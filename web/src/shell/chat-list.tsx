import { useQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { useMemo } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { chatsQuery } from "../api/queries.ts"
import { isBefore } from "../chats/time.ts"
import { useNow } from "../chats/use-now.ts"
import { LoadFailed, LoadingRows } from "../ui/list-states.tsx"
import { useRovingFocus } from "../ui/roving-focus.ts"
import { ChatRow } from "./chat-row.tsx"

const byPinThenTime = (a: Chat, b: Chat): number => {
  if (a.pin_order !== b.pin_order && (a.pin_order > 0 || b.pin_order > 0)) {
    return (a.pin_order || Number.MAX_SAFE_INTEGER) - (b.pin_order || Number.MAX_SAFE_INTEGER)
  }
  if (isBefore(b.updated_at, a.updated_at)) return -1
  return isBefore(a.updated_at, b.updated_at) ? 1 : 0
}

interface SectionProps {
  readonly title: string
  readonly chats: ReadonlyArray<Chat>
  readonly openChatId: string | undefined
  readonly now: number
  readonly nextPin: number
}

const Section = ({ title, chats, openChatId, now, nextPin }: SectionProps) => (
  <section aria-label={title}>
    <h2 className="flex gap-1.5 px-2 pt-3 pb-1 text-xs text-ink-faint">
      {title} <span className="tabular-nums">{chats.length}</span>
    </h2>
    <ul className="flex flex-col">
      {chats.map((chat) => (
        <li key={chat.id}>
          <ChatRow chat={chat} unread={chat.has_unread && chat.id !== openChatId} now={now} nextPin={nextPin} />
        </li>
      ))}
    </ul>
  </section>
)

/** The user's chats, pinned ones first, then newest first, live. */
export const ChatList = () => {
  const chats = useQuery(chatsQuery)
  const { chatId } = useParams({ strict: false })
  const now = useNow()
  const roving = useRovingFocus<HTMLElement>()
  const shown = useMemo(() => chats.data?.filter((chat) => !chat.archived).sort(byPinThenTime), [chats.data])

  const pinned = shown?.filter((chat) => chat.pin_order > 0) ?? []
  const others = shown?.filter((chat) => chat.pin_order === 0) ?? []
  const section = { openChatId: chatId, now, nextPin: (pinned.at(-1)?.pin_order ?? 0) + 1 }

  return (
    <nav aria-label="Chats" {...roving} className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
      {chats.isPending && <LoadingRows label="Loading chats" rows={8} rowClass="h-12" />}
      {chats.isError && shown === undefined && (
        <LoadFailed
          title="Chats could not be loaded"
          error={chats.error}
          retrying={chats.isFetching}
          onRetry={() => void chats.refetch()}
        />
      )}
      {shown?.length === 0 && (
        <p className="px-2 py-3 text-sm text-ink-faint">None yet. What you start will be listed here.</p>
      )}
      {pinned.length > 0 && <Section title="Pinned" chats={pinned} {...section} />}
      {others.length > 0 && <Section title={pinned.length > 0 ? "Others" : "Chats"} chats={others} {...section} />}
    </nav>
  )
}
