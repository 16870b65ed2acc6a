import { eachAlone } from "./each-alone.ts"

/**
 * How long deltas are gathered before they are sent, for all chats of the process together.
 *
 * On a quiet server that is the shortest time there is. Sending wakes readers, which costs far more than the text does, so
 * when it takes more than its share of the time the pause grows, up to a limit that people do not notice; and all chats are
 * then sent in one go, because a reader that is awake takes the next frame for nothing. The pause grows as well when the process
 * comes late to what was due: others wait for their first word then, which is worth more than the next one of those that have it.
 */

/** Part of the time that sending may take before the pause grows. */
const SHARE = 0.15

/** What was due may come so late before the pause grows. */
const LATE_MS = 8

/** The pause is then so many times what it came too late: one that is seen once has been going on for as long. */
const LATE_PAUSES = 4

/** How long is looked at before the pause changes. */
const WINDOW_MS = 100

/** The pause at most. Text is seen this much later, on a server that is busy enough. */
const LONGEST_MS = 120

export interface Flushable {
  readonly flush: () => void
}

export class FlushPace {
  readonly #shortestMs: number
  readonly #longestMs: number
  readonly #waiting = new Set<Flushable>()
  #pauseMs: number
  #spentMs = 0
  #lateMs = 0
  #windowAt = performance.now()
  #sentAt = 0
  #timer: NodeJS.Timeout | undefined

  constructor(shortestMs: number) {
    this.#shortestMs = shortestMs
    this.#longestMs = Math.max(LONGEST_MS, shortestMs)
    this.#pauseMs = shortestMs
  }

  /** Milliseconds between two frames of one chat. */
  get pauseMs(): number {
    return this.#pauseMs
  }

  /** Sending takes too much of the time: chats are to wait for each other. */
  get crowded(): boolean {
    return this.#pauseMs > this.#shortestMs
  }

  /** Sends with the others, when the pause since the last time is over. */
  join(channel: Flushable): void {
    this.#waiting.add(channel)
    if (this.#timer !== undefined) return
    this.#timer = this.after(this.#sentAt + this.#pauseMs - performance.now(), () => this.#sendAll())
  }

  /** A timer that shows how late the process is. */
  after(ms: number, send: () => void): NodeJS.Timeout {
    const due = performance.now() + Math.max(0, ms)
    return setTimeout(() => {
      this.#late(performance.now() - due)
      send()
    }, ms)
  }

  leave(channel: Flushable): void {
    this.#waiting.delete(channel)
  }

  /** Sending has taken so long. */
  spend(ms: number): void {
    this.#spentMs += ms
    const now = performance.now()
    const elapsed = now - this.#windowAt
    if (elapsed < WINDOW_MS) return
    const excess = Math.max(this.#spentMs / elapsed / SHARE, this.#lateMs / LATE_MS)
    // Never more than twice or half at a time: one long window says little.
    this.#pauseMs = Math.min(
      this.#longestMs,
      Math.max(this.#shortestMs, this.#pauseMs * Math.min(2, Math.max(0.5, excess))),
    )
    this.#spentMs = 0
    this.#lateMs = 0
    this.#windowAt = now
  }

  #late(ms: number): void {
    this.#lateMs = Math.max(this.#lateMs, ms)
    if (ms > LATE_MS) this.#pauseMs = Math.min(this.#longestMs, Math.max(this.#pauseMs, ms * LATE_PAUSES))
  }

  #sendAll(): void {
    this.#timer = undefined
    this.#sentAt = performance.now()
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    eachAlone(waiting, (channel) => channel.flush())
  }
}
