import type { ChatSteps } from "../../../../src/contract/steps.ts"
import type { TimeAxis } from "./time-axis.ts"

type StateStep = ChatSteps["states"][number]

/** A stretch of one look. Places are whole pixels. */
export interface Run {
  readonly activity: string
  readonly from: number
  readonly to: number
}

/**
 * The states as stretches of whole pixels, so that a chat of ten thousand states draws no more than the screen has columns. Where
 * several states share a column it shows the one that lasted longest in it.
 */
export const runsOf = (states: ReadonlyArray<StateStep>, axis: TimeAxis, width: number): ReadonlyArray<Run> => {
  const columns = Array.from({ length: width }, () => "")
  const lasted = new Float64Array(width)
  for (const { activity, since, until } of states) {
    const a = axis.place(Date.parse(since)) * width
    const b = until === undefined ? width : axis.place(Date.parse(until)) * width
    for (
      let column = Math.max(0, Math.floor(a));
      column < Math.min(width, Math.ceil(Math.max(b, a + 0.01)));
      column += 1
    ) {
      const share = Math.min(b, column + 1) - Math.max(a, column)
      if (share < (lasted[column] ?? 0)) continue
      lasted[column] = share
      columns[column] = activity
    }
  }
  const runs: Array<Run> = []
  for (const [column, activity] of columns.entries()) {
    const run = runs.at(-1)
    if (run?.activity === activity) runs[runs.length - 1] = { ...run, to: column + 1 }
    else runs.push({ activity, from: column, to: column + 1 })
  }
  return runs.filter(({ activity }) => activity !== "")
}

/** One drawing for each look: all of its stretches, with a hairline between two that touch. */
export const pathsOf = (runs: ReadonlyArray<Run>, height: number): ReadonlyMap<string, string> => {
  const paths = new Map<string, string>()
  for (const { activity, from, to } of runs) {
    const width = to - from > 2 ? to - from - 1 : to - from
    paths.set(activity, `${paths.get(activity) ?? ""}M${from} 0h${width}v${height}h-${width}z`)
  }
  return paths
}
