import { Effect, Either } from "effect"
import { v5 as uuidv5 } from "uuid"
import type { ChatError } from "../contract/chat-error.ts"
import type { MessageFinishReason } from "../contract/chats.ts"
import type { Part, ToolCallPart } from "../contract/parts.ts"
import type { ToolPolicyRule } from "../contract/tool-policy.ts"
import { whileInTrouble } from "../db/engine/patience.ts"
import type { BringsReply, NewMessage, NewToolCall } from "../machines/chat-events.ts"
import type { ProviderError } from "../providers/errors.ts"
import type { GenerateResult, StreamEvent } from "../providers/provider.ts"
import { Settings } from "../settings.ts"
import { type StepTools, Toolbox } from "../tools/toolbox.ts"
import { MAX_EMPTY_ATTEMPTS, MAX_STEPS } from "./limits.ts"
import { type ModelCall, ModelCalls } from "./model-call.ts"
import { isTooLongAlone, tooLongAlone } from "./overflow.ts"
import { buildPrompt } from "./prompt.ts"
import { verdictOfReply } from "./reply-verdict.ts"
import { responseChain } from "./response-chain.ts"
import { retryOrFail } from "./retry.ts"
import { ruleToAllow, ToolPolicies, verdictOf } from "./tool-policies.ts"
import {
  emptyReply,
  filtered,
  onlyThoughts,
  refused,
  spent,
  tooManySteps,
  unreadable,
  unusable,
} from "./turn-errors.ts"
import type { TurnHost } from "./turn-host.ts"

/** One model call: a streaming step of a turn. */

/** Names of our ids of tool calls. Fixed for ever: an id made again after a crash must be the same. */
const TOOL_CALL_NAMESPACE = "8c1b9f0e-5a38-4a3f-9d53-6f1d9a3c7e21"

type Rules = ReadonlyArray<ToolPolicyRule>

const failed = (host: TurnHost, error: ChatError) => host.send({ type: "FinishError", error })

/** A shown delta as a part. Arguments go out as text: they are JSON only when they are complete. */
const shownPart = (event: StreamEvent): Part => {
  switch (event.type) {
    case "text":
      return { type: "text", text: event.text }
    case "reasoning":
      return { type: "reasoning", text: event.text }
    case "tool-call-delta":
      return { type: "tool-call", tool_call_id: event.id, tool_name: event.name, args_delta: event.delta }
    case "source":
      return event.source
  }
}

const isLocalCall = (part: Part): part is ToolCallPart => part.type === "tool-call" && part.provider_executed !== true

/** A call as people see it: with what its tool says of it. */
const described = (part: ToolCallPart, tools: StepTools, at: string): ToolCallPart => ({
  ...part,
  ...tools.describe(part.tool_name, part.args),
  created_at: at,
})

const UNASKED = { approval: null, approvalReason: null, allowRule: null }

/** Nobody is asked about a call that cannot run anyway: its arguments are no JSON. */
const verdictFields = (call: ToolCallPart, tools: StepTools, deployment: Rules, chat: Rules) => {
  const judged = { name: call.tool_name, command: tools.commandOf(call.tool_name, call.args) }
  const { approval, reason } = verdictOf(deployment, chat, judged)
  if (approval !== "asked") return { approval, approvalReason: reason, allowRule: null }
  if (call.args_text !== undefined) return UNASKED
  return { approval, approvalReason: reason, allowRule: ruleToAllow(deployment, chat, judged) }
}

/** The message of a reply, with what the call took and cost. */
const messageOf = (call: ModelCall, reply: GenerateResult, tools: StepTools): NewMessage => {
  const at = new Date().toISOString()
  return {
    role: "assistant",
    visibility: "both",
    content: reply.parts.map((part) => (isLocalCall(part) ? described(part, tools, at) : part)),
    ...call.record,
    runtimeMs: "step",
    ...(reply.responseId !== undefined && { responseId: reply.responseId }),
    origin: call.model.origin,
  }
}

const commitReply = (host: TurnHost, message: NewMessage, tools: StepTools, timing: BringsReply) =>
  Effect.gen(function* () {
    const { content } = message
    const local = content.filter(isLocalCall)
    if (local.length === 0) return yield* host.send({ type: "FinishTurn", messages: [message], ...timing })
    const { row } = host.state()
    const { timings } = yield* Settings
    // The reply is paid for: it is not thrown away because the rules cannot be read just now.
    const deployment = yield* (yield* ToolPolicies).deployment.pipe(whileInTrouble(timings.effectStallMs))
    const calls = local.map((call, index): NewToolCall => ({
      id: uuidv5(
        [host.chatId, row.history_version, row.generation_attempt, index, call.tool_call_id].join(":"),
        TOOL_CALL_NAMESPACE,
      ),
      index,
      providerCallId: call.tool_call_id,
      toolName: call.tool_name,
      args: call.args ?? null,
      argsText: call.args_text ?? null,
      ...verdictFields(call, tools, deployment, row.tool_policy),
    }))
    return yield* host.send({ type: "RecordToolCalls", message, calls, ...timing })
  })

/** Records the attempt, streams the call, and ends in the transition that the reply means. */
export const generate = Effect.fnUntraced(
  function* (host: TurnHost, input: { readonly attemptRecorded: boolean }) {
    const calls = yield* ModelCalls
    const toolbox = yield* Toolbox
    const { timings } = yield* Settings
    const { row, queue } = host.state()
    if (queue.some((queued) => queued.kind === "steer")) return yield* host.send({ type: "Steer" })
    if (row.turn_steps >= MAX_STEPS) {
      return yield* failed(host, tooManySteps)
    }
    const begun = yield* Effect.either(calls.begin(row))
    if (Either.isLeft(begun)) return yield* failed(host, unusable(begun.left))
    const call = begun.right
    const { model } = call
    if (!input.attemptRecorded) {
      yield* host.send({ type: "RecordGenerationAttempt", modelConfigId: model.modelConfigId })
    }
    const transcript = yield* host.transcript
    const prompt = buildPrompt(transcript, model)
    const tools = yield* toolbox.materialise(host.state().row)
    const askedAt = performance.now()
    let timing: BringsReply = {}
    const reply = yield* call
      .ask(
        {
          system: prompt.system,
          messages: prompt.messages,
          chain: responseChain(transcript, host.state().row, model),
          ...tools.definitions,
          toolChoice: "auto",
        },
        (event) => {
          if (timing.firstTokenMs === undefined) timing = { firstTokenMs: Math.round(performance.now() - askedAt) }
          host.push("assistant", shownPart(event))
        },
      )
      .pipe(Effect.either)
    if (Either.isLeft(reply)) {
      if (isTooLongAlone(reply.left, prompt)) return yield* failed(host, tooLongAlone(reply.left, model))
      const error = reply.left
      const answered = timing.firstTokenMs !== undefined || error.statusCode !== undefined || error.kind !== "timeout"
      return yield* retryOrFail(host, { error, attempts: timings.attempts, answered })
    }
    const message = messageOf(call, reply.right, tools)
    const commit = (mark: MessageFinishReason | undefined) =>
      commitReply(host, mark === undefined ? message : { ...message, finishReason: mark }, tools, timing)
    const again = (error: ProviderError) =>
      retryOrFail(host, { error, attempts: Math.min(MAX_EMPTY_ATTEMPTS, timings.attempts), answered: true })
    const verdict = verdictOfReply(reply.right, transcript.at(-1)?.role === "tool")
    switch (verdict.type) {
      case "message":
        return yield* commit(verdict.mark)
      case "silence":
        // Nothing to show, but the call has its price, and the provider may go on from it.
        return yield* host.send({ type: "FinishTurn", messages: [{ ...message, visibility: "model", content: [] }] })
      case "empty":
        return yield* again(emptyReply(model))
      case "thoughts":
        return yield* host.state().row.generation_attempt < MAX_EMPTY_ATTEMPTS
          ? again(onlyThoughts(model))
          : commit("reasoning_only")
      case "filtered":
        return yield* failed(host, filtered(model))
      case "refused":
        return yield* failed(host, refused(model))
      case "spent":
        return yield* failed(host, spent(model))
    }
  },
  (effect, host) => effect.pipe(Effect.catchTag("UnknownContentVersion", (error) => failed(host, unreadable(error)))),
  // Whoever ended the state has already decided how the turn goes on.
  Effect.catchTag("EffectSuperseded", () => Effect.void),
  Effect.asVoid,
)
