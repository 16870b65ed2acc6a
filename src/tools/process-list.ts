import { Effect, Schema } from "effect"
import { succeeded } from "./define-tool.ts"
import { defineWorkspaceTool } from "./workspace-tool.ts"

export const processList = defineWorkspaceTool({
  name: "process_list",
  description:
    "Lists the processes that this chat has started in the workspace: at most 10, running ones first, then the newest.",
  args: Schema.Struct({}).annotations({ jsonSchema: { type: "object", properties: {}, additionalProperties: false } }),
  reads: true,
  // A turn that looks around reads what it has started itself, by its id.
  whileReading: false,
  replay: "again",
  run: (_, workspace, context) =>
    Effect.map(workspace.listProcesses(context.chatId), ({ processes, total }) =>
      succeeded({ processes, ...(total > processes.length ? { total } : {}) }),
    ),
})
