import { type QueryClient, useQueryClient } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { useEffect, useEffectEvent } from "react"
import type { ChatWatchEvent } from "../../../src/contract/stream.ts"
import { chatQuery, chatsQuery } from "../api/queries.ts"
import { openSocket } from "../socket/reconnecting-socket.ts"
import { mergeChat, mergeChats, mergeChild } from "./merge.ts"

const isWatchEvent = (data: unknown): data is ChatWatchEvent =>
  typeof data === "object" && data !== null && "kind" in data && "chat" in data

/** Writes the event to the list, to the chat, and to the one above it. A read that is under way could be older, so it starts again. */
const writeEvent = (queryClient: QueryClient, event: ChatWatchEvent, openChatId: string | undefined): void => {
  const list = queryClient.getQueryState(chatsQuery.queryKey)
  if (list?.fetchStatus === "fetching") void queryClient.invalidateQueries({ queryKey: chatsQuery.queryKey })
  queryClient.setQueryData(chatsQuery.queryKey, (chats) => chats && mergeChats(chats, event, openChatId))
  queryClient.setQueryData(chatQuery(event.chat.id).queryKey, (chat) => chat && mergeChat(chat, event, openChatId))
  const { parent_chat_id: parent } = event.chat
  if (parent === undefined) return
  queryClient.setQueryData(chatQuery(parent).queryKey, (chat) => chat && mergeChild(chat, event, openChatId))
}

/** Keeps the chats of the signed-in user live while the calling component is shown. */
export const useChatWatch = (): void => {
  const queryClient = useQueryClient()
  const { chatId } = useParams({ strict: false })
  const onEvent = useEffectEvent((event: ChatWatchEvent) => writeEvent(queryClient, event, chatId))

  useEffect(() => {
    const socket = openSocket({
      path: () => "/api/v2/chats/watch",
      onMessage: (data) => {
        if (isWatchEvent(data)) onEvent(data)
      },
      onStatus: ({ state }) => {
        // What happened before it was open is in the list only.
        if (state === "open") void queryClient.invalidateQueries({ queryKey: chatsQuery.queryKey })
      },
    })
    return socket.close
  }, [queryClient])
}
