import type { ChatRow } from "../db/chat-rows.ts"
import { builtInTools } from "../tools/registry.ts"
import type { Tool } from "../tools/tool.ts"

/** Tools of a chat in explore mode or of a planning turn: those that look and do not change files. */
const READING = new Set(["read_file", "execute", "process_output"])

/** The tools that the model is shown in this turn. A call of any other is answered with an error. */
export const activeTools = (row: Pick<ChatRow, "mode" | "plan_mode">): ReadonlyArray<Tool> =>
  row.mode === "explore" || row.plan_mode ? builtInTools.filter((tool) => READING.has(tool.name)) : builtInTools

export const toolByName = (name: string): Tool | undefined => builtInTools.find((tool) => tool.name === name)
