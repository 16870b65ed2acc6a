import type { ChatRow } from "../db/chat-rows.ts"
import type { ToolDefinition } from "../providers/provider.ts"
import { builtInTools } from "../tools/registry.ts"
import type { Tool } from "../tools/tool.ts"

/** Tools of a chat in explore mode or of a planning turn: those that look and do not change files. */
const READING = new Set(["read_file", "execute", "process_output"])

type Binding = Pick<ChatRow, "mode" | "turn_plan_mode" | "parent_chat_id" | "dynamic_tools">

const onlyReads = (row: Binding): boolean => row.mode === "explore" || row.turn_plan_mode

/** The built-in tools of this turn. A call of any other is answered with an error. */
export const activeTools = (row: Binding): ReadonlyArray<Tool> =>
  onlyReads(row) ? builtInTools.filter((tool) => READING.has(tool.name)) : builtInTools

export const toolByName = (name: string): Tool | undefined => builtInTools.find((tool) => tool.name === name)

/** Tools that the client declared and executes itself. On a clash of names the built-in tool wins. */
const clientTools = (row: Binding): ChatRow["dynamic_tools"] =>
  onlyReads(row) || row.parent_chat_id !== null
    ? []
    : row.dynamic_tools.filter((tool) => toolByName(tool.name) === undefined)

export const isClientTool = (row: Binding, name: string): boolean => clientTools(row).some((tool) => tool.name === name)

/** What the model is shown, in an order that never changes for a chat: a provider's prompt cache depends on it. */
export const toolDefinitions = (row: Binding): ReadonlyArray<ToolDefinition> => [
  ...activeTools(row).map(({ name, description, inputSchema }) => ({ name, description, inputSchema })),
  ...clientTools(row).map((tool) => ({
    name: tool.name,
    description: tool.description ?? "",
    inputSchema: tool.input_schema,
  })),
]
