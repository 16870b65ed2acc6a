import { useInfiniteQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { type ReactNode, useMemo } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { chatsQuery } from "../api/queries.ts"
import { allChats } from "../chats/chat-pages.ts"
import { groupChats } from "../chats/groups.ts"
import { useNow } from "../chats/use-now.ts"
import { LoadFailed, LoadingRows } from "../ui/list-states.tsx"
import { useRovingFocus } from "../ui/roving-focus.ts"
import { ArchivedChats } from "./archived-chats.tsx"
import { ChatRow } from "./chat-row.tsx"
import { MoreChats } from "./more-chats.tsx"
import { PinnedChats } from "./pinned-chats.tsx"
import { SharedChats } from "./shared-chats.tsx"

interface SectionProps {
  readonly title: string
  /** How many, as far as is known. */
  readonly count: ReactNode
  readonly children: ReactNode
}

const Section = ({ title, count, children }: SectionProps) => (
  <div role="group" aria-label={title}>
    <h2 className="flex gap-1.5 px-2 pt-3 pb-1 text-xs text-ink-faint">
      {title} <span className="tabular-nums">{count}</span>
    </h2>
    {children}
  </div>
)

interface GroupProps {
  readonly title: string
  readonly chats: ReadonlyArray<Chat>
  /** Not all of them have been read. */
  readonly more?: boolean
  readonly openChatId: string | undefined
  readonly now: number
  readonly pins: number
}

const Group = ({ title, chats, more = false, openChatId, now, pins }: GroupProps) =>
  chats.length === 0 ? null : (
    <Section title={title} count={more ? `${chats.length}+` : chats.length}>
      <ul className="flex flex-col">
        {chats.map((chat) => (
          <li key={chat.id} className="chat-row">
            <ChatRow chat={chat} unread={chat.has_unread && chat.id !== openChatId} now={now} pins={pins} />
          </li>
        ))}
      </ul>
    </Section>
  )

/** The user's chats, live: pinned ones, those that need somebody, those at work, then by day. */
export const ChatList = () => {
  const chats = useInfiniteQuery({ ...chatsQuery, select: allChats })
  const { chatId } = useParams({ strict: false })
  const now = useNow()
  const roving = useRovingFocus<HTMLElement>()
  const groups = useMemo(() => chats.data && groupChats(chats.data, now), [chats.data, now])
  const { pinned = [], needsYou = [], running = [], today = [], earlier = [] } = groups ?? {}
  const none = [pinned, needsYou, running, today, earlier].every(({ length }) => length === 0)
  const group = { openChatId: chatId, now, pins: pinned.length }

  return (
    <nav aria-label="Chats" {...roving} className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
      {chats.isPending && <LoadingRows label="Loading chats" rows={8} rowClass="h-12" />}
      {chats.isError && groups === undefined && (
        <LoadFailed
          title="Chats could not be loaded"
          error={chats.error}
          retrying={chats.isFetching}
          onRetry={() => void chats.refetch()}
        />
      )}
      {groups !== undefined && none && (
        <p className="px-2 py-3 text-sm text-ink-faint">None yet. What you start will be listed here.</p>
      )}
      {pinned.length > 0 && (
        <Section title="Pinned" count={pinned.length}>
          <PinnedChats chats={pinned} openChatId={chatId} now={now} />
        </Section>
      )}
      <Group title="Needs you" chats={needsYou} {...group} />
      <Group title="Running" chats={running} {...group} />
      <Group title="Today" chats={today} more={chats.hasNextPage && earlier.length === 0} {...group} />
      <Group title="Earlier" chats={earlier} more={chats.hasNextPage} {...group} />
      {chats.hasNextPage && (
        <MoreChats
          loading={chats.isFetchingNextPage}
          error={chats.isFetchNextPageError ? chats.error : null}
          onLoad={chats.fetchNextPage}
        />
      )}
      {groups !== undefined && <SharedChats now={now} />}
      {groups !== undefined && <ArchivedChats now={now} pins={pinned.length} />}
    </nav>
  )
}
