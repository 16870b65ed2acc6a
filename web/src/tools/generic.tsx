import { Plug, Wrench } from "lucide-react"
import { JsonBlock } from "./json-block.tsx"
import { textField, type ToolCall, type ToolRenderer } from "./tool-call.ts"

const capitalised = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)

/** `create_issue` of `github__create_issue`: tools of other servers carry the server's name in front. */
const ownName = (name: string): string => name.slice(name.lastIndexOf("__") + 1).replace(/^_/, "") || name

const humanised = (name: string): string =>
  capitalised(
    ownName(name)
      .replaceAll(/[_-]+/g, " ")
      .replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, " ")
      .trim(),
  )

/** What the model says it is about to do. While it is still writing, its words are in the text of the arguments. */
const intentOf = ({ args, argsText }: ToolCall): string | undefined => {
  const whole = textField(args, "model_intent")
  if (whole !== undefined) return whole
  const written = /"model_intent"\s*:\s*"((?:[^"\\]|\\.)+)/.exec(argsText)?.[1]
  return written?.replaceAll(/\\(.)/g, "$1")
}

const GenericBody = ({ call }: { readonly call: ToolCall }) => (
  <>
    <JsonBlock label="Input" value={call.args ?? call.argsText} />
    {call.result !== undefined && <JsonBlock label="Output" value={call.result} />}
  </>
)

/** Any tool without a renderer of its own: what went in and what came out. */
export const generic: ToolRenderer = {
  Icon: Wrench,
  title: (call) => capitalised(intentOf(call)?.trim() || humanised(call.name)),
  hasBody: ({ args, argsText, result }) => args !== undefined || argsText !== "" || result !== undefined,
  Body: GenericBody,
}

/** A tool of a connected server. */
export const connected: ToolRenderer = {
  ...generic,
  Icon: Plug,
  note: ({ name }) => name.slice(0, name.lastIndexOf("__")).replaceAll(/[_-]+/g, " ") || undefined,
}
