import type { ChatRow, QueuedRow } from "../../db/chats/rows.ts"
import { type ChatSnapshot, snapshotOf } from "../../machines/chat-state.ts"
import { isActivity } from "../../machines/chat-validity.ts"

/**
 * The rows of a chat as a state of the machine. A state that the machine does not have stands for `error`, to which a repair
 * brings it; a chat in one has no actor.
 */
export const machineState = ({
  row,
  queue,
}: {
  readonly row: ChatRow
  readonly queue: ReadonlyArray<Pick<QueuedRow, "kind">>
}): ChatSnapshot =>
  snapshotOf({
    activity: isActivity(row.activity) ? row.activity : "error",
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
const needsOwner = new Set(["pending", "running", "requires_action"])
export const hasWork = ({ status }: ChatRow): boolean => needsOwner.has(status)

/** Holds a slot or waits for one. Who sits in a back-off does neither. */
export const wantsSlot = ({ status, activity }: ChatRow): boolean =>
  status === "pending" || (status === "running" && activity !== "running.backing_off")
