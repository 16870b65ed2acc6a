import { Context, Data, Effect, Layer, Option } from "effect"
import type {
  ChatAtVersion,
  ChatMachineState,
  ChatTransition,
  ChatTransitions,
  PendingCall,
} from "../contract/inspection.ts"
import { ChatBrought, type MessageOrCall } from "../db/chats/brought.ts"
import { ChatJournal, type MessagePage, type SnapshotRow, type TransitionRow } from "../db/chats/journal.ts"
import type { ChatId } from "../contract/ids.ts"
import type { ChatDetailRow } from "../db/chats/shown-chats.ts"
import { ChatStepReads } from "../db/chats/steps.ts"
import { readable } from "../db/chats/content-version.ts"
import type { ToolCallRow } from "../db/chats/rows.ts"
import { accepts } from "../machines/chat-accepts.ts"
import { refuses } from "../machines/refused-events.ts"
import { replay, ReplayFailed } from "../machines/chat-replay.ts"
import { CHAT_MACHINE_VERSION, type ChatModeState } from "../machines/chat-setup.ts"
import { type Activity, activityOf, type ChatSnapshot, hasTag, snapshotOf, statusOf } from "../machines/chat-state.ts"
import { faultOf } from "../actors/chat/repair.ts"
import { messageToWire, queuedToWire, transitionToWire } from "../actors/streams/chat-wire.ts"
import { chatMachineGraph } from "../machines/machine-graph.ts"
import { asksModel, attemptsOf, callOf, openAttemptOf, stepsOf, TURNING_EVENTS } from "./steps.ts"
import { machineState } from "../actors/chat/machine-state.ts"

/** A chat's state in the machine, now and at any version. */

/** Most versions of which the steps are told at once: some megabytes. */
const MOST_STEPS = 20_000

/** There is no such version, or what is kept does not reach back to it. */
export class VersionGone extends Data.TaggedError("VersionGone")<{ readonly message: string }> {}

/** As far as they had come: what happened to them since is not told. */
const pendingCalls = (calls: ReadonlyArray<ToolCallRow>): ReadonlyArray<PendingCall> =>
  calls.map(({ id, provider_call_id, tool_name, state, created_at, started_at, finished_at }) => ({
    id,
    tool_call_id: provider_call_id,
    tool_name,
    state,
    asked: created_at.toISOString(),
    ...(started_at !== null && state !== "planned" && { since: started_at.toISOString() }),
    ...(finished_at !== null && (state === "done" || state === "canceled") && { until: finished_at.toISOString() }),
  }))

/** What was waited for at a version, in the words of the transition that led there. */
const deadlinesAt = (activity: Activity, { detail, created_at }: TransitionRow) => {
  const { delay_ms, deadline_at } = detail
  if (hasTag(activity, "backing-off") && typeof delay_ms === "number") {
    return [{ name: "retry", at: new Date(created_at.getTime() + delay_ms).toISOString() }]
  }
  return hasTag(activity, "asks-client") && typeof deadline_at === "string"
    ? [{ name: "client_tools", at: deadline_at }]
    : []
}

const deadlinesOf = (row: ChatDetailRow) => [
  ...(row.retry_state === null ? [] : [{ name: "retry", at: row.retry_state.retrying_at }]),
  ...(row.requires_action_deadline_at === null
    ? []
    : [{ name: "client_tools", at: row.requires_action_deadline_at.toISOString() }]),
]

/** The mode in which a chat began: `plan` may have been left since, so it is found in the journal. */
export const modeAtBirth = (row: ChatDetailRow, journal: ReadonlyArray<TransitionRow>): ChatModeState => {
  if (row.mode !== null) return row.mode
  return journal[0]?.detail["plan_mode"] === true ? "plan" : "normal"
}

const stateFields = (version: number, state: ChatSnapshot) => ({
  version,
  life: activityOf(state.value),
  mode: state.value.mode,
  context: state.context,
})

const make = Effect.gen(function* () {
  const journal = yield* ChatJournal
  const stepReads = yield* ChatStepReads
  const brought = yield* ChatBrought

  const now = Effect.fn("Inspection.now")(function* (row: ChatDetailRow) {
    const { queue, openCalls } = yield* journal.rowsAt(row.id, row.snapshot_version, { tail: 0 })
    const fault = faultOf({ row, queue, openCalls })
    const state = machineState({ row, queue })
    const result: ChatMachineState = {
      ...stateFields(row.snapshot_version, state),
      definition: chatMachineGraph(),
      status: row.status,
      machine_version: row.machine_version,
      owner: { instance: row.owner_instance, epoch: row.owner_epoch, recovery_attempts: row.recovery_attempts },
      deadlines: deadlinesOf(row),
      pending_calls: pendingCalls(openCalls),
      accepts: fault === undefined ? accepts(state) : ["ReconcileInvalidState"],
      refuses: fault === undefined ? refuses(state) : [],
      ...(fault !== undefined && { fault: `This chat ${fault}.` }),
    }
    return result
  })

  /** From the nearest stored state where there is one of this machine's version, else from the beginning; with the rows since. */
  const replayed = Effect.fn("Inspection.stateAt")(function* (row: ChatDetailRow, version: number) {
    const stored = yield* journal.snapshotBefore(row.id, version)
    const start = Option.filter(stored, (snapshot) => snapshot.machine_version === CHAT_MACHINE_VERSION)
    const begun = Option.match(start, { onNone: () => 0, onSome: (snapshot) => snapshot.version })
    // The transition that led to the stored state as well: it tells how it came about.
    const rows = yield* journal.between(row.id, begun - 1, version)
    const since = rows.filter((transition) => transition.version > begun)
    const other = since.find((transition) => transition.machine_version !== CHAT_MACHINE_VERSION)
    if (other !== undefined || (Option.isNone(start) && since[0]?.version !== 1)) {
      return yield* new VersionGone({ message: "What is kept of this chat cannot be replayed back to this version." })
    }
    const state = yield* Effect.try({
      try: () => replay(modeAtBirth(row, since), since, Option.getOrUndefined(Option.map(start, storedState))),
      catch: (error) =>
        new VersionGone({
          message: error instanceof ReplayFailed ? error.message : "This version cannot be replayed.",
        }),
    })
    return { state, rows }
  })

  /** The attempt that was under way. Mostly it began among the rows at hand. */
  const attemptAt = Effect.fnUntraced(function* (
    chatId: ChatId,
    activity: Activity,
    rows: ReadonlyArray<TransitionRow>,
    version: number,
  ) {
    if (!hasTag(activity, "asks-model")) return undefined
    const turned = rows.findLastIndex(
      ({ event, from_activity, to_activity, detail }) =>
        TURNING_EVENTS.includes(event) || from_activity !== to_activity || detail["slot"] === "granted",
    )
    if (turned >= 0) return openAttemptOf(rows.slice(turned))
    const turningPoint = yield* brought.turningPoint(chatId, version, TURNING_EVENTS)
    return openAttemptOf(Option.toArray(turningPoint))
  })

  const at = Effect.fn("Inspection.at")(function* (row: ChatDetailRow, version: number, page: MessagePage = {}) {
    if (version > row.snapshot_version) {
      return yield* new VersionGone({ message: `This chat is at version ${row.snapshot_version} only.` })
    }
    const { state, rows } = yield* replayed(row, version)
    const activity = activityOf(state.value)
    const { messages: stored, hasMore, queue, openCalls } = yield* journal.rowsAt(row.id, version, page)
    const messages = yield* readable(stored)
    const attempt = yield* attemptAt(row.id, activity, rows, version)
    const last = rows.at(-1)
    const result: ChatAtVersion = {
      ...stateFields(version, state),
      status: statusOf(activity),
      messages: messages.filter((message) => message.visibility !== "model").map(messageToWire),
      ...(hasMore && { has_more: true }),
      queued_messages: queue.map(queuedToWire),
      pending_calls: pendingCalls(openCalls),
      accepts: accepts(state),
      refuses: refuses(state),
      deadlines: last === undefined ? [] : deadlinesAt(activity, waitedSince(rows, last)),
      ...(last !== undefined && { transition: transitionOf(row, last) }),
      ...(attempt !== undefined && { attempt }),
    }
    return result
  })

  const steps = (row: ChatDetailRow) =>
    Effect.map(stepReads.rows(row.id, row.snapshot_version - MOST_STEPS, row.snapshot_version), stepsOf)

  const stateAt = (row: ChatDetailRow, version: number) => Effect.map(replayed(row, version), ({ state }) => state)

  /** Rows that follow each other, with what they came with. */
  const told = Effect.fnUntraced(function* (row: ChatDetailRow, rows: ReadonlyArray<TransitionRow>) {
    const [first, last] = [rows[0], rows.at(-1)]
    if (first === undefined || last === undefined) return []
    const { replies, messages, calls, turningPoint } = yield* brought.by(row.id, {
      from: first.version,
      to: last.version,
      turningEvents: asksModel(first.from_activity) ? TURNING_EVENTS : undefined,
    })
    const before = turningPoint === undefined ? [] : [turningPoint]
    const attempts = attemptsOf({ transitions: [...before, ...rows], replies })
    const ended = new Map(attempts.map((attempt) => [attempt.ended_version, attempt]))
    return rows.map((transition): ChatTransition => {
      const { version } = transition
      const [attempt, settled, came] = [ended.get(version), calls.get(version), messages.get(version)]
      return {
        ...transitionOf(row, transition),
        ...(attempt !== undefined && { attempt }),
        ...(settled !== undefined && { calls: settled.map(callOf) }),
        ...(came !== undefined && { messages: came }),
      }
    })
  })

  const transitions = Effect.fn("Inspection.transitions")(function* (row: ChatDetailRow, asked: TransitionsAsked) {
    const { after, limit, of } = asked
    const page = { after, limit: limit + 1 }
    const rows =
      of === undefined
        ? yield* journal.transitions(row.id, page)
        : yield* journal.versions(row.id, yield* brought.versionsOf(row.id, of), page)
    const shown = rows.slice(0, limit)
    const result: ChatTransitions = {
      has_more: rows.length > limit,
      transitions:
        of === undefined
          ? yield* told(row, shown)
          : (yield* Effect.forEach(shown, (transition) => told(row, [transition]))).flat(),
    }
    return result
  })

  return { now, at, stateAt, steps, transitions }
})

export interface TransitionsAsked {
  readonly after: number
  readonly limit: number
  /** Only those that concern it. */
  readonly of?: MessageOrCall | undefined
}

const transitionOf = (row: ChatDetailRow, transition: TransitionRow): ChatTransition => ({
  ...transitionToWire(transition),
  ...(transition.epoch === row.owner_epoch && row.owner_instance !== null && { instance: row.owner_instance }),
})

/** The transition since which the last state is waited in: what came after it changed nothing about that. */
const waitedSince = (rows: ReadonlyArray<TransitionRow>, last: TransitionRow): TransitionRow =>
  rows.findLast(({ from_activity, to_activity }) => from_activity !== to_activity) ?? last

const storedState = (stored: SnapshotRow): ChatSnapshot =>
  snapshotOf({
    activity: activityOf({ life: stored.value.life, mode: stored.value.mode } as ChatSnapshot["value"]),
    planMode: stored.value.mode === "plan",
    mode: stored.value.mode === "explore" || stored.value.mode === "computer_use" ? stored.value.mode : null,
    context: stored.context,
  })

export class Inspection extends Context.Tag("troupe/Inspection")<Inspection, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(Inspection, make)
}
