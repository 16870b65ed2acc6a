import { useSyncExternalStore } from "react"
import type { SocketStatus } from "./reconnecting-socket.ts"

/**
 * Whether the server can be reached, for the whole app: what the browser says of the network, and how the socket fares that
 * tells of the user's chats.
 */
export type Connectivity =
  | { readonly state: "online" }
  /** The browser has no network. */
  | { readonly state: "offline" }
  /** The server does not answer; `retryAt` is in milliseconds of the epoch. */
  | { readonly state: "unreachable"; readonly retryAt: number | undefined }

/** Lost connections are not shown until this many tries in a row have failed: the first come within a second. */
const SILENT_FAILURES = 2

let socket: SocketStatus | undefined
let current: Connectivity = { state: "online" }
const listeners = new Set<() => void>()

const derive = (): Connectivity => {
  if (!navigator.onLine) return { state: "offline" }
  return socket !== undefined && socket.state !== "open" && socket.failures > SILENT_FAILURES
    ? { state: "unreachable", retryAt: socket.retryAt }
    : { state: "online" }
}

const update = (): void => {
  const next = derive()
  const isSame =
    next.state === current.state &&
    (next.state !== "unreachable" || (current.state === "unreachable" && next.retryAt === current.retryAt))
  if (isSame) return
  current = next
  for (const listener of listeners) listener()
}

/** What became of the socket; undefined when it was closed on purpose. */
export const noteSocket = (status: SocketStatus | undefined): void => {
  socket = status
  update()
}

const subscribe = (listener: () => void) => {
  if (listeners.size === 0) {
    window.addEventListener("online", update)
    window.addEventListener("offline", update)
  }
  listeners.add(listener)
  update()
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    window.removeEventListener("online", update)
    window.removeEventListener("offline", update)
  }
}

export const useConnectivity = (): Connectivity => useSyncExternalStore(subscribe, () => current)
