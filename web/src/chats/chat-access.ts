import { useInfiniteQuery } from "@tanstack/react-query"
import { sharedChatsQuery } from "../api/queries.ts"
import { useMayChat } from "../auth/may-chat.ts"
import { allChats, type ChatPages } from "./chat-pages.ts"

const hasSome = (pages: ChatPages): boolean => allChats(pages).length > 0

/** What of chats somebody has to do with. Whether others share some is only asked for who starts none. */
export const useChatAccess = (): { readonly mayChat: boolean; readonly readsShared: boolean } => {
  const mayChat = useMayChat()
  const { data } = useInfiniteQuery({ ...sharedChatsQuery, select: hasSome, enabled: !mayChat })
  return { mayChat, readsShared: data === true }
}
