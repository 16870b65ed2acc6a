import { SquareTerminal } from "lucide-react"
import { Output } from "./output.tsx"
import {
  type ToolCall,
  type ToolRenderer,
  type ToolState,
  fieldOf,
  numberField,
  reportsNoSuccess,
  textField,
} from "./tool-call.ts"

const oneLine = (command: string): string => command.trim().split("\n", 1)[0] ?? ""

const verb: Record<ToolState, string> = {
  writing: "Writing a command",
  asked: "Run",
  running: "Running",
  done: "Ran",
  failed: "Ran",
  denied: "Run",
  interrupted: "Ran",
  stopped: "Ran",
}

const empty = ({ state, result }: ToolCall): string => {
  if (state === "asked" || state === "denied") return "Not run"
  return result === undefined ? "No output yet" : "No output"
}

const note = ({ result }: ToolCall): string | undefined => {
  const exit = numberField(result, "exit_code")
  if (textField(result, "background_process_id") !== undefined) {
    return exit === -1 ? "still running after its time limit" : "in the background"
  }
  return exit !== undefined && exit !== 0 ? `exit code ${exit}` : undefined
}

const OutputBody = ({ call }: { readonly call: ToolCall }) => {
  const command = textField(call.args, "command")
  const output = textField(call.result, "output")
  const omitted = numberField(fieldOf(call.result, "truncated"), "omitted_bytes")
  return (
    <Output
      label="Output"
      title={
        command !== undefined && (
          <span className="whitespace-pre-wrap">
            <span aria-hidden className="text-ink-faint select-none">
              ${" "}
            </span>
            {command}
          </span>
        )
      }
    >
      {output || <span className="text-ink-faint">{empty(call)}</span>}
      {omitted !== undefined && (
        <span className="text-ink-faint">{`\n(${omitted.toLocaleString()} bytes in the middle left out)`}</span>
      )}
    </Output>
  )
}

export const execute: ToolRenderer = {
  Icon: SquareTerminal,
  title: ({ args, state }) => {
    const command = textField(args, "command")
    return command === undefined ? verb.writing : `${verb[state]} ${oneLine(command)}`
  },
  reportsFailure: reportsNoSuccess,
  note,
  hasBody: ({ args }) => textField(args, "command") !== undefined,
  Body: OutputBody,
  opens: true,
}
