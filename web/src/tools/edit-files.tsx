import { FilePenLine } from "lucide-react"
import { changeCounts, changesOf } from "./changes.ts"
import { Diff } from "./diff.tsx"
import { fileName } from "./file-name.ts"
import { listField, textField, type ToolCall, type ToolRenderer, wordingFor } from "./tool-call.ts"

const subject = ({ args }: ToolCall): string => {
  const files = listField(args, "files")
  return files.length > 1 ? `${files.length} files` : fileName(textField(files[0], "path"))
}

export const editFiles: ToolRenderer = {
  Icon: FilePenLine,
  title: (call) => `${wordingFor(call.state, { going: "Editing", done: "Edited", asked: "Edit" })} ${subject(call)}`,
  object: subject,
  note: (call) => changeCounts(changesOf(call)),
  hasBody: (call) => changesOf(call).length > 0,
  Body: ({ call }) => {
    const changes = changesOf(call)
    return changes.map((change, index) => (
      <Diff key={index} change={change} titled={changes.length > 1 || change.path !== fileName(change.path)} />
    ))
  },
}
