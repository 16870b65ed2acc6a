const FIRST_DELAY_MS = 250
const LONGEST_DELAY_MS = 10_000

export interface SocketStatus {
  readonly state: "connecting" | "open" | "waiting"
  /** Connections in a row that failed or ended. */
  readonly failures: number
  /** When the next try comes, in milliseconds of the epoch. */
  readonly retryAt: number | undefined
}

export interface SocketOptions {
  /** Path and query of the next connection, asked for at each try. */
  readonly path: (failures: number) => string
  readonly onMessage: (data: unknown) => void
  readonly onStatus: (status: SocketStatus) => void
  /** A connection ended, or never came to be. The code says why only where the server did: 1006 is any other end. */
  readonly onEnd?: (code: number) => void
}

export interface ReconnectingSocket {
  /** Ends the present connection and opens the next at once. */
  readonly reconnect: () => void
  readonly close: () => void
}

/** Wait before try number `failures + 1`: 0.25 s, doubling up to 10 s. */
export const delayAfter = (failures: number): number =>
  Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1))

const socketAddress = (path: string): string => {
  const url = new URL(path, location.href)
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:"
  return url.href
}

/** A browser complains of a connection that is closed before it is there. */
const endQuietly = (socket: WebSocket): void => {
  if (socket.readyState === WebSocket.CONNECTING) socket.addEventListener("open", () => socket.close())
  else socket.close()
}

/**
 * A WebSocket of JSON frames from this origin that connects again when it is lost: after a growing wait, and at once when
 * the network or the page comes back. The session cookie is all the authentication it needs.
 */
export const openSocket = (options: SocketOptions): ReconnectingSocket => {
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0

  const drop = () => {
    const ended = socket
    socket = undefined
    clearTimeout(timer)
    timer = undefined
    if (ended !== undefined) endQuietly(ended)
  }

  const wait = () => {
    failures += 1
    const delay = delayAfter(failures)
    options.onStatus({ state: "waiting", failures, retryAt: Date.now() + delay })
    timer = setTimeout(connect, delay)
  }

  const connect = () => {
    drop()
    const current = new WebSocket(socketAddress(options.path(failures)))
    socket = current
    options.onStatus({ state: "connecting", failures, retryAt: undefined })
    current.addEventListener("message", ({ data }) => {
      if (socket !== current || typeof data !== "string") return
      if (failures > 0) {
        failures = 0
        options.onStatus({ state: "open", failures, retryAt: undefined })
      }
      options.onMessage(JSON.parse(data))
    })
    current.addEventListener("open", () => {
      if (socket === current) options.onStatus({ state: "open", failures, retryAt: undefined })
    })
    current.addEventListener("close", ({ code }) => {
      if (socket !== current) return
      socket = undefined
      wait()
      options.onEnd?.(code)
    })
  }

  /** The page is back: do not sit out the wait. */
  const resume = () => {
    if (timer !== undefined && document.visibilityState === "visible") connect()
  }
  window.addEventListener("online", resume)
  document.addEventListener("visibilitychange", resume)
  connect()

  return {
    reconnect: connect,
    close: () => {
      window.removeEventListener("online", resume)
      document.removeEventListener("visibilitychange", resume)
      drop()
    },
  }
}
