import { SquareTerminal } from "lucide-react"
import { LiveOutput } from "./live-output.tsx"
import { Output } from "./output.tsx"
import { TerminalText } from "./terminal-text.tsx"
import {
  type ToolCall,
  type ToolRenderer,
  fieldOf,
  numberField,
  reportsNoSuccess,
  textField,
  wordingFor,
  writtenOutput,
} from "./tool-call.ts"

const oneLine = (command: string): string => command.trim().split("\n", 1)[0] ?? ""

/** It ran to its end, even where that end is a failure. */
const ran = ({ state, result }: ToolCall): boolean =>
  state === "done" || (state === "failed" && numberField(result, "exit_code") !== undefined)

const verb = (call: ToolCall): string =>
  wordingFor(ran(call) ? "done" : call.state, { going: "Running", done: "Ran", asked: "Run" })

const empty = (call: ToolCall): string => {
  if (ran(call)) return "No output"
  if (call.state === "asked" || call.state === "denied") return "Not run"
  return "No result"
}

const note = ({ result, state }: ToolCall): string | undefined => {
  // How a command ends that somebody stopped is no news.
  if (state === "interrupted") return undefined
  const exit = numberField(result, "exit_code")
  if (textField(result, "background_process_id") !== undefined) {
    return exit === -1 ? "still running after its time limit" : "in the background"
  }
  return exit !== undefined && exit !== 0 ? `exit code ${exit}` : undefined
}

/** What the row cannot show in its one line, and what a person who has to decide reads. */
const WholeCommand = ({ command }: { readonly command: string }) => (
  <span className="whitespace-pre-wrap">
    <span aria-hidden className="text-ink-faint select-none">
      ${" "}
    </span>
    {command}
  </span>
)

const EndedBody = ({ call }: { readonly call: ToolCall }) => {
  const command = textField(call.args, "command") ?? ""
  const output = writtenOutput(call.result)
  const omitted = numberField(fieldOf(call.result, "truncated"), "omitted_bytes")
  const cut = call.state === "asked" || oneLine(command) !== command.trim()
  return (
    <Output label="Output" title={cut && <WholeCommand command={command} />}>
      {output === "" ? <span className="text-ink-faint">{empty(call)}</span> : <TerminalText text={output} />}
      {omitted !== undefined && (
        <span className="text-ink-faint">{`\n(${omitted.toLocaleString()} bytes in the middle left out)`}</span>
      )}
    </Output>
  )
}

const OutputBody = ({ call }: { readonly call: ToolCall }) =>
  call.state === "running" ? <LiveOutput call={call} /> : <EndedBody call={call} />

const commandOf = ({ args }: ToolCall): string | undefined => {
  const command = textField(args, "command")
  return command === undefined ? undefined : oneLine(command)
}

export const execute: ToolRenderer = {
  Icon: SquareTerminal,
  title: (call) => {
    const command = commandOf(call)
    return command === undefined ? "Writing a command" : `${verb(call)} ${command}`
  },
  object: commandOf,
  reportsFailure: reportsNoSuccess,
  note,
  hasBody: ({ args }) => textField(args, "command") !== undefined,
  Body: OutputBody,
  opens: true,
}
