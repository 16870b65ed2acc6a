import { createHash } from "node:crypto"
import { isIP } from "node:net"

/** At most this many tries in the window that did not end in a sign-in. */
const LIMITS = { address: 30, account: 10, device: 10 }
const WINDOW_MS = 60_000
/** Bounds the memory that strangers can make the server use, for each kind of count. */
const MAX_KEYS = 10_000

export interface LoginTry {
  /** IP address. */
  readonly address: string
  /** The e-mail address that was given, whether or not there is such an account. */
  readonly account: string
  /** The browser, when it has signed in to this account before. */
  readonly device: string | undefined
}

/**
 * Holds up who guesses passwords. Tries count for the address they come from and for the account; those of a browser that has
 * signed in to the account before count for that browser alone, so that strangers cannot keep its owner out.
 */
export interface LoginLimit {
  /** Counts a try and answers 0, or refuses it and answers the milliseconds until the next may be made. */
  readonly begin: (tried: LoginTry, now: number) => number
  /** A try that ended in a sign-in, or was not made after all, counts no longer. */
  readonly forget: (tried: LoginTry) => void
}

/** Times of tries by key, oldest first, within a sliding window. */
const makeCount = (limit: number) => {
  const times = new Map<string, ReadonlyArray<number>>()
  const dropOldest = (now: number) => {
    for (const [key, tries] of times) if ((tries.at(-1) ?? 0) <= now - WINDOW_MS) times.delete(key)
    // Map keeps the order of insertion, so the first key is the one seen first.
    for (const key of times.keys()) {
      if (times.size < MAX_KEYS) return
      times.delete(key)
    }
  }
  const recent = (key: string, now: number) => (times.get(key) ?? []).filter((time) => time > now - WINDOW_MS)
  return {
    waitOf: (key: string, now: number): number => {
      const tries = recent(key, now)
      return tries.length < limit ? 0 : (tries[0] ?? now) + WINDOW_MS - now
    },
    add: (key: string, now: number): void => {
      if (!times.has(key) && times.size >= MAX_KEYS) dropOldest(now)
      times.set(key, [...recent(key, now), now])
    },
    takeBack: (key: string): void => {
      const tries = times.get(key)?.slice(0, -1) ?? []
      if (tries.length === 0) times.delete(key)
      else times.set(key, tries)
    },
  }
}

/** An IPv6 host has 2^64 addresses to try from. */
const networkOf = (address: string): string => {
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(address) ?? []
  if (mapped !== undefined || isIP(address) !== 6) return mapped ?? address
  const [before = "", after] = address.replace(/%.*$/, "").split("::")
  const groups = before === "" ? [] : before.split(":")
  const end = after === undefined || after === "" ? [] : after.split(":")
  const missing = Array.from({ length: Math.max(8 - groups.length - end.length, 0) }, () => "0")
  const all = after === undefined ? groups : [...groups, ...missing, ...end]
  return all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")
}

/** What a stranger sends may be long; what is kept of it is not. */
const shortened = (text: string) => createHash("sha256").update(text.toLowerCase()).digest("base64url")

/** Kept in memory: every process counts for itself (docs/adr/0014-login-tries-are-counted-in-memory.md). */
export const makeLoginLimit = (): LoginLimit => {
  const counts = {
    address: makeCount(LIMITS.address),
    account: makeCount(LIMITS.account),
    device: makeCount(LIMITS.device),
  }
  const countsOf = ({ address, account, device }: LoginTry) =>
    device === undefined
      ? [
          { count: counts.address, key: networkOf(address) },
          { count: counts.account, key: shortened(account) },
        ]
      : [{ count: counts.device, key: device }]
  return {
    begin: (tried, now) => {
      const all = countsOf(tried)
      const wait = Math.max(...all.map(({ count, key }) => count.waitOf(key, now)))
      if (wait === 0) for (const { count, key } of all) count.add(key, now)
      return wait
    },
    forget: (tried) => {
      for (const { count, key } of countsOf(tried)) count.takeBack(key)
    },
  }
}
