import { Wrench } from "lucide-react"
import { JsonBlock } from "./json-block.tsx"
import { textField, type ToolRenderer } from "./tool-call.ts"

const humanised = (name: string): string => {
  const words = name.replaceAll(/[_-]+/g, " ").trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Any tool without a renderer of its own: what went in and what came out. */
export const generic: ToolRenderer = {
  Icon: Wrench,
  title: ({ name, args }) => textField(args, "model_intent") ?? humanised(name),
  hasBody: ({ args, argsText, result }) => args !== undefined || argsText !== "" || result !== undefined,
  Body: ({ call }) => (
    <>
      <JsonBlock label="Input" value={call.args ?? call.argsText} />
      {call.result !== undefined && <JsonBlock label="Output" value={call.result} />}
    </>
  ),
}
