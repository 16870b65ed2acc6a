import { FilePlus } from "lucide-react"
import { Diff, replacementDiff } from "./diff.tsx"
import { fileName } from "./file-name.ts"
import { textField, type ToolRenderer, wordingFor } from "./tool-call.ts"

export const writeFile: ToolRenderer = {
  Icon: FilePlus,
  title: ({ args, state }) =>
    `${wordingFor(state, { going: "Writing", done: "Wrote", asked: "Write" })} ${fileName(textField(args, "path"))}`,
  hasBody: ({ args, state }) => state !== "failed" && (textField(args, "content") ?? "") !== "",
  Body: ({ call }) => (
    <Diff path={textField(call.args, "path")} diff={replacementDiff("", textField(call.args, "content") ?? "")} />
  ),
}
