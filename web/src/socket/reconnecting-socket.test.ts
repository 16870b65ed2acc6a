import { afterEach, expect, it, vi } from "vitest"
import { delayAfter, openSocket } from "./reconnecting-socket.ts"

it("waits 0.25 s after the first failure, then twice as long each time, up to 10 s", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 20].map(delayAfter)).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000])
})

/** A socket of a browser, which complains when it is closed before it is open. */
class FakeSocket extends EventTarget {
  static readonly CONNECTING = 0
  static readonly made: Array<FakeSocket> = []
  readyState = FakeSocket.CONNECTING
  complaints = 0

  constructor() {
    super()
    FakeSocket.made.push(this)
  }

  become(state: number, event: string): void {
    this.readyState = state
    this.dispatchEvent(new Event(event))
  }

  close(): void {
    if (this.readyState === FakeSocket.CONNECTING) this.complaints += 1
    this.readyState = 3
  }
}

afterEach(() => {
  vi.unstubAllGlobals()
})

it("a connection that is given up before it is there is closed once it is, without a complaint", () => {
  vi.stubGlobal("WebSocket", FakeSocket)
  vi.stubGlobal("window", new EventTarget())
  vi.stubGlobal("document", new EventTarget())
  vi.stubGlobal("location", { href: "http://127.0.0.1/" })
  const told: Array<string> = []
  const socket = openSocket({ path: () => "/x", onMessage: () => undefined, onStatus: ({ state }) => told.push(state) })
  socket.close()
  const [connection] = FakeSocket.made
  connection?.become(1, "open")
  expect([connection?.readyState, connection?.complaints, told]).toEqual([3, 0, ["connecting"]])
})
