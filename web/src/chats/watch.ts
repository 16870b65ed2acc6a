import { type QueryClient, useQueryClient } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { useEffect, useEffectEvent } from "react"
import type { ChatWatchEvent } from "../../../src/contract/stream.ts"
import { archivedChatsQuery, chatQuery, chatsQuery, meQuery, sharedChatsQuery } from "../api/queries.ts"
import { noteSocket } from "../socket/connectivity.ts"
import { openSocket } from "../socket/reconnecting-socket.ts"
import { boardQuery } from "./board-query.ts"
import { changeChats } from "./chat-pages.ts"
import { mergeArchived, mergeChat, mergeChats, mergeChild, mergeShared } from "./merge.ts"
import { watchOpened } from "./watch-opened.ts"

const isWatchEvent = (data: unknown): data is ChatWatchEvent =>
  typeof data === "object" && data !== null && "kind" in data && "chat" in data

/** Writes events to the list and to the chats. While the list is read, they wait: what is read may be older than they are. */
const makeWriter = (queryClient: QueryClient, openChat: () => string | undefined) => {
  let waiting: Array<ChatWatchEvent> = []
  const lists = [chatsQuery.queryKey, boardQuery.queryKey, sharedChatsQuery.queryKey]
  const isReading = () => lists.some((key) => queryClient.getQueryState(key)?.fetchStatus === "fetching")

  const isOwn = ({ chat }: ChatWatchEvent): boolean => {
    const me = queryClient.getQueryData(meQuery.queryKey)
    return me === undefined || chat.owner_id === me.id
  }

  /** Of a chat of somebody else. Whether it can be read any more is for the server to say. */
  const writeShared = (events: ReadonlyArray<ChatWatchEvent>) => {
    changeChats(queryClient, sharedChatsQuery.queryKey, (chats) => events.reduce(mergeShared, chats))
    for (const event of events) {
      const { queryKey } = chatQuery(event.chat.id)
      if (event.kind === "deleted") void queryClient.invalidateQueries({ queryKey })
      else queryClient.setQueryData(queryKey, (chat) => chat && mergeChat(chat, event, event.chat.id))
    }
  }

  const writeOwn = (events: ReadonlyArray<ChatWatchEvent>) => {
    changeChats(queryClient, chatsQuery.queryKey, (chats) =>
      events.reduce((held, event) => mergeChats(held, event, openChat()), chats),
    )
    changeChats(queryClient, archivedChatsQuery.queryKey, (chats) => events.reduce(mergeArchived, chats))
    queryClient.setQueryData(
      boardQuery.queryKey,
      (chats) => chats && events.reduce((held, event) => mergeChats(held, event, openChat()), chats),
    )
    for (const event of events) {
      queryClient.setQueryData(chatQuery(event.chat.id).queryKey, (chat) => chat && mergeChat(chat, event, openChat()))
      const { parent_chat_id: parent } = event.chat
      if (parent === undefined) continue
      queryClient.setQueryData(chatQuery(parent).queryKey, (chat) => chat && mergeChild(chat, event, openChat()))
    }
  }
  const flush = () => {
    const events = waiting
    waiting = []
    writeOwn(events.filter(isOwn))
    writeShared(events.filter((event) => !isOwn(event)))
  }

  const stop = queryClient.getQueryCache().subscribe(({ type, query }) => {
    const isList = lists.some(([name]) => query.queryKey[0] === name)
    if (type === "updated" && isList && waiting.length > 0 && !isReading()) flush()
  })
  return {
    onEvent: (event: ChatWatchEvent) => {
      waiting.push(event)
      if (!isReading()) flush()
    },
    stop,
  }
}

/** Keeps the chats of the signed-in user live while the calling component is shown. */
export const useChatWatch = (): void => {
  const queryClient = useQueryClient()
  const { chatId } = useParams({ strict: false })
  const openChat = useEffectEvent(() => chatId)

  useEffect(() => {
    const writer = makeWriter(queryClient, () => openChat())
    let lost = false
    const socket = openSocket({
      path: () => "/api/v2/chats/watch",
      onMessage: (data) => {
        if (isWatchEvent(data)) writer.onEvent(data)
      },
      onStatus: (status) => {
        noteSocket(status)
        if (status.state !== "open") return
        const readEarly = watchOpened()
        // What happened before, or while it was lost, is in the list only.
        if (lost || readEarly) {
          for (const { queryKey } of [chatsQuery, sharedChatsQuery]) void queryClient.invalidateQueries({ queryKey })
        }
        lost = false
      },
      // A browser does not say why a connection was refused: the session may be over.
      onEnd: () => {
        watchOpened()
        if (!lost) void queryClient.invalidateQueries({ queryKey: meQuery.queryKey })
        lost = true
      },
    })
    return () => {
      writer.stop()
      socket.close()
      noteSocket(undefined)
    }
  }, [queryClient])
}
