import { FilePlus } from "lucide-react"
import { changeCounts, changesOf } from "./changes.ts"
import { Diff } from "./diff.tsx"
import { fileName } from "./file-name.ts"
import { textField, type ToolCall, type ToolRenderer, wordingFor } from "./tool-call.ts"

const subject = ({ args }: ToolCall): string => fileName(textField(args, "path"))

export const writeFile: ToolRenderer = {
  Icon: FilePlus,
  title: (call) => `${wordingFor(call.state, { going: "Writing", done: "Wrote", asked: "Write" })} ${subject(call)}`,
  object: subject,
  note: (call) => changeCounts(changesOf(call)),
  hasBody: (call) => changesOf(call).length > 0,
  Body: ({ call }) =>
    changesOf(call).map((change, index) => (
      <Diff key={index} change={change} titled={change.path !== fileName(change.path)} />
    )),
}
