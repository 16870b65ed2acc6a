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

/** Cards that change in one frame at most: what comes for fifty chats at once is shown within a fifth of a second. */
const PER_FRAME = 6

/** Passes on what is told, a few with each frame; of a page that nobody sees, at once. */
const paced = (hear: (event: ActivityChangeEvent) => void) => {
  const waiting: Array<ActivityChangeEvent> = []
  let frame: number | undefined
  const some = (count: number) => {
    for (const event of waiting.splice(0, count)) hear(event)
  }
  const next = () => {
    some(PER_FRAME)
    frame = waiting.length > 0 ? requestAnimationFrame(next) : undefined
  }
  return {
    take: (event: ActivityChangeEvent) => {
      waiting.push(event)
      if (document.hidden) some(Number.POSITIVE_INFINITY)
      else frame ??= requestAnimationFrame(next)
    },
    stop: () => {
      if (frame !== undefined) cancelAnimationFrame(frame)
    },
  }
}

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
    const pace = paced((event) => looks.hear(event))
    const socket = openSocket({
      path: () => "/api/v2/chats/watch?activity=1",
      onMessage: (message) => {
        if (isActivityChange(message)) pace.take(message)
      },
      onStatus: ({ state }) => {
        if (state !== "open") return
        // What was read before is older than what is told from now on, and what lies between is told by nobody.
        void queryClient.invalidateQueries({ queryKey: boardQuery.queryKey })
        setListens(true)
      },
      onEnd: () => setListens(true),
    })
    return () => {
      socket.close()
      pace.stop()
    }
  }, [looks, queryClient])
  return { looks, query }
}
