import { Cause, Effect, Either, Exit, Option } from "effect"
import { MOST_JSON_LEVELS } from "../contract/json-depth.ts"
import type { ToolResultPart } from "../contract/parts.ts"
import type { ToolCallRow } from "../db/chats/rows.ts"
import { whileInTrouble } from "../db/engine/patience.ts"
import { factsOf, isRefused, troubleOf } from "../db/engine/sql-errors.ts"
import { ToolCalls } from "../db/chats/tool-calls.ts"
import type { NewMessage } from "../machines/chat-events.ts"
import type { EffectInput } from "../machines/chat-setup.ts"
import { Settings } from "../settings.ts"
import { FIND_OUT, outcomeUnknown } from "../tools/define-tool.ts"
import type { ToolContext, ToolOutcome } from "../tools/tool.ts"
import { type Executor, type StepTools, Toolbox } from "../tools/toolbox.ts"
import { presentRedaction, type Redaction } from "./redaction.ts"
import { type ShownCalls, shownCalls } from "./shown-calls.ts"
import { stoppedAtWork, stoppedBeforeStart } from "./stopped-call.ts"
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
    : outcomeUnknown(`The database went away while ${call.tool_name} was at work.`, FIND_OUT)

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

/** What the calls of a step have in common. */
interface Step {
  readonly host: TurnHost
  readonly tools: StepTools
  readonly redaction: Redaction
  readonly shown: ShownCalls
  readonly inTurn: InTurn
}

const contextOf = ({ host, shown }: Step, call: ToolCallRow): ToolContext => ({
  chatId: host.chatId,
  messageId: call.message_id,
  toolCallId: call.id,
  callAgeMs: host.callAgeMs(call.id),
  repeat: call.state === "started",
  stopping: host.stopping,
  show: shown.liveOf(call),
})

/** The work of the tool, unless a person stops it; then what is left of it. */
const work = (step: Step, call: ToolCallRow, executor: Executor) =>
  Effect.gen(function* () {
    const { host, redaction } = step
    const { timings } = yield* Settings
    const context = contextOf(step, call)
    const stopped = (by: string) => stoppedAtWork(executor, call, context, by)
    const ended = executor.run(call.args, context).pipe(
      Effect.withSpan("Tool.run", {
        attributes: { "gen_ai.tool.name": call.tool_name, "gen_ai.tool.call.id": call.provider_call_id },
      }),
      Effect.timeoutTo({
        duration: timings.toolCallMs,
        onSuccess: (outcome: ToolOutcome) => outcome,
        onTimeout: () => refused(`The tool ${call.tool_name} did not end in time and was given up.`),
      }),
      Effect.catchAllDefect((defect) =>
        Effect.logError(`The tool ${call.tool_name} failed unexpectedly`, Cause.die(defect)).pipe(
          Effect.as(defectOutcome(call, defect)),
        ),
      ),
    )
    const before = host.stoppedBy(call.id)
    // Its run is over, and what it has begun is not, when the stop is carried out.
    const { isError, result } =
      before === undefined
        ? yield* Effect.raceFirst(
            Effect.map(ended, Effect.succeed),
            Effect.map(host.whenStopped(call.id), stopped),
          ).pipe(Effect.flatten)
        : yield* stopped(before)
    return { result: redaction.whole(result), isError }
  })

/** Runs one call whatever state a crash left it in. Never fails; a throw of the tool becomes its result. */
const runCall = (step: Step, call: ToolCallRow) =>
  Effect.gen(function* () {
    const { host, inTurn, tools } = step
    const toolCalls = yield* ToolCalls
    if (call.state === "done") return { result: call.result, isError: call.is_error ?? false }
    if (call.approval === "denied") return denied(call)
    if (call.args_text !== null) return brokenArguments(call)
    const executor = tools.executorOf(call.tool_name)
    if (Either.isLeft(executor)) return refused(executor.left)
    const stoppedBy = host.stoppedBy(call.id)
    if (stoppedBy !== undefined && call.state === "planned") return stoppedBeforeStart(stoppedBy)
    const { timings } = yield* Settings
    const start = yield* toolCalls
      .markStarted(call.id, host.state().row.owner_epoch)
      .pipe(inTurn, whileInTrouble(timings.effectStallMs), Effect.orDie)
    // Another owner has the chat by now, and with it this call.
    if (start.found === "over") return yield* Effect.interrupt
    if (start.found === "done") return { result: start.result, isError: start.isError }
    host.noteCall(call.id, { state: "started" })
    return yield* work(step, call, executor.right)
  }).pipe(
    Effect.flatMap((outcome) =>
      Effect.gen(function* () {
        if (call.state === "done") return outcome
        const stored = yield* store(call, outcome, step.inTurn)
        step.host.noteCall(call.id, {
          state: "done",
          result: stored.result,
          is_error: stored.isError,
          finished_at: new Date(),
        })
        return stored
      }).pipe(Effect.uninterruptible),
    ),
  )

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
    const redaction = yield* presentRedaction
    const shown = shownCalls(host, ours, yield* host.transcript, redaction)
    const step: Step = { host, tools, redaction, shown, inTurn: writes.withPermits(1) }
    const exits = yield* Effect.forEach(
      ours,
      (call) =>
        runCall(step, call).pipe(
          Effect.map((outcome): NewMessage => {
            const part = resultPart(call, outcome, (call.finished_at ?? new Date()).toISOString())
            shown.result(call, part)
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
