import type { ChatSteps } from "../../../../src/contract/steps.ts"
import { isResting } from "../../chats/status.ts"

/**
 * The chat's life as an axis. It is to scale, with one exception that is marked: a rest that is longer than all the work of the
 * chat would leave no room for the work, and is drawn a tenth as long as the work, with a break in it.
 */

const LEAST_FOLDED_MS = 60_000
const FOLDED_SHARE = 10
const LEAST_SHOWN_MS = 1

/** A piece of the axis. Times are milliseconds of the epoch, places from 0 to 1. */
interface Piece {
  readonly from: number
  readonly to: number
  readonly start: number
  readonly end: number
  readonly folded: boolean
}

export interface TimeAxis {
  readonly from: number
  readonly to: number
  readonly folds: ReadonlyArray<Piece>
  readonly pieces: ReadonlyArray<Piece>
  /** Where a time is; times beyond the ends are at the ends. */
  readonly place: (time: number) => number
  /** Which time is at a place. */
  readonly timeAt: (place: number) => number
}

interface Rest {
  readonly from: number
  readonly to: number
}

/** The last piece that begins at or before a value. */
const pieceAt = (pieces: ReadonlyArray<Piece>, value: number, key: "from" | "start"): Piece | undefined => {
  let low = 0
  let high = pieces.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((pieces[middle]?.[key] ?? 0) <= value) low = middle
    else high = middle - 1
  }
  return pieces[low]
}

const between = (value: number, a: number, b: number): number =>
  b > a ? Math.min(1, Math.max(0, (value - a) / (b - a))) : 0

export const makeAxis = (from: number, until: number, folded: ReadonlyArray<Rest>, foldedMs: number): TimeAxis => {
  const to = Math.max(until, from + LEAST_SHOWN_MS)
  const cuts = folded.flatMap((rest) => {
    const cut = { from: Math.max(from, rest.from), to: Math.min(to, rest.to) }
    return cut.to - cut.from > foldedMs ? [cut] : []
  })
  const hidden = cuts.reduce((sum, cut) => sum + cut.to - cut.from - foldedMs, 0)
  const shown = to - from - hidden
  const pieces: Array<Piece> = []
  let at = 0
  const add = (piece: Rest, length: number, isFolded: boolean) => {
    if (length <= 0) return
    pieces.push({ ...piece, start: at / shown, end: (at + length) / shown, folded: isFolded })
    at += length
  }
  let time = from
  for (const cut of cuts) {
    add({ from: time, to: cut.from }, cut.from - time, false)
    add(cut, foldedMs, true)
    time = cut.to
  }
  add({ from: time, to }, to - time, false)
  return {
    from,
    to,
    pieces,
    folds: pieces.filter((piece) => piece.folded),
    place: (value) => {
      const piece = pieceAt(pieces, value, "from")
      if (piece === undefined) return 0
      return piece.start + between(value, piece.from, piece.to) * (piece.end - piece.start)
    },
    timeAt: (value) => {
      const piece = pieceAt(pieces, value, "start")
      if (piece === undefined) return from
      return piece.from + between(value, piece.start, piece.end) * (piece.to - piece.from)
    },
  }
}

export interface ChatTimes {
  /** Of the first version, and of the last one or now, where something goes on. */
  readonly from: number
  readonly to: number
  /** When a version came; those that are not known are at the nearest end. */
  readonly timeOf: (version: number) => number
}

/** When the chat's versions came. `now` counts only while something goes on. */
export const chatTimes = ({ began, first_version, states, times }: ChatSteps, now: number): ChatTimes => {
  const from = Date.parse(began)
  const last = from + (times.at(-1) ?? 0)
  const rests = isResting(states.at(-1)?.status)
  const timeOf = (version: number) => {
    const place = Math.min(Math.max(version - first_version, 0), times.length - 1)
    return from + (times[place] ?? 0)
  }
  return { from, to: rests ? last : Math.max(last, now), timeOf }
}

/** All of the chat's life, with its long rests folded. */
export const lifeAxis = (steps: ChatSteps, { from, to }: ChatTimes): TimeAxis => {
  const rests = steps.states.flatMap((state) =>
    isResting(state.status)
      ? [{ from: Date.parse(state.since), to: state.until === undefined ? to : Date.parse(state.until) }]
      : [],
  )
  const work = to - from - rests.reduce((sum, rest) => sum + rest.to - rest.from, 0)
  const most = Math.max(LEAST_FOLDED_MS, work)
  return makeAxis(
    from,
    to,
    rests.filter((rest) => rest.to - rest.from > most),
    Math.max(LEAST_FOLDED_MS, work) / FOLDED_SHARE,
  )
}

/** The version that came at a time or, where none did, the nearest to it. */
export const versionAt = ({ began, first_version, times }: ChatSteps, time: number): number => {
  const wanted = time - Date.parse(began)
  let low = 0
  let high = times.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((times[middle] ?? 0) <= wanted) low = middle
    else high = middle - 1
  }
  const before = times[low] ?? 0
  const after = times[low + 1]
  return first_version + (after !== undefined && after - wanted < wanted - before ? low + 1 : low)
}

const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400].map(
  (s) => s * 1000,
)

export interface Tick {
  readonly time: number
  readonly place: number
  /** To the second, where ticks are closer than a minute. */
  readonly precise: boolean
}

/** Round clock times along the axis, at most `most` of them and none closer than that; none within a fold. */
export const ticksOf = (axis: TimeAxis, most: number): ReadonlyArray<Tick> => {
  if (most < 1) return []
  const hidden = axis.folds.reduce((sum, fold) => sum + fold.to - fold.from, 0)
  const share = axis.folds.reduce((sum, fold) => sum + fold.end - fold.start, 0)
  const perTick = (axis.to - axis.from - hidden) / Math.max(0.05, 1 - share) / most
  const step = STEPS_MS.find((candidate) => candidate >= perTick) ?? Math.ceil(perTick / 86_400_000) * 86_400_000
  const zone = new Date(axis.from).getTimezoneOffset() * 60_000
  const ticks: Array<Tick> = []
  for (const piece of axis.pieces) {
    if (piece.folded) continue
    for (let time = Math.ceil((piece.from - zone) / step) * step + zone; time <= piece.to; time += step) {
      const place = axis.place(time)
      const before = ticks.at(-1)
      if (before === undefined || place - before.place >= 0.9 / most)
        ticks.push({ time, place, precise: step < 60_000 })
    }
  }
  return ticks
}
