import { Effect, Either } from "effect"
import type { MessageRow } from "../db/chats/rows.ts"
import { Toolbox } from "../tools/toolbox.ts"
import { compacted } from "./context-boundary.ts"
import { ModelCalls } from "./model-call.ts"
import { buildPrompt } from "./prompt.ts"
import { summarise } from "./summary.ts"
import { chatError, unreadable, unusable } from "./turn-errors.ts"
import type { TurnHost } from "./turn-host.ts"

/** Replaces the history that the model sees by a summary that the model writes. */

/** User messages at the end that no answer follows. They are not summarised: they are still to be answered. */
const unansweredIn = (rows: ReadonlyArray<MessageRow>): ReadonlyArray<MessageRow> => {
  const last = rows.findLastIndex((row) => row.role === "assistant" || row.role === "tool")
  return rows.slice(last + 1).filter((row) => row.role === "user" && !row.compressed)
}

export const compact = Effect.fn("Turn.compact")(
  function* (host: TurnHost) {
    const calls = yield* ModelCalls
    const toolbox = yield* Toolbox
    const { row } = host.state()
    const begun = yield* Effect.either(calls.begin(row))
    if (Either.isLeft(begun)) return yield* host.send({ type: "FinishError", error: unusable(begun.left) })
    const call = begun.right
    const rows = yield* host.transcript
    const unanswered = unansweredIn(rows)
    const startedAt = performance.now()
    const answered = rows.filter((message) => !unanswered.includes(message))
    const { definitions } = yield* toolbox.materialise(row)
    const summary = yield* Effect.either(summarise(call, buildPrompt(answered, call.model), definitions))
    if (Either.isLeft(summary)) return yield* host.send({ type: "FinishError", error: chatError(summary.left) })
    const { usage } = summary.right.reply
    const contextTokens =
      (usage.input_tokens ?? 0) + (usage.cache_read_tokens ?? 0) + (usage.cache_creation_tokens ?? 0)
    const messages = compacted(
      {
        summary: summary.right.text,
        // Also of the tries whose reply was no summary.
        ...call.record,
        contextLimit: call.model.contextLimit,
        contextTokens,
        runtimeMs: Math.round(performance.now() - startedAt),
        unanswered,
      },
      row.snapshot_version,
      new Date().toISOString(),
    )
    return yield* host.send({ type: "CommitCompaction", messages })
  },
  (effect, host) =>
    effect.pipe(
      Effect.catchTag("UnknownContentVersion", (error) => host.send({ type: "FinishError", error: unreadable(error) })),
    ),
  Effect.catchTag("EffectSuperseded", () => Effect.void),
  Effect.asVoid,
)
