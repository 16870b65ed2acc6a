import type { LoadedChat } from "../db/chat-commit.ts"
import type { ChatRow, QueuedRow } from "../db/chat-rows.ts"
import { type ChatSnapshot, snapshotOf } from "../machines/chat-state.ts"

/** The rows of a chat as a state of the machine. */
export const stateOf = (row: ChatRow, queue: ReadonlyArray<Pick<QueuedRow, "kind">>): ChatSnapshot =>
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

export const machineState = ({ row, queue }: LoadedChat): ChatSnapshot => stateOf(row, queue)
