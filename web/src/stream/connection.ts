import type { ChatStreamEvent } from "../../../src/contract/stream.ts"
import { openSocket } from "../socket/reconnecting-socket.ts"
import type { StreamStore } from "./store.ts"

/** Messages in the first snapshot; older ones are read by page when asked for. */
export const SNAPSHOT_MESSAGES = 50

/** Of the tries to come back, each such one starts over: a server of another version may not take the cursor. */
const STARTS_OVER_EACH = 8

const isEvents = (data: unknown): data is ReadonlyArray<ChatStreamEvent> => Array.isArray(data)

/**
 * Keeps the store in step with the chat's stream until the returned function is called. Goes on from the last cursor
 * after a lost connection, and from nothing when that cannot be. `onLost` is called at each failure: a browser does not say
 * why a connection was refused, and the chat may be gone.
 */
export const followChat = (chatId: string, store: StreamStore, onLost: () => void): (() => void) => {
  let received: Array<ChatStreamEvent> = []
  let flush: ReturnType<typeof setTimeout> | undefined
  /** The next events are a first snapshot. What is shown stays until they come. */
  let fresh = true

  const apply = () => {
    clearTimeout(flush)
    flush = undefined
    if (received.length === 0) return
    store.trigger.events({ events: received, fresh })
    received = []
    fresh = false
  }

  const isBroken = () => store.getSnapshot().context.stream.broken

  const socket = openSocket({
    path: (failures) => {
      apply()
      const { cursor } = store.getSnapshot().context.stream
      fresh = cursor === undefined || isBroken() || (failures > 0 && failures % STARTS_OVER_EACH === 0)
      const query = fresh ? `tail=${SNAPSHOT_MESSAGES}` : `cursor=${encodeURIComponent(cursor ?? "")}`
      return `/api/v2/chats/${chatId}/stream?${query}`
    },
    onMessage: (data) => {
      if (!isEvents(data)) return
      received.push(...data)
      flush ??= setTimeout(() => {
        apply()
        if (isBroken()) socket.reconnect()
      }, 0)
    },
    onStatus: (connection) => {
      store.trigger.connection({ connection })
      if (connection.state === "waiting") onLost()
    },
  })

  return () => {
    clearTimeout(flush)
    socket.close()
  }
}
