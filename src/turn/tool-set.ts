import type { ChatRow } from "../db/chats/rows.ts"
import type { GenerateRequest, ProviderTool, ToolDefinition } from "../providers/provider.ts"
import { builtInTools } from "../tools/registry.ts"
import type { Tool } from "../tools/tool.ts"

/** Tools of a chat in explore mode or of a planning turn: those that look and do not change files. */
const READING = new Set(["read_file", "execute", "process_output"])

type Binding = Pick<ChatRow, "mode" | "turn_plan_mode" | "parent_chat_id" | "dynamic_tools">

/** What the mode of a turn may use, of each kind of tool. Nothing else decides this. */
const allowance = ({ mode, turn_plan_mode, parent_chat_id }: Binding) => {
  const isRoot = parent_chat_id === null
  const onlyReads = mode === "explore" || turn_plan_mode
  return {
    builtIn: (tool: Tool) => !onlyReads || READING.has(tool.name),
    /** Tools that the client declared and executes itself. */
    client: !onlyReads && isRoot,
    /** Tools that the provider executes. A chat that explores for another one may look things up; a plan is made of what is there. */
    provider: !turn_plan_mode && !(mode === "explore" && isRoot),
  }
}

/** The built-in tools of this turn. A call of any other is answered with an error. */
export const activeTools = (row: Binding): ReadonlyArray<Tool> => builtInTools.filter(allowance(row).builtIn)

export const toolByName = (name: string): Tool | undefined => builtInTools.find((tool) => tool.name === name)

/** On a clash of names the built-in tool wins. */
const clientTools = (row: Binding): ChatRow["dynamic_tools"] =>
  allowance(row).client ? row.dynamic_tools.filter((tool) => toolByName(tool.name) === undefined) : []

export const isClientTool = (row: Binding, name: string): boolean => clientTools(row).some((tool) => tool.name === name)

const PROVIDER_TOOLS: ReadonlyArray<ProviderTool> = ["web_search"]

/** What the model is shown, in an order that never changes for a chat: a provider's prompt cache depends on it. */
const toolDefinitions = (row: Binding): ReadonlyArray<ToolDefinition> => [
  ...activeTools(row).map(({ name, description, inputSchema }) => ({ name, description, inputSchema })),
  ...clientTools(row).map((tool) => ({
    name: tool.name,
    description: tool.description ?? "",
    inputSchema: tool.input_schema,
  })),
]

/** The tools of a turn as a request to a provider names them. */
export const requestTools = (row: Binding): Pick<GenerateRequest, "tools" | "providerTools"> => ({
  tools: toolDefinitions(row),
  providerTools: allowance(row).provider ? PROVIDER_TOOLS : [],
})
