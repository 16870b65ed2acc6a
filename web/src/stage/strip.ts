import type { StripState } from "../../../src/contract/board.ts"

/** The states of the last ten minutes, to scale. Times in milliseconds. */

export const STRIP_MS = 10 * 60_000

export interface Segment {
  /** The last word of the state's path, which its colour is called by; undefined where nothing is known yet. */
  readonly state: string | undefined
  /** Of the whole strip, in percent. */
  readonly width: number
}

/** What is narrower could not be seen: it goes to the state before it. */
const LEAST_PERCENT = 0.4

const stateName = (activity: string): string =>
  activity
    .split(".")
    .at(-1)
    ?.replaceAll(/[^a-z_]/g, "") ?? ""

/** @param now of the clock of whoever looks, which may be behind the server's */
export const segmentsOf = (strip: ReadonlyArray<StripState>, now: number): ReadonlyArray<Segment> => {
  const from = now - STRIP_MS
  const segments: Array<{ state: string | undefined; width: number }> = []
  const add = (state: string | undefined, begin: number, end: number) => {
    const width = ((Math.min(end, now) - Math.max(begin, from)) / STRIP_MS) * 100
    if (width <= 0) return
    const last = segments.at(-1)
    if (last !== undefined && (last.state === state || width < LEAST_PERCENT)) last.width += width
    else segments.push({ state, width })
  }
  const first = strip[0]
  add(undefined, from, first === undefined ? now : Date.parse(first.since))
  for (const [index, { activity, since }] of strip.entries()) {
    const next = strip[index + 1]
    add(stateName(activity), Date.parse(since), next === undefined ? now : Date.parse(next.since))
  }
  return segments
}

/** The strip once the chat has gone into a state; the same where it is in it already. What ended before ten minutes is dropped. */
export const withState = (strip: ReadonlyArray<StripState>, next: StripState): ReadonlyArray<StripState> => {
  const last = strip.at(-1)
  if (last !== undefined && Date.parse(last.since) >= Date.parse(next.since)) return strip
  const from = Date.parse(next.since) - STRIP_MS
  const begins = strip.findLastIndex(({ since }) => Date.parse(since) <= from)
  return [...strip.slice(Math.max(0, begins)), next]
}
