import { chatSummarized, contextCleared } from "./context-boundary.tsx"
import { editFiles } from "./edit-files.tsx"
import { execute } from "./execute.tsx"
import { generic } from "./generic.tsx"
import { processList } from "./process-list.tsx"
import { processOutput } from "./process-output.tsx"
import { processSignal } from "./process-signal.tsx"
import { readFile } from "./read-file.tsx"
import type { ToolRenderer } from "./tool-call.ts"
import { writeFile } from "./write-file.tsx"

const renderers = new Map<string, ToolRenderer>([
  ["chat_summarized", chatSummarized],
  ["context_cleared", contextCleared],
  ["edit_files", editFiles],
  ["execute", execute],
  ["process_list", processList],
  ["process_output", processOutput],
  ["process_signal", processSignal],
  ["read_file", readFile],
  ["write_file", writeFile],
])

export const rendererOf = (toolName: string): ToolRenderer => renderers.get(toolName) ?? generic
