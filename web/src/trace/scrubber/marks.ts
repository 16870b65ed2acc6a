import type { ChatSteps } from "../../../../src/contract/steps.ts"
import { isIn, isResting } from "../../chats/status.ts"

/** What stands out in a chat's life: where turns begin, and where something came in between. */

export interface Turn {
  readonly number: number
  readonly version: number
  readonly from: number
  /** When it was at rest again, or the end of what is known. */
  readonly to: number
}

/** From one rest to the next. */
export const turnsOf = ({ states }: ChatSteps, end: number): ReadonlyArray<Turn> => {
  const turns: Array<Turn> = []
  let open: Omit<Turn, "to"> | undefined
  for (const { since, status, version } of states) {
    const time = Date.parse(since)
    if (isResting(status)) {
      if (open !== undefined) turns.push({ ...open, to: time })
      open = undefined
    } else open ??= { number: turns.length + 1, version, from: time }
  }
  if (open !== undefined) turns.push({ ...open, to: Math.max(end, open.from) })
  return turns
}

export type MarkKind = "retry" | "handover" | "approval" | "question" | "failure"

export interface Mark {
  readonly kind: MarkKind
  readonly version: number
  readonly time: number
}

/** Owners that took over while something went on: a chat that rested is given up, and taken again by whoever comes first. */
export const handOversOf = ({
  owners,
  states,
}: ChatSteps): ReadonlyArray<{ readonly version: number; readonly epoch: number; readonly since: string }> => {
  let next = 0
  return owners.slice(1).filter(({ version }) => {
    while ((states[next]?.version ?? Infinity) < version) next += 1
    const before = states[next - 1]
    return before !== undefined && !isResting(before.status)
  })
}

const kindOf = (state: ChatSteps["states"][number]): MarkKind | undefined => {
  if (isIn(state, "requires_action.approval")) return "approval"
  if (state.status === "requires_action") return "question"
  return isIn(state, "error") ? "failure" : undefined
}

export const marksOf = (steps: ChatSteps): ReadonlyArray<Mark> => {
  const marks: Array<Mark> = []
  for (const state of steps.states) {
    const kind = kindOf(state)
    if (kind !== undefined) marks.push({ kind, version: state.version, time: Date.parse(state.since) })
  }
  for (const { end, ended_version, until } of steps.attempts) {
    if (end !== "retried" || ended_version === undefined || until === undefined) continue
    marks.push({ kind: "retry", version: ended_version, time: Date.parse(until) })
  }
  for (const { version, since } of handOversOf(steps))
    marks.push({ kind: "handover", version, time: Date.parse(since) })
  return marks.sort((a, b) => a.version - b.version)
}

export interface PlacedMark extends Mark {
  /** Pixels from the left. */
  readonly x: number
  /** How many of its kind share the place. */
  readonly count: number
  /** There is room for its words. */
  readonly worded: boolean
}

const ICON_PX = 18
/** A mark with its words: "Tried again ×612". */
export const WORDS_PX = 110
/** More than this are no marks any more; each can be reached with the Tab key. */
const MOST_MARKS = 16

const merged = (marks: ReadonlyArray<Mark>, xOf: (mark: Mark) => number, gap: number): ReadonlyArray<PlacedMark> => {
  const placed: Array<PlacedMark> = []
  for (const mark of marks) {
    const x = xOf(mark)
    const before = placed.at(-1)
    if (before !== undefined && x - before.x < gap) {
      const same = before.kind === mark.kind
      // What needs a person, or went wrong, is not hidden by what mended itself.
      const kept = same || (mark.kind !== "retry" && before.kind === "retry") ? mark : before
      placed[placed.length - 1] = { ...before, ...kept, x: before.x, count: same ? before.count + 1 : 1 }
    } else placed.push({ ...mark, x, count: 1, worded: true })
  }
  return placed.length > MOST_MARKS ? merged(marks, xOf, gap * 2) : placed
}

/** Marks that would stand on each other, or would be too many, become one, that leads to the last of them. */
export const placeMarks = (
  marks: ReadonlyArray<Mark>,
  place: (time: number) => number,
  width: number,
): ReadonlyArray<PlacedMark> => {
  if (width === 0) return []
  const placed = merged(marks, ({ time }) => Math.round(place(time) * width), ICON_PX)
  return placed.map((mark, index) => {
    const next = placed[index + 1]?.x
    const before = placed[index - 1]?.x ?? -WORDS_PX
    // The last one is put to the edge with its words, where they stand on nobody else's.
    const atEdge = next === undefined && width - WORDS_PX >= before + WORDS_PX
    return { ...mark, worded: atEdge || (next ?? width) - mark.x >= WORDS_PX }
  })
}
