import { ScrollText } from "lucide-react"
import { Output } from "./output.tsx"
import { LiveOutput } from "./live-output.tsx"
import { TerminalText } from "./terminal-text.tsx"
import { numberField, reportsNoSuccess, textField, type ToolRenderer, wordingFor, writtenOutput } from "./tool-call.ts"

export const processOutput: ToolRenderer = {
  Icon: ScrollText,
  title: ({ state }) =>
    wordingFor(state, {
      going: "Waiting for a process",
      done: "Read the output of a process",
      asked: "Read the output of a process",
    }),
  reportsFailure: reportsNoSuccess,
  note: ({ result }) => {
    const exit = numberField(result, "exit_code")
    if (result === undefined) return undefined
    return exit === undefined || exit === -1 ? "still running" : `exit code ${exit}`
  },
  hasBody: ({ result, state }) => state === "running" || textField(result, "output") !== undefined,
  Body: ({ call }) => {
    if (call.state === "running") return <LiveOutput call={call} />
    const output = writtenOutput(call.result)
    return (
      <Output label="Output" title={textField(call.args, "process_id")}>
        {output === "" ? <span className="text-ink-faint">No output</span> : <TerminalText text={output} />}
      </Output>
    )
  },
  opens: true,
}
