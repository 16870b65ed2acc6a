/** How long a provider wants to be left alone, from where each of them says it: headers, fields of the body, words. */

/** The longest that a timer takes (24 days). A wait above it would not be waited at all. */
const MAX_TIMER_MS = 2_147_483_647
const YEAR_MS = 365 * 24 * 3_600_000
/** What is later is no time that anybody meant. */
const MAX_WAIT_MS = 100 * YEAR_MS

export interface RetryWait {
  /** Whole milliseconds, between 0 and 2^31-1. */
  readonly retryAfterMs: number
  /** The end of the wait, RFC 3339, also of one that is longer. */
  readonly retryAt: string
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 24 * 3_600_000 }
const UNIT = "(?:ms|msecs?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])"
const SPAN = `\\d+(?:\\.\\d+)?\\s*${UNIT}(?:[\\s,]*\\d+(?:\\.\\d+)?\\s*${UNIT})*`
const INSTANT = "\\d{4}-\\d\\d-\\d\\d[t ]\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?(?:z|\\s?utc|[+-]\\d\\d:?\\d\\d)?"
const EPOCH = "1\\d{9}(?:\\d{3})?(?!\\d)"

/** "6m0s", "1h 2 min", "350ms" in milliseconds. */
const spanMs = (text: string): number | undefined => {
  const pieces = [...text.matchAll(new RegExp(`(\\d+(?:\\.\\d+)?)\\s*(${UNIT})`, "g"))]
  if (pieces.length === 0) return undefined
  return pieces.reduce((sum, [, count, unit = ""]) => {
    const name = /^(?:ms|mi?l?l?isec|msec)/.test(unit) ? "ms" : unit.charAt(0)
    return sum + Number(count) * (UNIT_MS[name] ?? 0)
  }, 0)
}

/** A number of seconds; one that is far too large for that is a point of time, in seconds or milliseconds since 1970. */
const numberMs = (value: number, now: number): number | undefined => {
  if (!Number.isFinite(value) || value < 0) return undefined
  if (value >= 1e12) return value - now
  return value >= 1e9 ? value * 1000 - now : value * 1000
}

const instantMs = (text: string, now: number): number | undefined => {
  const instant = Date.parse(text)
  return Number.isNaN(instant) ? undefined : instant - now
}

/** What stands in a header or a field: seconds, a point of time as number, RFC 3339 or HTTP date, or a span with units. */
export const waitOfValue = (value: unknown, now: number): number | undefined => {
  if (typeof value === "number") return numberMs(value, now)
  if (typeof value !== "string") return undefined
  const text = value.trim().toLowerCase()
  if (/^\d+(?:\.\d+)?$/.test(text)) return numberMs(Number(text), now)
  if (new RegExp(`^(?:${SPAN})$`).test(text)) return spanMs(text)
  // A date has letters or dashes between its digits. A negative number would be taken for a year.
  return /^\d{4}-|^[a-z]{3},? /.test(text) ? instantMs(text, now) : undefined
}

/** Fields of error bodies, by their names in small letters without underscores. */
export const WAIT_FIELDS: Readonly<Record<string, "seconds" | "milliseconds">> = {
  retryafter: "seconds",
  retryafterseconds: "seconds",
  retryaftersec: "seconds",
  retryafterms: "milliseconds",
  retrydelay: "seconds",
  retryin: "seconds",
  resetsinseconds: "seconds",
  resetsat: "seconds",
  resetat: "seconds",
  resettime: "seconds",
  estimatedtime: "seconds",
}

/** The wait in a field whose name is one of `WAIT_FIELDS`. */
export const waitOfField = (unit: "seconds" | "milliseconds", value: unknown, now: number): number | undefined =>
  unit === "milliseconds" && typeof value === "number" && value < 1e9
    ? numberMs(value / 1000, now)
    : waitOfValue(value, now)

const CUE = "(?:try|retry|wait|available|again|resets?|limit reached)"
const IN_WORDS = new RegExp(`\\b${CUE}\\b[^.\\d]{0,40}?(?:(${SPAN})|(${INSTANT})|(${EPOCH}))`)

/** "Please try again in 14m24s", "retry after 7 seconds", "resets at 2026-06-01T00:00:00Z". `text` is in small letters. */
export const waitInWords = (text: string, now: number): number | undefined => {
  const [, span, instant, epoch] = IN_WORDS.exec(text) ?? []
  if (span !== undefined) return spanMs(span)
  if (instant !== undefined) return instantMs(/(?:z|utc|[+-]\d\d:?\d\d)$/.test(instant) ? instant : `${instant}z`, now)
  return epoch === undefined ? undefined : numberMs(Number(epoch), now)
}

type HeaderMap = ReadonlyMap<string, string>

export const headersOf = (headers: unknown): HeaderMap => {
  if (headers instanceof Headers) return new Map(headers)
  if (typeof headers !== "object" || headers === null) return new Map()
  return new Map(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" ? [[name.toLowerCase(), String(value)]] : [],
    ),
  )
}

/** Retry-After and its variant in milliseconds, which is the more exact one. */
export const waitInHeaders = (headers: HeaderMap, now: number): number | undefined => {
  const inMs = headers.get("retry-after-ms")?.trim() ?? ""
  if (/^\d+(?:\.\d+)?$/.test(inMs)) return Number(inMs)
  return waitOfValue(headers.get("retry-after"), now)
}

const RESET_HEADER = /^(?:x-|anthropic-)?rate-?limit.*reset|^rate-?limit-reset/

/** When the limits that are used up are there again. These headers come with every answer, so others of them say nothing. */
export const waitForLimits = (headers: HeaderMap, now: number): number | undefined => {
  const waits = [...headers].flatMap(([name, value]) => {
    if (!RESET_HEADER.test(name)) return []
    const left = headers.get(name.replace("reset", "remaining"))
    return left === undefined || Number(left) <= 0 ? (waitOfValue(value, now) ?? []) : []
  })
  return waits.length === 0 ? undefined : Math.max(...waits)
}

/** The longest of the waits that were found, in the form that is handed on; undefined when there is none. */
export const retryWait = (waits: ReadonlyArray<number | undefined>, now: number): RetryWait | undefined => {
  const found = waits.filter((wait) => wait !== undefined).filter((wait) => wait <= MAX_WAIT_MS)
  if (found.length === 0) return undefined
  const wait = Math.ceil(Math.max(0, ...found))
  return { retryAfterMs: Math.min(wait, MAX_TIMER_MS), retryAt: new Date(now + wait).toISOString() }
}
