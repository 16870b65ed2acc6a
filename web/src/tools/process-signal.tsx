import { OctagonX } from "lucide-react"
import { JsonBlock } from "./json-block.tsx"
import { isUndone, reportsNoSuccess, textField, type ToolRenderer } from "./tool-call.ts"

export const processSignal: ToolRenderer = {
  Icon: OctagonX,
  title: ({ args, state }) => {
    const kill = textField(args, "signal") === "kill"
    if (isUndone(state)) return kill ? "Killing a process" : "Ending a process"
    return kill ? "Killed a process" : "Asked a process to end"
  },
  reportsFailure: reportsNoSuccess,
  hasBody: ({ result }) => result !== undefined,
  Body: ({ call }) => <JsonBlock label="Result" value={call.result} />,
}
