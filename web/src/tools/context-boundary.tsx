import { Eraser, FoldVertical } from "lucide-react"
import { Markdown } from "../chat/markdown.tsx"
import { fieldOf, numberField, type ToolCall, type ToolRenderer } from "./tool-call.ts"

/** Prose, shown as other answers are. */
const summaryOf = ({ result }: ToolCall): string => {
  const summary = fieldOf(result, "summary")
  return typeof summary === "string" ? summary : ""
}

/** The model goes on from a summary of what is above. */
export const chatSummarized: ToolRenderer = {
  Icon: FoldVertical,
  title: () => "Conversation compacted",
  note: ({ result }) => {
    const tokens = numberField(result, "context_tokens")
    return tokens === undefined ? undefined : `${tokens.toLocaleString("en")} tokens`
  },
  hasBody: (call) => summaryOf(call) !== "",
  Body: ({ call }) => (
    <div className="rounded-card border border-line px-4 py-3">
      <Markdown text={summaryOf(call)} streaming={false} />
    </div>
  ),
}

/** The model does not see what is above. */
export const contextCleared: ToolRenderer = {
  Icon: Eraser,
  title: () => "Context cleared: the model does not see what is above",
  hasBody: () => false,
  Body: () => null,
}
