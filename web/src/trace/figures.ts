/** How Trace writes figures: clock times to the millisecond, tokens short, money exact. */

const two = (value: number): string => String(value).padStart(2, "0")

/** `14:07:54.830`, in the time of this browser. */
export const clockMs = (ms: number): string => {
  const at = new Date(ms)
  return Number.isNaN(ms) ? "" : `${clockSeconds(ms)}.${String(at.getMilliseconds()).padStart(3, "0")}`
}

/** `14:07:54` */
export const clockSeconds = (ms: number): string => {
  const at = new Date(ms)
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** `12 Nov`, as this browser's language has it. */
export const dayOf = (ms: number): string =>
  new Date(ms).toLocaleDateString(undefined, { day: "numeric", month: "short" })

/** `214`, `21.0k`, `1.20M` */
export const tokens = (count: number): string => {
  if (count < 1000) return String(count)
  return count < 1_000_000 ? `${(count / 1000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(2)}M`
}

const MOST_DIGITS = 6
const LEAST_DIGITS = 2

/** Millionths as money: never rounded, so `$1.84`, and `$0.001204`. */
export const money = (micros: number): string => {
  const digits = (micros / 1_000_000).toFixed(MOST_DIGITS)
  const trimmed = digits.replace(/0+$/, "")
  const least = digits.length - (MOST_DIGITS - LEAST_DIGITS)
  return `$${trimmed.length < least ? digits.slice(0, least) : trimmed}`
}

export const counted = (count: number, one: string, more = `${one}s`): string =>
  `${count.toLocaleString()} ${count === 1 ? one : more}`
