import { useInfiniteQuery } from "@tanstack/react-query"
import { useEffect, useMemo } from "react"
import { sharedChatsQuery } from "../api/queries.ts"
import { allChats } from "../chats/chat-pages.ts"
import { newestFirst } from "../chats/groups.ts"
import { ownerName } from "../chats/owner.ts"
import { preloadReading } from "../sharing/parts.ts"
import { ChatRow } from "./chat-row.tsx"
import { MoreChats } from "./more-chats.tsx"

/** Chats of others that one was let in to read, the latest first. Where there are none, nothing is said of them. */
export const SharedChats = ({ now }: { readonly now: number }) => {
  const shared = useInfiniteQuery({ ...sharedChatsQuery, select: allChats })
  const chats = useMemo(() => [...(shared.data ?? [])].sort(newestFirst), [shared.data])
  const some = chats.length > 0
  useEffect(() => {
    if (some) preloadReading()
  }, [some])
  if (!some) return null
  return (
    <div role="group" aria-label="Shared with you">
      <h2 className="flex gap-1.5 px-2 pt-3 pb-1 text-xs text-ink-faint">
        Shared with you <span className="tabular-nums">{shared.hasNextPage ? `${chats.length}+` : chats.length}</span>
      </h2>
      <ul className="flex flex-col">
        {chats.map((chat) => (
          <li key={chat.id} className="chat-row">
            <ChatRow chat={chat} owner={ownerName(chat)} unread={false} now={now} pins={0} />
          </li>
        ))}
      </ul>
      {shared.hasNextPage && (
        <MoreChats
          loading={shared.isFetchingNextPage}
          error={shared.isFetchNextPageError ? shared.error : null}
          onLoad={shared.fetchNextPage}
        />
      )}
    </div>
  )
}
