/** At most this many attempts in the window that did not end in a sign-in. */
const ATTEMPTS = 10
const WINDOW_MS = 60_000
/** Bounds the memory that strangers can make the server use. */
const MAX_KEYS = 10_000

export interface LoginLimit {
  /** Counts an attempt and answers 0, or refuses it and answers the milliseconds until the next may be made. */
  readonly attempt: (key: string, now: number) => number
  /** A sign-in that succeeded starts the count anew. */
  readonly clear: (key: string) => void
}

/** A sliding window of sign-in attempts per key. Kept in memory: every replica counts for itself. */
export const makeLoginLimit = (): LoginLimit => {
  const attempts = new Map<string, Array<number>>()
  const dropOldest = (now: number) => {
    for (const [key, times] of attempts) if ((times.at(-1) ?? 0) <= now - WINDOW_MS) attempts.delete(key)
    // Map keeps the order of insertion, so the first key is the one seen first.
    for (const key of attempts.keys()) {
      if (attempts.size < MAX_KEYS) return
      attempts.delete(key)
    }
  }
  return {
    attempt: (key, now) => {
      const recent = (attempts.get(key) ?? []).filter((time) => time > now - WINDOW_MS)
      const oldest = recent[0]
      if (recent.length >= ATTEMPTS && oldest !== undefined) return oldest + WINDOW_MS - now
      if (!attempts.has(key) && attempts.size >= MAX_KEYS) dropOldest(now)
      attempts.set(key, [...recent, now])
      return 0
    },
    clear: (key) => {
      attempts.delete(key)
    },
  }
}
