import { useCallback, useEffect, useRef, useState } from "react"

/** Live events of a stream, as many as a person can look at. */

export interface HeardEvent {
  readonly id: number
  /** Milliseconds of the epoch. */
  readonly at: number
  readonly name: string
  /** One line of JSON, cut. */
  readonly text: string
}

export interface Listening {
  readonly state: "idle" | "connecting" | "open" | "ended"
  /** Newest first. */
  readonly events: ReadonlyArray<HeardEvent>
  /** All that came. */
  readonly count: number
  /** Why it ended, as a sentence. */
  readonly ended: string | undefined
}

/** Older ones are forgotten. */
const MOST_EVENTS = 100
const MOST_CHARACTERS = 2000
/** Events come by the hundred a second: the page is told of them at this pace. */
const TELL_MS = 200

const IDLE: Listening = { state: "idle", events: [], count: 0, ended: undefined }

const nameOf = (event: unknown): string => {
  if (typeof event !== "object" || event === null) return "event"
  const { type, kind } = event as { readonly type?: unknown; readonly kind?: unknown }
  return String(type ?? kind ?? "event").slice(0, 60)
}

const cut = (text: string): string =>
  text.length > MOST_CHARACTERS
    ? `${text.slice(0, MOST_CHARACTERS)}… (${text.length.toLocaleString()} characters)`
    : text

/** The events of one frame. */
export const eventsIn = (frame: string): ReadonlyArray<Omit<HeardEvent, "id" | "at">> => {
  try {
    const parsed: unknown = JSON.parse(frame)
    return (Array.isArray(parsed) ? parsed : [parsed]).map((event: unknown) => ({
      name: nameOf(event),
      text: cut(JSON.stringify(event)),
    }))
  } catch {
    return [{ name: "no JSON", text: cut(frame) }]
  }
}

const socketAddress = (address: string): string => {
  const url = new URL(address, location.href)
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:"
  return url.href
}

const REFUSED = "The connection was refused or lost. The answers below say why that may be."

/** Listens to a stream of this server, with the session's cookie, until it is stopped or the page is left. */
export const useListening = () => {
  const [listening, setListening] = useState(IDLE)
  const stopRef = useRef<() => void>(undefined)
  useEffect(() => () => stopRef.current?.(), [])

  const stop = useCallback(() => {
    stopRef.current?.()
    stopRef.current = undefined
    setListening((before) => ({ ...before, state: "idle" }))
  }, [])

  const listen = useCallback((address: string) => {
    stopRef.current?.()
    setListening({ ...IDLE, state: "connecting" })
    const socket = new WebSocket(socketAddress(address))
    let heard: Array<HeardEvent> = []
    let count = 0
    let told = 0
    let stopped = false
    const tell = () => {
      if (count === told) return
      told = count
      const events = heard.toReversed()
      setListening((before) => ({ ...before, events, count }))
    }
    const timer = setInterval(tell, TELL_MS)
    socket.addEventListener("open", () => setListening((before) => ({ ...before, state: "open" })))
    socket.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") return
      const at = Date.now()
      const events = eventsIn(data).map((event) => ({ ...event, id: (count += 1), at }))
      heard = [...heard, ...events].slice(-MOST_EVENTS)
    })
    socket.addEventListener("close", ({ reason }) => {
      clearInterval(timer)
      if (stopped) return
      tell()
      setListening((before) => ({ ...before, state: "ended", ended: reason === "" ? REFUSED : reason }))
    })
    stopRef.current = () => {
      stopped = true
      clearInterval(timer)
      tell()
      // A browser complains of a connection that is closed before it is there.
      if (socket.readyState === WebSocket.CONNECTING) socket.addEventListener("open", () => socket.close())
      else socket.close()
    }
  }, [])

  return { listening, listen, stop }
}
