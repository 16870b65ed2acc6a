import { Effect, Schedule } from "effect"
import type { ChatErrorKind } from "../contract/chat-error.ts"
import { ProviderError } from "../providers/errors.ts"
import type { ResolvedModel } from "../models/catalog.ts"
import type { GenerateResult, PromptMessage } from "../providers/provider.ts"
import { Settings } from "../settings.ts"
import type { StepTools } from "../tools/toolbox.ts"
import { fitted, lengthOf } from "./fit-prompt.ts"
import type { ModelCall } from "./model-call.ts"
import type { Prompt } from "./prompt.ts"
import { toldPrompt } from "./told-prompt.ts"

/** Has a model summarise a conversation, also one that is too long for it or that it refuses. */

const INSTRUCTION = `Summarise this conversation so that you can go on with the work from the summary alone. It replaces the whole history.
Write down, briefly and exactly:
- what the user wants, in their own terms, with every constraint and preference they gave;
- what was done so far, and what came of it; decisions, and why they were taken;
- files, commands, names, numbers and error messages that matter, as they are;
- what is unfinished, and the next step.
Answer with the summary only, and call no tool.`

const ATTEMPTS = 3

/** How often a conversation that is too long is cut shorter, and to what part of its length each time. */
const CUTS = 6
const CUT_TO = 0.6

/** Characters that are sure to be no more than a token on average. */
const CHARACTERS_PER_TOKEN = 3

/** A refusal of what was sent; what is wrong with it, its words may not tell. */
const REFUSED = new Set([400, 422])

export interface Summary {
  readonly text: string
  readonly reply: GenerateResult
}

const summaryIn = (reply: GenerateResult): string =>
  reply.parts
    .map((part) => (part.type === "text" ? part.text : ""))
    .join("")
    .trim()

const failure = (
  { connection }: ResolvedModel,
  what: string,
  { kind = "generic", retryable = false }: { readonly kind?: ChatErrorKind; readonly retryable?: boolean } = {},
): ProviderError =>
  new ProviderError({
    operation: "Turn.summarise",
    kind,
    message: `${connection.displayName} ${what}`,
    retryable,
    provider: connection.type,
  })

const AS_IT_WAS = "so the conversation was left as it is."

/** A summary replaces the history, so half of one is none: it counts only when the model came to its end. */
const wholeSummary = (model: ResolvedModel, reply: GenerateResult): Effect.Effect<Summary, ProviderError> => {
  const text = summaryIn(reply)
  switch (reply.finishReason) {
    case "length":
      return failure(
        model,
        `cut its summary off at the output limit, ${AS_IT_WAS} Raise the limit in the model's settings, or choose another model.`,
      )
    case "content-filter":
      return failure(model, `stopped its summary because of its content policy, ${AS_IT_WAS}`, {
        kind: "content_filter",
      })
    case "refusal":
      return failure(model, `refused to summarise the conversation, ${AS_IT_WAS}`)
    case "stop":
      return text === ""
        ? failure(model, `wrote no summary, ${AS_IT_WAS}`, { retryable: true })
        : Effect.succeed({ text, reply })
    case "tool-calls":
      return failure(model, `wrote no summary, ${AS_IT_WAS}`, { retryable: true })
    default:
      return failure(model, `did not bring its summary to an end, ${AS_IT_WAS}`)
  }
}

/** A way to put the conversation to the model. */
interface Form {
  /** As one text, because the messages themselves were refused. */
  readonly told: boolean
  /** Characters of the conversation at most. */
  readonly budget: number | undefined
  readonly cuts: number
}

/** How to put it after this failure; undefined when nothing helps. */
const formAfter = (form: Form, error: ProviderError, length: number, model: ResolvedModel): Form | undefined => {
  if (error.kind === "context_overflow") {
    if (form.cuts === CUTS) return undefined
    const window = model.contextLimit > 0 ? model.contextLimit * CHARACTERS_PER_TOKEN : length
    const most = form.budget ?? Math.min(length, window / CUT_TO)
    return { ...form, budget: Math.floor(most * CUT_TO), cuts: form.cuts + 1 }
  }
  return !form.told && REFUSED.has(error.statusCode ?? 0) ? { ...form, told: true } : undefined
}

const messagesIn = (form: Form, messages: ReadonlyArray<PromptMessage>): ReadonlyArray<PromptMessage> => {
  const fitting = form.budget === undefined ? messages : fitted(messages, form.budget)
  return form.told ? [toldPrompt(fitting)] : fitting
}

/** Fails with what the model's provider said last, or with why its summary does not count. */
export const summarise = Effect.fn("Turn.summarise")(function* (
  call: ModelCall,
  prompt: Prompt,
  tools: StepTools["definitions"],
) {
  const { model } = call
  const { timings } = yield* Settings
  const length = lengthOf(prompt.messages)
  const again = Schedule.exponential(timings.retryBaseMs).pipe(Schedule.intersect(Schedule.recurs(ATTEMPTS - 1)))
  const tooSlow = () =>
    failure(model, `did not finish its summary in time, ${AS_IT_WAS}`, { kind: "timeout", retryable: true })

  const ask = (form: Form): Effect.Effect<Summary, ProviderError> =>
    call
      .ask({
        system: prompt.system,
        messages: [
          ...messagesIn(form, prompt.messages),
          { role: "user", parts: [{ type: "text", text: INSTRUCTION }] },
        ],
        // The same tools as in a step: a provider's cache of the prefix holds only while it is the same.
        ...(form.told ? { tools: [], providerTools: [] } : tools),
        toolChoice: "none",
      })
      .pipe(
        Effect.timeoutFail({ duration: timings.compactionMs, onTimeout: tooSlow }),
        Effect.flatMap((reply) => wholeSummary(model, reply)),
        Effect.retry({ while: (error) => error.retryable, schedule: again }),
        Effect.catchAll((error) => {
          const next = formAfter(form, error, length, model)
          return next === undefined ? Effect.fail(stillTooLong(model, error)) : ask(next)
        }),
      )

  return yield* ask({ told: false, budget: undefined, cuts: 0 })
})

const stillTooLong = (model: ResolvedModel, error: ProviderError): ProviderError =>
  error.kind === "context_overflow"
    ? failure(
        model,
        `takes less than the shortest form of this conversation, ${AS_IT_WAS} Choose a model with a larger context, or clear the context.`,
        { kind: "context_overflow" },
      )
    : error
