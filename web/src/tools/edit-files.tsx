import { FilePenLine } from "lucide-react"
import { Diff, replacementDiff } from "./diff.tsx"
import { fileName } from "./file-name.ts"
import { listField, textField, type ToolCall, type ToolRenderer, wordingFor } from "./tool-call.ts"

interface FileDiff {
  readonly path: string | undefined
  readonly diff: string
}

const fromArgs = (file: unknown): FileDiff => ({
  path: textField(file, "path"),
  diff: listField(file, "edits")
    .map((edit) => replacementDiff(textField(edit, "search") ?? "", textField(edit, "replace") ?? ""))
    .join("@@\n"),
})

/** The workspace's own diffs where it gave them, else what the model asked for. */
const diffsOf = ({ args, result }: ToolCall): ReadonlyArray<FileDiff> => {
  const served = listField(result, "files").map((file) => ({
    path: textField(file, "path"),
    diff: textField(file, "diff") ?? "",
  }))
  return served.some(({ diff }) => diff !== "") ? served : listField(args, "files").map(fromArgs)
}

const subject = (call: ToolCall): string => {
  const files = listField(call.args, "files")
  return files.length > 1 ? `${files.length} files` : fileName(textField(files[0], "path"))
}

export const editFiles: ToolRenderer = {
  Icon: FilePenLine,
  title: (call) => `${wordingFor(call.state, { going: "Editing", done: "Edited", asked: "Edit" })} ${subject(call)}`,
  hasBody: (call) => call.state !== "failed" && diffsOf(call).length > 0,
  Body: ({ call }) => diffsOf(call).map(({ path, diff }, index) => <Diff key={index} path={path} diff={diff} />),
}
