import { Effect } from "effect"
import { MAX_RETRY_AFTER_MS } from "./limits.ts"
import type { TurnHost } from "./turn-host.ts"

/** Deadlines: effects that wait for a time of the row and then send an event. */

/** Far below what a timer takes (2^31-1 ms), whatever an older version may have written down. */
const MAX_DEADLINE_MS = 86_400_000

const until = (at: Date, longestMs: number) => Effect.sleep(Math.min(Math.max(0, at.getTime() - Date.now()), longestMs))

/** The wait has given its slot away: the chat goes on when it gets another. */
export const backOff = Effect.fn("Turn.backOff")(
  function* (host: TurnHost) {
    const { row } = host.state()
    if (row.retry_state !== null) yield* until(new Date(row.retry_state.retrying_at), MAX_RETRY_AFTER_MS)
    yield* host.send({ type: "RecordGenerationAttempt", modelConfigId: row.last_model_config_id })
  },
  Effect.catchTag("EffectSuperseded", () => Effect.void),
  Effect.asVoid,
)

/** Results of client-executed tools that do not come in time are answered by us. */
export const awaitClientTools = Effect.fn("Turn.awaitClientTools")(
  function* (host: TurnHost) {
    const deadline = host.state().row.requires_action_deadline_at
    if (deadline === null) return
    yield* until(deadline, MAX_DEADLINE_MS)
    yield* host.send({ type: "CancelRequiresAction", reason: "deadline" })
  },
  Effect.catchTag("EffectSuperseded", () => Effect.void),
  Effect.asVoid,
)
