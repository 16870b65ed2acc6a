/**
 * How much of a text that is being written is shown. It comes in bursts; it is shown at an even pace, by the frame, as fast as
 * it comes. What came before `HELD_MS` is always shown, so a page that is slow shows more at once and not later.
 */

/** In about this time what is not shown yet would be. */
const EVEN_MS = 50

/** Text is held back at most so long. With a frame and its rendering it stays within 250 ms. */
const HELD_MS = 90

interface Arrival {
  /** Length of the text once it had come. */
  readonly length: number
  /** In the clock of the frames, milliseconds. */
  readonly at: number
}

export interface Pace {
  readonly shown: number
  /** What is not shown yet, in the order it came. */
  readonly arrivals: ReadonlyArray<Arrival>
  /** Of the last frame. */
  readonly at: number
}

export const paceFrom = (length: number, at: number): Pace => ({ shown: length, arrivals: [], at })

/** The pace once the text has this length. A text that became shorter is another one, and shown as it is. */
export const arrived = (pace: Pace, length: number, at: number): Pace => {
  const last = pace.arrivals.at(-1)?.length ?? pace.shown
  if (length < last) return paceFrom(length, at)
  if (length === last) return pace
  // Nothing was left to show: the time until now was nobody's.
  const since = pace.arrivals.length === 0 ? at : pace.at
  return { ...pace, arrivals: [...pace.arrivals, { length, at }], at: since }
}

/** The pace at the next frame. */
export const nextFrame = ({ shown, arrivals, at: before }: Pace, at: number): Pace => {
  const target = arrivals.at(-1)?.length ?? shown
  const even = shown + Math.ceil((target - shown) * Math.min(1, Math.max(0, at - before) / EVEN_MS))
  const due = arrivals.findLast((arrival) => arrival.at <= at - HELD_MS)?.length ?? 0
  const next = Math.max(even, due)
  return { shown: next, arrivals: arrivals.filter(({ length }) => length > next), at }
}

/** The end of a piece that does not cut a character in two. */
export const wholeCharacters = (text: string, end: number): number => {
  const last = text.charCodeAt(end - 1)
  return end < text.length && last >= 0xd800 && last <= 0xdbff ? end - 1 : end
}
