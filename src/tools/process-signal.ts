import { Effect, Schema } from "effect"
import { succeeded } from "./define-tool.ts"
import { defineWorkspaceTool, identityOf } from "./workspace-tool.ts"

const Arguments = Schema.Struct({
  process_id: Schema.String.annotations({ description: "The id of a running process, from execute or process_list." }),
  signal: Schema.Literal("terminate", "kill").annotations({
    description: "terminate asks the process and its children to end (TERM); kill ends them (KILL).",
  }),
})

export const processSignal = defineWorkspaceTool({
  name: "process_signal",
  description: "Ends a running process of this chat, its children included.",
  args: Arguments,
  reads: false,
  replay: "reattach",
  run: ({ process_id, signal }, workspace, context) =>
    workspace.signalProcess(identityOf(context), process_id, signal).pipe(
      Effect.as(
        succeeded({
          success: true,
          message: `Sent ${signal === "kill" ? "KILL" : "TERM"} to process ${process_id}.`,
        }),
      ),
    ),
})
