import { Effect, Schema } from "effect"
import { defineTool, succeeded } from "./define-tool.ts"

export const processList = defineTool({
  name: "process_list",
  description:
    "Lists the processes that this chat has started in the workspace: at most 10, running ones first, then the newest.",
  args: Schema.Struct({}).annotations({ jsonSchema: { type: "object", properties: {}, additionalProperties: false } }),
  replay: "read-only",
  run: (_, workspace, context) =>
    Effect.map(workspace.listProcesses(context.chatId), ({ processes, total }) =>
      succeeded({ processes, ...(total > processes.length ? { total } : {}) }),
    ),
})
