import { OctagonX } from "lucide-react"
import { JsonBlock } from "./json-block.tsx"
import { reportsNoSuccess, textField, type ToolRenderer, type Wording, wordingFor } from "./tool-call.ts"

const kill: Wording = { going: "Killing a process", done: "Killed a process", asked: "Kill a process" }
const terminate: Wording = { going: "Ending a process", done: "Asked a process to end", asked: "End a process" }

export const processSignal: ToolRenderer = {
  Icon: OctagonX,
  title: ({ args, state }) => wordingFor(state, textField(args, "signal") === "kill" ? kill : terminate),
  reportsFailure: reportsNoSuccess,
  hasBody: ({ result }) => result !== undefined,
  Body: ({ call }) => <JsonBlock label="Result" value={call.result} />,
}
