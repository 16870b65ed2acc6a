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

/** Key of the prompt before or after a row, from the end without one; undefined where there is none. */
export const promptBeside = (
  rows: ReadonlyArray<TimelineRow>,
  from: string | undefined,
  direction: "previous" | "next",
): string | undefined => {
  const at = indexOf(rows, from)
  if (direction === "previous") return rows.slice(0, at === -1 ? rows.length : at).findLast(isPrompt)?.key
  return at === -1 ? undefined : rows.slice(at + 1).find(isPrompt)?.key
}
