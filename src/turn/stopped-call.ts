import { Effect } from "effect"
import type { ToolCallRow } from "../db/chats/rows.ts"
import type { ToolContext, ToolOutcome } from "../tools/tool.ts"
import type { Executor } from "../tools/toolbox.ts"

/** What the model is told of a call that a person has stopped while its turn went on. */

/** To end a command takes 4 s at most; a workspace that does not answer is not waited for. */
const LIMIT = "10 seconds"

const NEXT = "Do not repeat it unless you are asked to; go on with what there is."

const outcome = (by: string, words: string, left: object): ToolOutcome => ({
  result: { ...left, success: false, error: `${by} stopped this call ${words} ${NEXT}`, stopped_by: by },
  isError: true,
})

export const stoppedBeforeStart = (by: string): ToolOutcome => outcome(by, "before it ran.", {})

/** Ends what a run of it has begun. */
export const stoppedAtWork = (
  { reads, stop }: Executor,
  call: ToolCallRow,
  context: ToolContext,
  by: string,
): Effect.Effect<ToolOutcome> => {
  if (stop === undefined) {
    const words = reads ? "before it ended." : "before it ended, so it is not known whether it took effect."
    return Effect.succeed(outcome(by, words, {}))
  }
  return stop(call.args, context).pipe(
    Effect.timeoutTo({
      duration: LIMIT,
      onSuccess: (left) => left,
      onTimeout: () => ({ note: "The workspace did not say in time whether it has ended." }),
    }),
    Effect.catchAllDefect((defect) =>
      Effect.as(Effect.logError(`A stopped call of ${call.tool_name} could not be ended`, defect), {
        note: "It could not be ended, and may go on.",
      }),
    ),
    Effect.map((left) => outcome(by, "before it ended.", left)),
  )
}
