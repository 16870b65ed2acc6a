import { type QueryClient, useQueryClient } from "@tanstack/react-query"
import { useEffect } from "react"
import type { ChatStreamEvent } from "../../../src/contract/stream.ts"
import { chatQuery } from "../api/queries.ts"
import { openSocket } from "../socket/reconnecting-socket.ts"
import type { TraceSource } from "./trace-source.ts"

/** What is known is read anew at most this often, and never for more than a fraction of the time. */
const LEAST_BETWEEN_MS = 300
const SHARE_OF_TIME = 6

const isEvents = (data: unknown): data is ReadonlyArray<ChatStreamEvent> => Array.isArray(data)

/** All that is known of the chat but what it was at a version: that does not change. */
const readAnew = async (queryClient: QueryClient, { chatId, key }: TraceSource): Promise<void> => {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: chatQuery(chatId).queryKey }),
    queryClient.invalidateQueries({
      predicate: ({ queryKey }) => queryKey[0] === "trace" && queryKey[1] === key && queryKey[2] !== "at",
    }),
  ])
}

/**
 * Keeps what Trace knows of a chat in step with it, by a connection of its own, so that a chat that nobody looks into sends
 * nothing. Of what changes only the fact is taken; a chat of many versions is read less often.
 */
export const useFollowedTrace = (source: TraceSource): void => {
  const queryClient = useQueryClient()
  useEffect(() => {
    if (source.kind !== "chat") return undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let next = 0
    const read = async () => {
      const began = performance.now()
      await readAnew(queryClient, source)
      const took = performance.now() - began
      next = performance.now() + Math.max(LEAST_BETWEEN_MS, took * SHARE_OF_TIME)
      timer = undefined
      if (changed) later()
    }
    let changed = false
    const later = () => {
      changed = true
      timer ??= setTimeout(
        () => {
          changed = false
          void read()
        },
        Math.max(0, next - performance.now()),
      )
    }
    let state = ""
    const socket = openSocket({
      path: () => `/api/v2/chats/${source.chatId}/stream?inspect=1&tail=1`,
      onMessage: (data) => {
        if (isEvents(data) && data.some(({ type }) => type === "transition")) later()
      },
      onStatus: (status) => {
        // What was missed; and where it is lost, whether the chat is still there for this reader.
        if (status.state !== state && status.state !== "connecting") later()
        state = status.state
      },
    })
    return () => {
      clearTimeout(timer)
      socket.close()
    }
  }, [queryClient, source])
}
