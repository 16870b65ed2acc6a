const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const WEEK = 7 * DAY

/** How long ago, in the few letters a list has room for: `now`, `5m`, `3h`, `2d`, then the date. */
export const shortAge = (time: string, now: number): string => {
  const then = Date.parse(time)
  if (Number.isNaN(then)) return ""
  const age = now - then
  if (age < MINUTE) return "now"
  if (age < HOUR) return `${Math.floor(age / MINUTE)}m`
  if (age < DAY) return `${Math.floor(age / HOUR)}h`
  if (age < WEEK) return `${Math.floor(age / DAY)}d`
  const sameYear = new Date(then).getFullYear() === new Date(now).getFullYear()
  return new Date(then).toLocaleDateString(undefined, {
    month: "short",
    day: "numeric",
    ...(sameYear ? {} : { year: "numeric" }),
  })
}

/** A duration as people say it: `340 ms`, `4.2 s`, `3 min 20 s`, `2 h 46 min`. */
export const duration = (ms: number): string => {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  if (ms < MINUTE) return `${Math.round(ms / 1000)} s`
  const minutes = Math.floor(ms / MINUTE)
  if (ms >= HOUR) return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  const seconds = Math.round((ms % MINUTE) / 1000)
  return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`
}

/** `0:07`, `1:12`, `1:02:09`. */
export const clockTime = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (value: number) => String(value).padStart(2, "0")
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`
}

/** The same instant for fractions of any length: nanoseconds since the epoch. */
const instant = (time: string): bigint => {
  const match = /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(time)
  const [, seconds = "", fraction = "", zone = ""] = match ?? []
  const ms = Date.parse(seconds + zone)
  return Number.isNaN(ms) ? 0n : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0").slice(0, 9))
}

/** Whether `a` is strictly before `b`. Servers write fractions of different lengths, so text order is not time order. */
export const isBefore = (a: string, b: string): boolean => instant(a) < instant(b)
