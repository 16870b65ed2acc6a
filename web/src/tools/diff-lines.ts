/** Lines of a change to a file. Numbers are those of the file before and after, where they are known; they count from 1. */
export interface DiffLine {
  /** `gap`: lines between what is shown are left out. */
  readonly kind: "added" | "removed" | "same" | "gap"
  readonly text: string
  readonly before?: number
  readonly after?: number
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/

const linesOf = (text: string): ReadonlyArray<string> => (text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/))

interface Reader {
  readonly lines: Array<DiffLine>
  before: number
  after: number
  /** Lines that the hunk still has; signs outside of hunks are names of files. */
  leftBefore: number
  leftAfter: number
}

const readLine = (reader: Reader, line: string): void => {
  const text = line.slice(1)
  const sign = line.charAt(0)
  if (sign === "+") {
    reader.lines.push({ kind: "added", text, after: reader.after++ })
    reader.leftAfter--
  } else if (sign === "-") {
    reader.lines.push({ kind: "removed", text, before: reader.before++ })
    reader.leftBefore--
  } else if (sign !== "\\") {
    reader.lines.push({ kind: "same", text, before: reader.before++, after: reader.after++ })
    reader.leftBefore--
    reader.leftAfter--
  }
}

/** Reads a unified diff of one file. What is no hunk is left out; a text without hunks is no diff. */
export const parseDiff = (diff: string): ReadonlyArray<DiffLine> => {
  const reader: Reader = { lines: [], before: 0, after: 0, leftBefore: 0, leftAfter: 0 }
  for (const line of linesOf(diff)) {
    const hunk = reader.leftBefore <= 0 && reader.leftAfter <= 0 ? HUNK.exec(line) : null
    if (hunk !== null) {
      if (reader.lines.length > 0) reader.lines.push({ kind: "gap", text: "" })
      reader.before = Number(hunk[1])
      reader.leftBefore = Number(hunk[2] ?? 1)
      reader.after = Number(hunk[3])
      reader.leftAfter = Number(hunk[4] ?? 1)
    } else if (reader.leftBefore > 0 || reader.leftAfter > 0) readLine(reader, line)
  }
  return reader.lines
}

/** Texts with more lines than these multiplied are shown as removed and added as a whole. */
const MAX_COMPARED = 250_000

/** Lengths of the longest common sequences of the ends of both, by row and column. */
const commonLengths = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): ReadonlyArray<Uint32Array> => {
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1))
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      const below = lengths[row + 1]
      const here = lengths[row]
      if (below === undefined || here === undefined) continue
      here[column] =
        before[row] === after[column]
          ? (below[column + 1] ?? 0) + 1
          : Math.max(below[column] ?? 0, here[column + 1] ?? 0)
    }
  }
  return lengths
}

/** The lines of one text that takes the place of another. With `start`, the number of the first line after the change. */
export const replacedLines = (before: string, after: string, start?: number): ReadonlyArray<DiffLine> => {
  const old = linesOf(before)
  const fresh = linesOf(after)
  const number = (index: number) => (start === undefined ? {} : { after: start + index })
  const lines: Array<DiffLine> = []
  let row = 0
  let column = 0
  if (old.length * fresh.length <= MAX_COMPARED) {
    const lengths = commonLengths(old, fresh)
    while (row < old.length && column < fresh.length) {
      const [removed = "", added = ""] = [old[row], fresh[column]]
      if (removed === added) {
        lines.push({ kind: "same", text: added, ...number(column++) })
        row++
      } else if ((lengths[row + 1]?.[column] ?? 0) >= (lengths[row]?.[column + 1] ?? 0)) {
        lines.push({ kind: "removed", text: removed })
        row++
      } else lines.push({ kind: "added", text: added, ...number(column++) })
    }
  }
  for (const text of old.slice(row)) lines.push({ kind: "removed", text })
  for (const text of fresh.slice(column)) lines.push({ kind: "added", text, ...number(column++) })
  return lines
}
