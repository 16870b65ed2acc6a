import { QUEUE_LIMIT } from "../../src/machines/chat-setup.ts"
import { activityOf, type ChatSnapshot } from "../../src/machines/chat-state.ts"

/** What holds in every state of a chat, whatever has happened to it. */

/** What is wrong with a state of the machine, in words. */
export const wrongWith = (state: ChatSnapshot): string | undefined => {
  const { queue, steer, archived, attempt, steps } = state.context
  const life = activityOf(state.value)
  const resting = life === "waiting" || life === "error"
  if (queue < 0 || queue > QUEUE_LIMIT) return `a queue of ${queue}`
  if (steer < 0 || steer > queue) return `${steer} of ${queue} queued messages steer`
  if (life === "waiting" && queue > 0) return "idle with a queue"
  if (archived && !resting) return `archived and ${life}`
  if (attempt < 0 || steps < 0) return "a negative counter"
  return undefined
}

/** States of the same kind go on alike: what guards read, with a queue that is empty, has one message or several. */
export const kindOf = ({ value, context }: ChatSnapshot): string => {
  const { queue, steer, archived, resume } = context
  const line = `${["empty", "one", "several"][Math.min(queue, 2)] ?? ""}${steer > 0 ? " steering" : ""}`
  return [activityOf(value), value.mode, line, resume, archived ? "archived" : "live"].join(", ")
}

/** Columns of a chat that never go back. */
const COUNTERS = ["snapshot_version", "history_version", "queue_version", "retry_state_version", "owner_epoch"] as const

type Counters = Readonly<Partial<Record<(typeof COUNTERS)[number], unknown>>>

/** Counters that went back. */
export const fallen = (before: Counters, after: Counters): ReadonlyArray<string> =>
  COUNTERS.filter((counter) => Number(after[counter]) < Number(before[counter]))
