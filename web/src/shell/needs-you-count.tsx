import { useInfiniteQuery } from "@tanstack/react-query"
import { chatsQuery } from "../api/queries.ts"
import { allChats, type ChatPages } from "../chats/chat-pages.ts"

const countNeedsYou = (pages: ChatPages): number =>
  allChats(pages).filter((chat) => !chat.archived && chat.status === "requires_action").length

/** How many chats wait for a person, on the corner of the section that lists them. */
export const NeedsYouCount = () => {
  const { data = 0 } = useInfiniteQuery({ ...chatsQuery, select: countNeedsYou })
  if (data === 0) return null
  return (
    <span className="absolute top-0.5 right-3 flex h-4 min-w-4 items-center justify-center rounded-full bg-s-approval px-1 text-2xs font-semibold text-[oklch(0.2_0.03_75)] ring-2 ring-rail">
      {data}
      <span className="sr-only"> {data === 1 ? "chat needs you" : "chats need you"}</span>
    </span>
  )
}
