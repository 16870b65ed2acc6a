import type { Part } from "../../../src/contract/parts.ts"
import { plainText } from "./rows.ts"
import type { TimelineRow } from "./turns.ts"

const LINE_PX = 25
const LINE_CHARACTERS = 88
const TOOL_ROW_PX = 36

const textHeight = (text: string): number => {
  let lines = 0
  for (let from = 0; from <= text.length; lines++) {
    const end = text.indexOf("\n", from)
    const length = (end === -1 ? text.length : end) - from
    lines += Math.max(0, Math.ceil(length / LINE_CHARACTERS) - 1)
    if (end === -1) return (lines + 1) * LINE_PX
    from = end + 1
  }
  return lines * LINE_PX
}

const partHeight = (part: Part): number => {
  if (part.type === "text") return textHeight(part.text) + 8
  return part.type === "tool-result" ? 0 : TOOL_ROW_PX
}

/** About how high a row will be, in pixels, before it was ever drawn. */
export const guessHeight = (row: TimelineRow): number => {
  switch (row.kind) {
    case "prompt":
      return textHeight(plainText(row.message.content)) + 44
    case "agent":
      return (row.message?.content ?? []).slice(row.from, row.to).reduce((sum, part) => sum + partHeight(part), 8)
    case "fold":
    case "attempt":
    case "boundary":
      return 48
    case "end":
      return 56
    default:
      return row satisfies never
  }
}
