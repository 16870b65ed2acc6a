import { Cause, Effect, Either, Exit, Option } from "effect"
import type { ToolCallId } from "../contract/ids.ts"
import { MOST_JSON_LEVELS } from "../contract/json-depth.ts"
import type { Part, ToolCallPart, ToolResultPart } from "../contract/parts.ts"
import type { MessageRow, ToolCallRow } from "../db/chats/rows.ts"
import { whileInTrouble } from "../db/engine/patience.ts"
import { factsOf, isRefused, troubleOf } from "../db/engine/sql-errors.ts"
import { ToolCalls } from "../db/chats/tool-calls.ts"
import type { NewMessage } from "../machines/chat-events.ts"
import type { EffectInput } from "../machines/chat-setup.ts"
import { Settings } from "../settings.ts"
import { outcomeUnknown } from "../tools/define-tool.ts"
import type { ToolOutcome } from "../tools/tool.ts"
import { type StepTools, Toolbox } from "../tools/toolbox.ts"
import { unreadable } from "./turn-errors.ts"
import type { TurnHost } from "./turn-host.ts"

/** The tools of one step: run side by side, each written down before it acts, their results committed in call order. */

const refused = (text: string): ToolOutcome => ({ result: { error: text }, isError: true })

/** `denied` is for programs; the model reads the sentence. */
const denied = (call: ToolCallRow): ToolOutcome => ({
  result: { error: `This call was denied. ${call.approval_reason ?? ""}`.trim(), denied: true },
  isError: true,
})

const resultPart = (call: ToolCallRow, outcome: ToolOutcome, at: string): ToolResultPart => ({
  type: "tool-result",
  tool_call_id: call.provider_call_id,
  tool_name: call.tool_name,
  result: outcome.result,
  is_error: outcome.isError,
  created_at: at,
})

const brokenArguments = (call: ToolCallRow): ToolOutcome =>
  refused(
    `The arguments of ${call.tool_name} were cut off or are not valid JSON of at most ${MOST_JSON_LEVELS} levels. Send the call again with complete, valid arguments.`,
  )

/** All calls of a step run side by side. They are written down one after the other, so that the many of one chat leave the database to others. */
type InTurn = <A, E, R>(write: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** A tool that broke is no use to the model; one that lost the database may have acted. */
const defectOutcome = (call: ToolCallRow, defect: unknown): ToolOutcome =>
  troubleOf(defect) === undefined
    ? refused(`The tool ${call.tool_name} failed unexpectedly. Try another way.`)
    : outcomeUnknown(`The database went away while ${call.tool_name} was at work.`)

/**
 * Writes a result down; answers what stands there. It is worth the patience: without it the call is begun again, and nobody may
 * know what became of it. A result that the database does not take is replaced by a sentence: the tool has acted.
 */
const store = (call: ToolCallRow, outcome: ToolOutcome, inTurn: InTurn) =>
  Effect.gen(function* () {
    const toolCalls = yield* ToolCalls
    const { timings } = yield* Settings
    const write = (written: ToolOutcome) =>
      Effect.suspend(() => toolCalls.storeResult(call.id, written)).pipe(inTurn, whileInTrouble(timings.effectStallMs))
    const replaced = (reason: unknown) => {
      const sentence = refused(`${call.tool_name} has run, but its result could not be stored.`)
      return Effect.logError(`A result of ${call.tool_name} could not be stored`, factsOf(reason)).pipe(
        Effect.zipRight(Effect.orDie(write(sentence))),
        Effect.as(sentence),
      )
    }
    return yield* write(outcome).pipe(
      Effect.as(outcome),
      Effect.catchAll((error) => (isRefused(error) ? replaced(error) : Effect.die(error))),
      // JSON that is nested too deeply to be written out.
      Effect.catchSomeDefect((defect) =>
        defect instanceof RangeError ? Option.some(replaced(defect)) : Option.none(),
      ),
    )
  })

/** Runs one call whatever state a crash left it in. Never fails; a throw of the tool becomes its result. */
const runCall = (host: TurnHost, call: ToolCallRow, tools: StepTools, inTurn: InTurn) =>
  Effect.gen(function* () {
    const toolCalls = yield* ToolCalls
    if (call.state === "done") return { result: call.result, isError: call.is_error ?? false }
    if (call.approval === "denied") return denied(call)
    if (call.args_text !== null) return brokenArguments(call)
    const executor = tools.executorOf(call.tool_name)
    if (Either.isLeft(executor)) return refused(executor.left)
    const { timings } = yield* Settings
    const start = yield* toolCalls
      .markStarted(call.id, host.state().row.owner_epoch)
      .pipe(inTurn, whileInTrouble(timings.effectStallMs), Effect.orDie)
    // Another owner has the chat by now, and with it this call.
    if (start.found === "over") return yield* Effect.interrupt
    if (start.found === "done") return { result: start.result, isError: start.isError }
    host.noteCall(call.id, { state: "started" })
    const outcome = yield* executor
      .right(call.args, {
        chatId: host.chatId,
        messageId: call.message_id,
        toolCallId: call.id,
        callAgeMs: host.callAgeMs(call.id),
        repeat: call.state === "started",
        stopping: host.stopping,
      })
      .pipe(
        Effect.withSpan("Tool.run", {
          attributes: { "gen_ai.tool.name": call.tool_name, "gen_ai.tool.call.id": call.provider_call_id },
        }),
        Effect.timeoutTo({
          duration: timings.toolCallMs,
          onSuccess: (ended: ToolOutcome) => ended,
          onTimeout: () => refused(`The tool ${call.tool_name} did not end in time and was given up.`),
        }),
        Effect.catchAllDefect((defect) =>
          Effect.logError(`The tool ${call.tool_name} failed unexpectedly`, Cause.die(defect)).pipe(
            Effect.as(defectOutcome(call, defect)),
          ),
        ),
      )
    return outcome
  }).pipe(
    Effect.flatMap((outcome) =>
      Effect.gen(function* () {
        if (call.state === "done") return outcome
        const stored = yield* store(call, outcome, inTurn)
        host.noteCall(call.id, {
          state: "done",
          result: stored.result,
          is_error: stored.isError,
          finished_at: new Date(),
        })
        return stored
      }).pipe(Effect.uninterruptible),
    ),
  )

/** The call as its message has it, as far as it is shown. */
const callPart = (history: ReadonlyArray<MessageRow>, call: ToolCallRow): ToolCallPart => {
  const isIt = (part: Part): part is ToolCallPart =>
    part.type === "tool-call" && part.tool_call_id === call.provider_call_id
  const { provider_metadata: _, ...part } = history.find(({ id }) => id === call.message_id)?.content.find(isIt) ?? {
    type: "tool-call" as const,
    tool_call_id: call.provider_call_id,
    tool_name: call.tool_name,
    ...(call.args_text === null ? { args: call.args } : { args_text: call.args_text }),
    created_at: call.created_at.toISOString(),
  }
  return part
}

/**
 * Shows results as they come, but never one before those of earlier calls. Each with its call once more: a reader has dropped
 * the call from the message being written when the message was committed, and could draw the result only without it.
 */
const inCallOrder = (host: TurnHost, calls: ReadonlyArray<ToolCallRow>, history: ReadonlyArray<MessageRow>) => {
  const results = new Map<ToolCallId, ToolResultPart>()
  let shown = 0
  return (call: ToolCallRow, part: ToolResultPart) => {
    results.set(call.id, part)
    for (;;) {
      const next = calls[shown]
      const result = next === undefined ? undefined : results.get(next.id)
      if (next === undefined || result === undefined) return
      host.push("assistant", callPart(history, next))
      host.push("tool", result)
      shown += 1
    }
  }
}

export const execute = Effect.fnUntraced(
  function* (host: TurnHost, input: EffectInput) {
    const toolbox = yield* Toolbox
    if (!input.attemptRecorded) {
      yield* host.send({ type: "RecordGenerationAttempt", modelConfigId: host.state().row.last_model_config_id })
    }
    const { row, openCalls } = host.state()
    const { timings } = yield* Settings
    const tools = yield* toolbox.materialise(row)
    // A call of the client's that is not JSON is answered by us: the client could do nothing with it.
    const isOurs = (call: ToolCallRow) =>
      call.approval === "denied" || call.args_text !== null || !tools.isForClient(call.tool_name)
    // Asked calls wait; the others of the step run at once.
    const asked = openCalls.filter((call) => call.approval === "asked")
    const ours = openCalls.filter((call) => isOurs(call) && !asked.includes(call))
    const writes = yield* Effect.makeSemaphore(1)
    const show = inCallOrder(host, ours, yield* host.transcript)
    const exits = yield* Effect.forEach(
      ours,
      (call) =>
        runCall(host, call, tools, writes.withPermits(1)).pipe(
          Effect.map((outcome): NewMessage => {
            const part = resultPart(call, outcome, (call.finished_at ?? new Date()).toISOString())
            show(call, part)
            return { role: "tool", visibility: "both", content: [part], toolCallIds: [call.id] }
          }),
          Effect.exit,
        ),
      { concurrency: "unbounded" },
    )
    const results: Array<NewMessage> = []
    for (const exit of exits) {
      if (Exit.isFailure(exit)) return yield* Effect.failCause(exit.cause)
      results.push(exit.value)
    }
    if (asked.length > 0) return yield* host.send({ type: "RequireApproval", undecided: asked.length })
    if (ours.length === openCalls.length) return yield* host.send({ type: "CommitStep", results })
    const deadlineAt = new Date(Date.now() + timings.clientToolsMs).toISOString()
    return yield* host.send({ type: "EnterRequiresAction", results, deadlineAt })
  },
  (effect, host) =>
    effect.pipe(
      Effect.catchTag("UnknownContentVersion", (error) => host.send({ type: "FinishError", error: unreadable(error) })),
    ),
  Effect.catchTag("EffectSuperseded", () => Effect.void),
  Effect.asVoid,
)
