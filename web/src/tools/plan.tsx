import { Map as MapIcon } from "lucide-react"
import { Markdown } from "../chat/markdown.tsx"
import { fileName } from "./file-name.ts"
import { textField, type ToolCall, type ToolRenderer, wordingFor } from "./tool-call.ts"

const planOf = ({ args, result }: ToolCall): string =>
  textField(result, "content") ?? textField(args, "content") ?? textField(args, "plan") ?? ""

const nameOf = ({ args }: ToolCall): string | undefined => {
  const path = textField(args, "path") ?? textField(args, "file_name")
  return path === undefined ? undefined : fileName(path)
}

/** A plan that a person reads before anything of it is done. */
export const proposePlan: ToolRenderer = {
  Icon: MapIcon,
  title: (call) =>
    [
      wordingFor(call.state, { going: "Writing a plan", done: "Proposed a plan", asked: "Propose a plan" }),
      nameOf(call),
    ]
      .filter((word) => word !== undefined)
      .join(" "),
  object: nameOf,
  hasBody: (call) => planOf(call) !== "",
  Body: ({ call }) => (
    <div className="rounded-card border border-line px-4 py-3">
      <Markdown text={planOf(call)} streaming={false} />
    </div>
  ),
  opens: true,
}
