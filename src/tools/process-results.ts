import { Clock, Effect, Schedule } from "effect"
import type { ProcessOutput, WorkspaceConnection, WorkspaceError } from "../workspaces/workspace.ts"
import { showOutput } from "./live-output.ts"
import type { ToolContext } from "./tool.ts"

/** Waiting for processes and telling the model about them: shared by `execute` and `process_output`. */

export const LONGEST_WAIT_MS = 4 * 3_600_000

const isUnreachable = (error: WorkspaceError) => error.reason === "unreachable"

/** A connection that broke while waiting is given this long to come back. */
const comeback = Schedule.spaced("1 second").pipe(Schedule.upTo("30 seconds"))

/**
 * The output once the process has ended or `waitMs` is over; people see it come meanwhile. When the workspace cannot be reached while waiting, a snapshot
 * is tried for up to 30 s more, and the waiting goes on from there.
 */
export const awaitOutput = Effect.fn("Tools.awaitOutput")(function* (
  workspace: WorkspaceConnection,
  { chatId, show }: Pick<ToolContext, "chatId" | "show">,
  processId: string,
  waitMs: number,
) {
  const deadline = (yield* Clock.currentTimeMillis) + waitMs
  const snapshot = workspace
    .processOutput(chatId, processId, 0)
    .pipe(Effect.retry({ schedule: comeback, while: isUnreachable }))
  const wait: Effect.Effect<ProcessOutput, WorkspaceError> = Effect.gen(function* () {
    const left = Math.max(0, deadline - (yield* Clock.currentTimeMillis))
    const waited = yield* workspace.processOutput(chatId, processId, left).pipe(
      Effect.map((output) => ({ output, over: true })),
      Effect.catchIf(isUnreachable, () => Effect.map(snapshot, (output) => ({ output, over: false }))),
    )
    const late = (yield* Clock.currentTimeMillis) >= deadline
    return waited.over || !waited.output.running || late ? waited.output : yield* wait
  })
  const watched = Effect.zipRight(showOutput(workspace, chatId, processId, show), Effect.never)
  return yield* waitMs === 0 ? wait : Effect.raceFirst(wait, watched)
})

/** `exit_code` is -1 while there is none. A command that failed is a result, not a failed tool call. */
export const describeOutput = (output: ProcessOutput, wallMs: number) => ({
  success: output.running || output.exit_code === 0,
  output: output.output,
  exit_code: output.exit_code ?? -1,
  wall_duration_ms: wallMs,
  ...(output.truncated === undefined ? {} : { truncated: output.truncated }),
})
