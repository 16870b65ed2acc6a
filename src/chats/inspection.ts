import { Context, Data, Effect, Layer, Option } from "effect"
import type { ChatAtVersion, ChatMachineState } from "../contract/inspection.ts"
import { ChatJournal, type MessagePage, type SnapshotRow, type TransitionRow } from "../db/chats/journal.ts"
import type { ChatDetailRow } from "../db/chats/shown-chats.ts"
import { ChatStepReads } from "../db/chats/steps.ts"
import { readable } from "../db/chats/content-version.ts"
import type { ToolCallRow } from "../db/chats/rows.ts"
import { accepts } from "../machines/chat-accepts.ts"
import { refuses } from "../machines/refused-events.ts"
import { replay, ReplayFailed } from "../machines/chat-replay.ts"
import { CHAT_MACHINE_VERSION, type ChatModeState } from "../machines/chat-setup.ts"
import { activityOf, type ChatSnapshot, snapshotOf, statusOf } from "../machines/chat-state.ts"
import { faultOf } from "../actors/chat/repair.ts"
import { messageToWire, queuedToWire } from "../actors/streams/chat-wire.ts"
import { chatMachineGraph } from "../machines/machine-graph.ts"
import { stepsOf } from "./steps.ts"
import { machineState } from "../actors/chat/machine-state.ts"

/** A chat's state in the machine, now and at any version. */

/** Most versions of which the steps are told at once: some megabytes. */
const MOST_STEPS = 20_000

/** There is no such version, or what is kept does not reach back to it. */
export class VersionGone extends Data.TaggedError("VersionGone")<{ readonly message: string }> {}

const pendingCalls = (calls: ReadonlyArray<ToolCallRow>) =>
  calls.map((call) => ({
    id: call.id,
    tool_call_id: call.provider_call_id,
    tool_name: call.tool_name,
    state: call.state,
  }))

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

  /** From the nearest stored state where there is one of this machine's version, else from the beginning. */
  const stateAt = Effect.fn("Inspection.stateAt")(function* (row: ChatDetailRow, version: number) {
    const stored = yield* journal.snapshotBefore(row.id, version)
    const start = Option.filter(stored, (snapshot) => snapshot.machine_version === CHAT_MACHINE_VERSION)
    const rows = yield* journal.between(
      row.id,
      Option.match(start, { onNone: () => 0, onSome: (snapshot) => snapshot.version }),
      version,
    )
    const other = rows.find((transition) => transition.machine_version !== CHAT_MACHINE_VERSION)
    if (other !== undefined || (Option.isNone(start) && rows[0]?.version !== 1)) {
      return yield* new VersionGone({ message: "What is kept of this chat cannot be replayed back to this version." })
    }
    return yield* Effect.try({
      try: () => replay(modeAtBirth(row, rows), rows, Option.getOrUndefined(Option.map(start, storedState))),
      catch: (error) =>
        new VersionGone({
          message: error instanceof ReplayFailed ? error.message : "This version cannot be replayed.",
        }),
    })
  })

  const at = Effect.fn("Inspection.at")(function* (row: ChatDetailRow, version: number, page: MessagePage = {}) {
    if (version > row.snapshot_version) {
      return yield* new VersionGone({ message: `This chat is at version ${row.snapshot_version} only.` })
    }
    const state = yield* stateAt(row, version)
    const { messages: stored, hasMore, queue, openCalls } = yield* journal.rowsAt(row.id, version, page)
    const messages = yield* readable(stored)
    const result: ChatAtVersion = {
      ...stateFields(version, state),
      status: statusOf(activityOf(state.value)),
      messages: messages.filter((message) => message.visibility !== "model").map(messageToWire),
      ...(hasMore && { has_more: true }),
      queued_messages: queue.map(queuedToWire),
      pending_calls: pendingCalls(openCalls),
    }
    return result
  })

  const steps = (row: ChatDetailRow) =>
    Effect.map(stepReads.rows(row.id, row.snapshot_version - MOST_STEPS, row.snapshot_version), stepsOf)

  return { now, at, stateAt, steps, transitions: journal.transitions }
})

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
