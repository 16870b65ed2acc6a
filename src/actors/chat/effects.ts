import { type Cause, Effect } from "effect"
import type { ChatError } from "../../contract/chat-error.ts"
import { troubleIn } from "../../db/engine/sql-errors.ts"
import { type EffectStep, effectsOf } from "../../machines/chat-state.ts"
import type { EffectInput, EffectName } from "../../machines/chat-setup.ts"
import type { Timings } from "../../settings.ts"
import { stuck } from "../../turn/turn-errors.ts"
import type { LiveChannel } from "../streams/live-channel.ts"
import { tellWait } from "./commit-patience.ts"
import { EffectRestarts } from "./effect-restarts.ts"
import { EffectSlot, type EffectToken, type Fork } from "./effect-slot.ts"
import type { ChatSubscriber, CommittedChat } from "./snapshot.ts"

/** Effects that wait for a time of the row, as long as that is. */
const WAITS: ReadonlyArray<string> = ["backOff", "awaitClientTools"]

/** Carries out what the machine's transitions begin and end, once they are committed. */
export interface EffectSupervisor {
  readonly see: ChatSubscriber
  readonly slot: EffectSlot
  /** Ends the turn when its effect is stuck. */
  readonly endStalled: Effect.Effect<void>
}

export const superviseEffects = ({
  channel,
  endTurn,
  fork,
  now,
  run,
  timings,
}: {
  readonly channel: LiveChannel
  readonly fork: Fork
  readonly timings: Pick<Timings, "effectStallMs" | "toolCallMs">
  readonly now: () => CommittedChat
  readonly run: (token: EffectToken, name: EffectName, input: EffectInput) => Effect.Effect<void>
  /** Ends the turn that the effect belongs to, unless the chat has left it by then. */
  readonly endTurn: (token: EffectToken, error: ChatError) => Effect.Effect<void>
}): EffectSupervisor => {
  const { chatId } = channel
  const restarts = new EffectRestarts(timings.effectStallMs)

  const failed = (token: EffectToken, cause: Cause.Cause<never>) => {
    const trouble = troubleIn(cause)
    const { delayMs, error, failures } = restarts.failed(trouble)
    const again = Effect.sync(() => {
      if (slot.isCurrent(token)) carryOut(effectsOf(now().machine))
    }).pipe(Effect.delay(delayMs))
    if (trouble !== undefined) tellWait(channel, { trouble, tries: failures, delayMs })
    fork(
      Effect.logError(`The ${token.name} effect of chat ${chatId} failed unexpectedly`, cause).pipe(
        Effect.zipRight(error === undefined ? again : endTurn(token, error)),
      ),
    )
  }
  const slot = new EffectSlot(fork, failed)

  const carryOut = (steps: ReadonlyArray<EffectStep>) => {
    for (const step of steps) {
      if (step.type === "stop") slot.stop()
      else slot.start(step.name, (token) => run(token, step.name, step.input))
    }
  }

  const stallLimit = (name: string) =>
    WAITS.includes(name)
      ? Number.POSITIVE_INFINITY
      : timings.effectStallMs + (name === "execute" ? timings.toolCallMs : 0)

  return {
    slot,
    see: ({ change, effects }) => {
      // Attempts do not count: an effect that fails after each of its own would be begun again for ever.
      if (change !== undefined && (change.commit.historyChanged || change.commit.takesSlot !== null)) restarts.forget()
      carryOut(effects)
    },
    endStalled: Effect.suspend(() => {
      const token = slot.stalled(stallLimit)
      if (token === undefined) return Effect.void
      slot.progress()
      // Not waited for: other chats are looked after by the same sweep.
      return Effect.logError(`The ${token.name} effect of chat ${chatId} is stuck and is ended`).pipe(
        Effect.zipRight(Effect.sync(() => void fork(endTurn(token, stuck)))),
      )
    }),
  }
}
