import { Clock, Effect, Schema } from "effect"
import { succeeded } from "./define-tool.ts"
import { durationText } from "./durations.ts"
import { awaitOutput, describeOutput, LONGEST_WAIT_MS } from "./process-results.ts"
import { defineWorkspaceTool } from "./workspace-tool.ts"

const DEFAULT_WAIT_MS = 10_000

const Arguments = Schema.Struct({
  process_id: Schema.String.annotations({ description: "The background_process_id that execute gave." }),
  wait_timeout: Schema.optional(
    durationText(
      'How long to wait for the end, such as "30s"; 10s when absent, "0s" for what there is now, at most 4h.',
    ),
  ),
})

export const processOutput = defineWorkspaceTool({
  name: "process_output",
  description:
    "Waits for a process that execute started and gives its output so far. It does not run anything: calling it again " +
    "goes on waiting for the same process.",
  args: Arguments,
  reads: true,
  replay: "again",
  run: (args, workspace, context) =>
    Effect.gen(function* () {
      const before = yield* Clock.currentTimeMillis
      const waitMs = Math.min(args.wait_timeout ?? DEFAULT_WAIT_MS, LONGEST_WAIT_MS)
      const output = yield* awaitOutput(workspace, context, args.process_id, waitMs)
      const result = describeOutput(output, (yield* Clock.currentTimeMillis) - before)
      if (!output.running) return succeeded(result)
      return succeeded({ ...result, background_process_id: args.process_id, note: "The process is still running." })
    }),
})
