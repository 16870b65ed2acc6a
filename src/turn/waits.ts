import { Effect } from "effect"
import { YIELD_AFTER_MS } from "./limits.ts"
import type { TurnHost } from "./turn-host.ts"

/** Deadlines: effects that wait for a time of the row and then send an event. */

const until = (at: Date) => Effect.sleep(Math.max(0, at.getTime() - Date.now()))

/** A long wait has given its slot away, so it asks for a new one; a short one goes on at once. */
export const backOff = Effect.fn("Turn.backOff")(
  function* (host: TurnHost) {
    const { row } = host.state()
    if (row.retry_state !== null) yield* until(new Date(row.retry_state.retrying_at))
    const long = (row.retry_state?.delay_ms ?? 0) > YIELD_AFTER_MS
    yield* host.send(
      long ? { type: "Yield" } : { type: "RecordGenerationAttempt", modelConfigId: row.last_model_config_id },
    )
  },
  Effect.catchTag("EffectSuperseded", () => Effect.void),
  Effect.asVoid,
)

/** Results of client-executed tools that do not come in time are answered by us. */
export const awaitClientTools = Effect.fn("Turn.awaitClientTools")(
  function* (host: TurnHost) {
    const deadline = host.state().row.requires_action_deadline_at
    if (deadline === null) return
    yield* until(deadline)
    yield* host.send({ type: "CancelRequiresAction", reason: "deadline" })
  },
  Effect.catchTag("EffectSuperseded", () => Effect.void),
  Effect.asVoid,
)
