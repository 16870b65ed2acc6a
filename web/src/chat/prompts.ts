import type { TimelineRow } from "./turns.ts"

type PromptRow = Extract<TimelineRow, { readonly kind: "prompt" }>

const isPrompt = (row: TimelineRow): row is PromptRow => row.kind === "prompt"

const indexOf = (rows: ReadonlyArray<TimelineRow>, key: string | undefined): number =>
  key === undefined ? -1 : rows.findIndex((row) => row.key === key)

/** The prompt that is answered by the first row in view, where it is above the view itself. */
export const promptAt = (rows: ReadonlyArray<TimelineRow>, topRow: string | undefined): PromptRow | undefined => {
  const top = indexOf(rows, topRow)
  const row = rows[top]
  if (row === undefined || row.kind === "prompt" || row.kind === "boundary") return undefined
  return rows.slice(0, top).findLast(isPrompt)
}

/** Key of the prompt before or after the first row in view; undefined where there is none. */
export const promptBeside = (
  rows: ReadonlyArray<TimelineRow>,
  topRow: string | undefined,
  direction: "previous" | "next",
): string | undefined => {
  const top = indexOf(rows, topRow)
  return direction === "previous"
    ? rows.slice(0, Math.max(0, top)).findLast(isPrompt)?.key
    : rows.slice(top + 1).find(isPrompt)?.key
}
