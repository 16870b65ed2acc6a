import { Effect, Either, Schedule } from "effect"
import type { MessageRow } from "../db/chat-rows.ts"
import { ProviderError } from "../providers/errors.ts"
import { ModelCatalog, type ResolvedModel } from "../providers/model-access.ts"
import { costMicros } from "../providers/pricing.ts"
import type { GenerateResult, PromptMessage } from "../providers/provider.ts"
import { Providers } from "../providers/registry.ts"
import { Settings } from "../settings.ts"
import { compacted } from "./context-boundary.ts"
import { buildPrompt } from "./prompt.ts"
import { toolDefinitions } from "./tool-set.ts"
import { chatError, unusable } from "./turn-errors.ts"
import type { TurnHost } from "./turn-host.ts"

/** Replaces the history that the model sees by a summary that the model writes. */

const INSTRUCTION = `Summarise this conversation so that you can go on with the work from the summary alone. It replaces the whole history.
Write down, briefly and exactly:
- what the user wants, in their own terms, with every constraint and preference they gave;
- what was done so far, and what came of it; decisions, and why they were taken;
- files, commands, names, numbers and error messages that matter, as they are;
- what is unfinished, and the next step.
Answer with the summary only, and call no tool.`

const ATTEMPTS = 3

/** User messages at the end that no answer follows. They are not summarised: they are still to be answered. */
const unansweredIn = (rows: ReadonlyArray<MessageRow>): ReadonlyArray<MessageRow> => {
  const last = rows.findLastIndex((row) => row.role === "assistant" || row.role === "tool")
  return rows.slice(last + 1).filter((row) => row.role === "user" && !row.compressed)
}

const summaryIn = (reply: GenerateResult): string =>
  reply.parts
    .map((part) => (part.type === "text" ? part.text : ""))
    .join("")
    .trim()

const noSummary = (model: ResolvedModel): ProviderError =>
  new ProviderError({
    operation: "Turn.compact",
    kind: "generic",
    message: `${model.connection.displayName} wrote no summary, so the conversation was left as it is.`,
    retryable: true,
    provider: model.connection.type,
  })

const tooSlow = (model: ResolvedModel): ProviderError =>
  new ProviderError({
    operation: "Turn.compact",
    kind: "timeout",
    message: `${model.connection.displayName} did not finish its summary in time, so the conversation was left as it is.`,
    retryable: true,
    provider: model.connection.type,
  })

const summarise = (host: TurnHost, model: ResolvedModel, rows: ReadonlyArray<MessageRow>) =>
  Effect.gen(function* () {
    const providers = yield* Providers
    const { timings } = yield* Settings
    const prompt = buildPrompt(rows)
    const request: PromptMessage = { role: "user", parts: [{ type: "text", text: INSTRUCTION }] }
    return yield* providers
      .generate(
        {
          connection: model.connection,
          model: model.model,
          config: model.config,
          system: prompt.system,
          messages: [...prompt.messages, request],
          // The same tools as in a step: a provider's cache of the prefix holds only while it is the same.
          tools: toolDefinitions(host.state().row),
          toolChoice: "none",
        },
        () => undefined,
      )
      .pipe(
        Effect.timeoutFail({ duration: timings.compactionMs, onTimeout: () => tooSlow(model) }),
        Effect.filterOrFail(
          (reply) => summaryIn(reply) !== "",
          () => noSummary(model),
        ),
        Effect.retry({
          while: (error) => error.retryable,
          schedule: Schedule.exponential(timings.retryBaseMs).pipe(Schedule.intersect(Schedule.recurs(ATTEMPTS - 1))),
        }),
      )
  })

export const compact = Effect.fn("Turn.compact")(
  function* (host: TurnHost) {
    const catalog = yield* ModelCatalog
    const { row } = host.state()
    const resolved = yield* Effect.either(catalog.resolveOrDefault(row.last_model_config_id, row.owner_id))
    if (Either.isLeft(resolved)) return yield* host.send({ type: "FinishError", error: unusable(resolved.left) })
    const model = resolved.right
    const rows = yield* host.transcript
    const unanswered = unansweredIn(rows)
    const startedAt = performance.now()
    const reply = yield* Effect.either(
      summarise(
        host,
        model,
        rows.filter((message) => !unanswered.includes(message)),
      ),
    )
    if (Either.isLeft(reply)) return yield* host.send({ type: "FinishError", error: chatError(reply.left) })
    const { usage } = reply.right
    const contextTokens =
      (usage.input_tokens ?? 0) + (usage.cache_read_tokens ?? 0) + (usage.cache_creation_tokens ?? 0)
    const messages = compacted(
      {
        summary: summaryIn(reply.right),
        modelConfigId: model.modelConfigId,
        usage: { ...usage, context_limit: model.contextLimit },
        contextLimit: model.contextLimit,
        contextTokens,
        costMicros: costMicros(usage, model.config.cost),
        runtimeMs: Math.round(performance.now() - startedAt),
        unanswered,
      },
      row.snapshot_version,
      new Date().toISOString(),
    )
    return yield* host.send({ type: "CommitCompaction", messages })
  },
  Effect.catchTag("EffectSuperseded", () => Effect.void),
  Effect.asVoid,
)
