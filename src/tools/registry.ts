import { editFiles } from "./edit-files.ts"
import { execute } from "./execute.ts"
import { processList } from "./process-list.ts"
import { processOutput } from "./process-output.ts"
import { processSignal } from "./process-signal.ts"
import { readFile } from "./read-file.ts"
import type { Tool } from "./tool.ts"
import { writeFile } from "./write-file.ts"

/** The built-in tools, in the order in which a model sees them. */
export const builtInTools: ReadonlyArray<Tool> = [
  readFile,
  writeFile,
  editFiles,
  execute,
  processOutput,
  processList,
  processSignal,
]
