import { chatSummarized, contextCleared } from "./context-boundary.tsx"
import { editFiles } from "./edit-files.tsx"
import { execute } from "./execute.tsx"
import { connected, generic } from "./generic.tsx"
import { proposePlan } from "./plan.tsx"
import { processList } from "./process-list.tsx"
import { processOutput } from "./process-output.tsx"
import { processSignal } from "./process-signal.tsx"
import { askUserQuestion } from "./questions.tsx"
import { readFile } from "./read-file.tsx"
import type { ToolRenderer } from "./tool-call.ts"
import { webSearch } from "./web-search.tsx"
import { agentTools } from "./work-with-agents.ts"
import { workspaceTools } from "./work-with-workspaces.ts"
import { writeFile } from "./write-file.tsx"

/** A new tool is one line here. Where a verb and a name tell it, `worded` makes its renderer; else it has a file. */
const renderers = new Map<string, ToolRenderer>([
  ["ask_user_question", askUserQuestion],
  ["chat_summarized", chatSummarized],
  ["context_cleared", contextCleared],
  ["edit_files", editFiles],
  ["execute", execute],
  ["process_list", processList],
  ["process_output", processOutput],
  ["process_signal", processSignal],
  ["propose_plan", proposePlan],
  ["read_file", readFile],
  ["web_search", webSearch],
  ["write_file", writeFile],
  ...agentTools,
  ...workspaceTools,
])

/** Tools of connected servers are `server__tool`. */
export const rendererOf = (toolName: string): ToolRenderer =>
  renderers.get(toolName) ?? (toolName.includes("__") ? connected : generic)
