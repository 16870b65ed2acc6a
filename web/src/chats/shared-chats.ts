import { queryOptions, useQuery } from "@tanstack/react-query"
import { call } from "../api/client.ts"
import { useMayChat } from "../auth/may-chat.ts"

/** More are found by their title. */
const MOST = 60

/** The newest of the chats that others share with the person. */
export const sharedChatsQuery = queryOptions({
  queryKey: ["shared-chats"],
  queryFn: ({ signal }) =>
    call("listChats", { query: { limit: MOST, q: "archived:false source:shared_with_me" } }, signal),
  staleTime: 30_000,
})

/** What of chats somebody has to do with. Whether others share some is only asked for who starts none. */
export const useChatAccess = (): { readonly mayChat: boolean; readonly readsShared: boolean } => {
  const mayChat = useMayChat()
  const { data } = useQuery({ ...sharedChatsQuery, enabled: !mayChat })
  return { mayChat, readsShared: data !== undefined && data.length > 0 }
}
