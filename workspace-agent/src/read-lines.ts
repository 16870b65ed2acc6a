import type { FileLines } from "./protocol.ts"
import { Refusal } from "./refusal.ts"
import { readTextFile } from "./text-files.ts"
import type { WorkspacePaths } from "./workspace-paths.ts"

export const readDefaults = { maxLines: 2000, maxLineBytes: 1024, maxResponseBytes: 32_768 } as const

const cutLine = (line: string, maxBytes: number): string => {
  if (line.length * 3 <= maxBytes) return line
  const bytes = Buffer.from(line)
  if (bytes.length <= maxBytes) return line
  let end = maxBytes
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return `${bytes.subarray(0, end).toString("utf8")} …[line cut: ${bytes.length} bytes]`
}

/** Lines without their ends; a final line end starts no further line. */
export const splitLines = (text: string): ReadonlyArray<string> => {
  if (text === "") return []
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === "") lines.pop()
  return lines
}

/**
 * A window of a text file, each line as `number<TAB>text`. `offset` is the first line, counted from 1. A window that does
 * not fit the answer is an error that says how much fits, since a silently shortened one misleads.
 */
export const readFileLines = async (
  paths: WorkspacePaths,
  shown: string,
  window: { offset: number; limit: number },
  limits: { maxLines: number; maxLineBytes: number; maxResponseBytes: number } = readDefaults,
): Promise<FileLines> => {
  const bytes = await readTextFile(paths, shown)
  const lines = splitLines(bytes.toString("utf8"))
  const seen = { file_size: bytes.length, total_lines: lines.length }
  const failure = (error: string): FileLines => ({ success: false, ...seen, lines_read: 0, content: "", error })
  if (window.offset < 1 || window.limit < 1) throw new Refusal(400, "offset and limit must be 1 or more.")
  if (window.offset > Math.max(1, lines.length)) {
    return failure(`offset ${window.offset} is past the end: ${shown} has ${lines.length} lines.`)
  }
  const wanted = lines.slice(window.offset - 1, window.offset - 1 + Math.min(window.limit, limits.maxLines))
  const rows: Array<string> = []
  let size = 0
  for (const [index, line] of wanted.entries()) {
    const row = `${window.offset + index}\t${cutLine(line, limits.maxLineBytes)}`
    size += Buffer.byteLength(row) + 1
    if (size > limits.maxResponseBytes) {
      return failure(
        `These lines are more than ${limits.maxResponseBytes} bytes. Read a smaller window: ` +
          `offset=${window.offset} limit=${rows.length} fits (the file has ${lines.length} lines).`,
      )
    }
    rows.push(row)
  }
  return { success: true, ...seen, lines_read: rows.length, content: rows.join("\n") }
}
