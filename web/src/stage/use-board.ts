import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useEffect, useState } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import type { ActivityChangeEvent } from "../../../src/contract/stream.ts"
import { boardQuery } from "../chats/board-query.ts"
import { columnOf } from "../chats/status.ts"
import { openSocket } from "../socket/reconnecting-socket.ts"
import { Looks } from "./looks.ts"

const isActivityChange = (data: unknown): data is ActivityChangeEvent =>
  typeof data === "object" && data !== null && "kind" in data && data.kind === "activity_change"

/** Nobody tells those who wait that somebody before them has left the line. */
const LINE_REFRESH_MS = 10_000

const isQueued = (chat: Chat): boolean => columnOf(chat) === "queued"

/** The chats of the board, and what their cards show, live while the calling component is shown. */
export const useBoard = () => {
  const queryClient = useQueryClient()
  const [looks] = useState(() => new Looks())
  // What is read once the news are listened to is the whole truth.
  const [listens, setListens] = useState(false)
  const query = useQuery({
    ...boardQuery,
    enabled: listens,
    refetchInterval: ({ state }) => state.data?.some(isQueued) === true && LINE_REFRESH_MS,
  })
  const { data } = query
  useEffect(() => looks.read(data ?? []), [data, looks])
  useEffect(() => {
    let lost = false
    const socket = openSocket({
      path: () => "/api/v2/chats/watch?activity=1",
      onMessage: (message) => {
        if (isActivityChange(message)) looks.hear(message)
      },
      onStatus: ({ state }) => {
        if (state !== "open") return
        setListens(true)
        if (lost) void queryClient.invalidateQueries({ queryKey: boardQuery.queryKey })
        lost = false
      },
      onEnd: () => {
        setListens(true)
        lost = true
      },
    })
    return () => socket.close()
  }, [looks, queryClient])
  return { looks, query }
}
