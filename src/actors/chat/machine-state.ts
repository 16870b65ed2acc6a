import type { ChatRow, QueuedRow } from "../../db/chats/rows.ts"
import { type ChatSnapshot, hasTag, snapshotOf } from "../../machines/chat-state.ts"

/** The rows of a chat as a state of the machine. */
export const machineState = ({
  row,
  queue,
}: {
  readonly row: Pick<
    ChatRow,
    "activity" | "plan_mode" | "mode" | "archived" | "resume" | "generation_attempt" | "turn_steps"
  >
  readonly queue: ReadonlyArray<Pick<QueuedRow, "kind">>
}): ChatSnapshot =>
  snapshotOf({
    activity: row.activity,
    planMode: row.plan_mode,
    mode: row.mode,
    context: {
      queue: queue.length,
      steer: queue.filter((queued) => queued.kind === "steer").length,
      archived: row.archived,
      resume: row.resume,
      attempt: row.generation_attempt,
      steps: row.turn_steps,
    },
  })

/** States that somebody has to look after. */
export const hasWork = ({ activity }: ChatRow): boolean => hasTag(activity, "owned")
