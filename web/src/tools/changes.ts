import { type DiffLine, parseDiff, replacedLines } from "./diff-lines.ts"
import { listField, textField, type ToolCall } from "./tool-call.ts"

/** What a call changed in one file, or would change. */
export interface FileChange {
  readonly path: string | undefined
  readonly lines: ReadonlyArray<DiffLine>
  readonly added: number
  readonly removed: number
}

const changeOf = (path: string | undefined, lines: ReadonlyArray<DiffLine>): FileChange => ({
  path,
  lines,
  added: lines.filter(({ kind }) => kind === "added").length,
  removed: lines.filter(({ kind }) => kind === "removed").length,
})

const fromArgs = (file: unknown): FileChange =>
  changeOf(
    textField(file, "path"),
    listField(file, "edits").flatMap((edit, index): ReadonlyArray<DiffLine> => {
      const lines = replacedLines(textField(edit, "search") ?? "", textField(edit, "replace") ?? "")
      return index === 0 ? lines : [{ kind: "gap", text: "" }, ...lines]
    }),
  )

/** The workspace's own diffs where it gave them, else what the model asked for. */
const editsOf = ({ args, result }: ToolCall): ReadonlyArray<FileChange> => {
  const served = listField(result, "files").map((file) =>
    changeOf(textField(file, "path"), parseDiff(textField(file, "diff") ?? "")),
  )
  return served.some(({ lines }) => lines.length > 0) ? served : listField(args, "files").map(fromArgs)
}

const writeOf = ({ args }: ToolCall): ReadonlyArray<FileChange> => {
  const content = textField(args, "content") ?? ""
  return content === "" ? [] : [changeOf(textField(args, "path"), replacedLines("", content, 1))]
}

const made = new WeakMap<ToolCall, ReadonlyArray<FileChange>>()

/** The changes of a call of a tool that changes files; none where it failed, for then nothing was changed. */
export const changesOf = (call: ToolCall): ReadonlyArray<FileChange> => {
  if (call.state === "failed") return []
  const held = made.get(call)
  if (held !== undefined) return held
  const changes = call.name === "edit_files" ? editsOf(call) : call.name === "write_file" ? writeOf(call) : []
  made.set(call, changes)
  return changes
}

/** `+12 −4`; undefined for no change. */
export const changeCounts = (changes: ReadonlyArray<FileChange>): string | undefined => {
  if (changes.length === 0) return undefined
  const sum = (field: "added" | "removed") => changes.reduce((total, change) => total + change[field], 0)
  return `+${sum("added")} −${sum("removed")}`
}
