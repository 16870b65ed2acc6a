import type { ChatCommit, JournalEntry, LoadedChat } from "./commit.ts"
import type { ChatRow, QueuedRow, ToolCallRow } from "./rows.ts"
import { storable } from "../jsonb.ts"
import type { CancelReason, ChatChange, ChatMachineEvent, NewMessage, QueuedInput } from "../../machines/chat-events.ts"
import { CHAT_MACHINE_VERSION, type ChatContext } from "../../machines/chat-setup.ts"
import { type Activity, activityOf, type ChatStateValue, hasTag } from "../../machines/chat-state.ts"
import { clearedContext } from "../../machines/context-marks.ts"

/**
 * From a transition to rows: pure. `plan` turns the machine's described changes and the rows an actor holds into one commit;
 * `apply` (`apply-commit.ts`) gives the rows as they are after it. Nothing here reads a clock or the database.
 */

/** Versions between two stored snapshots of the machine: a replay starts at the nearest. */
const SNAPSHOT_EVERY = 100

const CANCELED: Record<CancelReason, string> = {
  interrupted: "The user stopped this before it returned a result.",
  superseded: "This was not waited for: the user sent another message instead.",
  deadline: "No result arrived in time.",
}

export interface Transition {
  readonly event: ChatMachineEvent
  readonly value: ChatStateValue
  readonly context: ChatContext
  readonly changes: ReadonlyArray<ChatChange>
  readonly actorUserId: string | null
  /** RFC 3339, for the parts that are made here. */
  readonly now: string
  readonly startedAtUs: number
}

/** The queue in the order in which it will be promoted: steering messages first. */
export const inOrder = (queue: ReadonlyArray<QueuedRow>): ReadonlyArray<QueuedRow> =>
  queue.toSorted((a, b) => (a.kind === b.kind ? a.position - b.position : a.kind === "steer" ? -1 : 1))

const userMessage = (input: QueuedInput): NewMessage => ({
  role: "user",
  visibility: "both",
  content: input.content,
  modelConfigId: input.modelConfigId,
  createdBy: input.createdBy,
})

const promoted = (row: QueuedRow, fallbackModel: string): NewMessage =>
  userMessage({ content: row.content, modelConfigId: row.model_config_id ?? fallbackModel, createdBy: row.created_by })

/** The transcript row that answers a call: the tool's own result where there is one. */
export const resultMessage = (
  call: Pick<ToolCallRow, "id" | "provider_call_id" | "tool_name">,
  outcome: { readonly result: unknown; readonly isError: boolean; readonly at: string },
): NewMessage => ({
  role: "tool",
  visibility: "both",
  toolCallIds: [call.id],
  content: [
    {
      type: "tool-result",
      tool_call_id: call.provider_call_id,
      tool_name: call.tool_name,
      result: outcome.result,
      is_error: outcome.isError,
      created_at: outcome.at,
    },
  ],
})

const canceled = (call: ToolCallRow, reason: CancelReason, now: string): NewMessage =>
  call.state === "done"
    ? resultMessage(call, {
        result: call.result,
        isError: call.is_error ?? false,
        at: call.finished_at?.toISOString() ?? now,
      })
    : resultMessage(call, { result: { error: CANCELED[reason], canceled: reason }, isError: true, at: now })

/** Ids and scalars of an event; never text, so that the journal needs no redaction. */
const journalDetail = (event: ChatMachineEvent, state: LoadedChat): Record<string, unknown> => {
  switch (event.type) {
    case "SendMessage":
      return { busy_behavior: event.busyBehavior, model_config_id: event.input.modelConfigId }
    case "EditMessage":
      return { message_id: event.messageId }
    case "DeleteQueuedMessage":
    case "PromoteQueuedMessage":
      return { queued_message_id: event.queuedMessageId, steer: event.steer }
    case "SetArchived":
      return { archived: event.archived }
    case "SetMode":
      return { mode: event.mode }
    case "Admit":
    case "RecordGenerationAttempt":
      return { model_config_id: event.modelConfigId, recovery_attempts: state.row.recovery_attempts }
    case "RecordRetryState":
      return {
        attempt: event.retry.attempt,
        delay_ms: event.retry.delay_ms,
        kind: event.retry.kind ?? null,
        ...(event.failure !== undefined && { failure: event.failure }),
      }
    case "RecordToolCalls":
      return { tool_call_ids: event.calls.map((call) => call.id) }
    case "FinishError":
      return { kind: event.error.kind ?? null, status_code: event.error.status_code ?? null }
    case "EnterRequiresAction":
      return { deadline_at: event.deadlineAt }
    case "ReconcileInvalidState":
      return { queue: event.queue, steer: event.steer }
    case "DecideApproval":
    case "RequireApproval":
      return { undecided: event.undecided }
    default:
      return {}
  }
}

/** What the journal says of work that begins with the event that brings it: what it would say of an Admit beside the slot. */
const slotDetail = ({ takesSlot, openAttempt }: Draft, { row }: LoadedChat): Record<string, unknown> =>
  takesSlot === "event"
    ? {
        slot: "granted",
        ...(openAttempt !== null && { model_config_id: openAttempt.modelConfigId }),
        recovery_attempts: row.recovery_attempts,
      }
    : {}

/** Places that queued messages had before they were moved: their rows know the last one only. */
const movedFrom = (draft: Draft, state: LoadedChat): Record<string, unknown> => {
  const moved = new Set(draft.queueMoves.map((move) => move.id))
  const before = state.queue
    .filter((row) => moved.has(row.id))
    .map(({ id, position, kind }) => ({ id, position, kind }))
  return before.length === 0 ? {} : { moved_from: before }
}

/** Only of a step that is in the history: an interruption may also be one of a reply that is not there yet. */
const workedOnCallsOf = ({ row, openCalls }: LoadedChat, activity: Activity): number | null =>
  activity !== row.activity && hasTag(row.activity, "works-on-calls") ? (openCalls.at(-1)?.message_id ?? null) : null

/** A turn that comes back from a pause or a yield keeps what it began with. */
const beginsTurn = (draft: Draft, { context }: Transition): boolean =>
  draft.takesSlot !== null && context.resume === "generate" && context.steps === 0

interface Draft {
  messages: Array<NewMessage>
  answered: Array<{ id: string; canceled: boolean }>
  queueInserts: Array<ChatCommit["queueInserts"][number]>
  queueRemoves: Array<number>
  queueMoves: Array<ChatCommit["queueMoves"][number]>
  removeMessagesFrom: number | null
  toolCalls: ChatCommit["toolCalls"]
  approvals: ChatCommit["approvals"]
  takesSlot: ChatCommit["takesSlot"]
  openAttempt: ChatCommit["openAttempt"]
  closeAttempt: string | null
  partsBecameMessages: boolean
  lastModelConfigId: string
  lastError: ChatRow["last_error"]
  retryState: ChatRow["retry_state"]
  deadlineAt: string | null
}

export const plan = (state: LoadedChat, transition: Transition): Omit<ChatCommit, "receipt"> => {
  const { row } = state
  const draft: Draft = {
    messages: [],
    answered: [],
    queueInserts: [],
    queueRemoves: [],
    queueMoves: [],
    removeMessagesFrom: null,
    toolCalls: [],
    approvals: [],
    takesSlot: null,
    openAttempt: null,
    closeAttempt: null,
    partsBecameMessages: false,
    lastModelConfigId: row.last_model_config_id,
    lastError: row.last_error,
    retryState: row.retry_state,
    deadlineAt: row.requires_action_deadline_at?.toISOString() ?? null,
  }
  for (const change of transition.changes) draw(draft, state, change, transition)

  const activity = activityOf(transition.value)
  const historyChanged = draft.messages.length > 0 || draft.removeMessagesFrom !== null
  const retryState = hasTag(activity, "backing-off") ? draft.retryState : null
  const version = row.snapshot_version + 1
  const journal: JournalEntry = {
    event: transition.event.type,
    detail: { ...journalDetail(transition.event, state), ...slotDetail(draft, state), ...movedFrom(draft, state) },
    fromActivity: row.activity,
    actorUserId: transition.actorUserId,
    startedAtUs: transition.startedAtUs,
  }
  return {
    chatId: row.id,
    epoch: row.owner_epoch,
    version: row.snapshot_version,
    historyVersion: row.history_version,
    attemptBefore: row.generation_attempt,
    columns: {
      activity,
      planMode: transition.value.mode === "plan",
      turnPlanMode: beginsTurn(draft, transition) ? transition.value.mode === "plan" : row.turn_plan_mode,
      archived: transition.context.archived,
      resume: transition.context.resume,
      turnSteps: transition.context.steps,
      generationAttempt: transition.context.attempt,
      recoveryAttempts: historyChanged ? 0 : row.recovery_attempts,
      lastModelConfigId: draft.lastModelConfigId,
      lastError: draft.lastError,
      retryState,
      requiresActionDeadlineAt: hasTag(activity, "asks-client") ? draft.deadlineAt : null,
      yielded: hasTag(activity, "waits-for-slot") && (row.yielded || transition.event.type === "Yield"),
    },
    takesSlot: draft.takesSlot,
    historyChanged,
    queueChanged: draft.queueInserts.length + draft.queueRemoves.length + draft.queueMoves.length > 0,
    retryChanged: retryState !== row.retry_state,
    touchesUpdatedAt: transition.event.type !== "SetMode",
    messages: draft.messages.map(storable),
    removeMessagesFrom: draft.removeMessagesFrom,
    queueInserts: draft.queueInserts,
    queueRemoves: draft.queueRemoves,
    queueMoves: draft.queueMoves,
    toolCalls: draft.toolCalls,
    answeredCalls: draft.answered,
    approvals: draft.approvals,
    workedOnCallsOf: workedOnCallsOf(state, activity),
    openAttempt: draft.openAttempt,
    closeAttempt: draft.closeAttempt,
    partsBecameMessages: draft.partsBecameMessages || forgetsParts(draft, row),
    journal,
    snapshot: version % SNAPSHOT_EVERY === 0 ? { value: transition.value, context: transition.context } : null,
    machineVersion: CHAT_MACHINE_VERSION,
  }
}

/**
 * Shown parts that nothing will ever need. Results shown before the first attempt of a history belong to no attempt that could
 * keep them; those shown beside an approval that was not waited for are in the messages that answer the calls. A pause goes on.
 */
const forgetsParts = (draft: Draft, { activity, generation_attempt }: ChatRow): boolean =>
  (draft.closeAttempt !== null && draft.closeAttempt !== "pause" && generation_attempt === 0) ||
  (hasTag(activity, "asks-person") && (draft.messages.length > 0 || draft.removeMessagesFrom !== null))

const nextPosition = (state: LoadedChat) => Math.max(0, ...state.queue.map((queued) => queued.position)) + 1

const answerOpenCalls = (draft: Draft, state: LoadedChat, reason: CancelReason, now: string) => {
  const answered = new Set(draft.answered.map((call) => call.id))
  const cut = draft.removeMessagesFrom ?? Number.POSITIVE_INFINITY
  for (const call of state.openCalls) {
    if (answered.has(call.id) || call.message_id >= cut) continue
    draft.messages.push(canceled(call, reason, now))
    draft.answered.push({ id: call.id, canceled: call.state !== "done" })
  }
}

/** No user message is written behind an open call: a turn may have ended in an error among its tools. */
const writeUserMessage = (draft: Draft, state: LoadedChat, message: NewMessage, now: string) => {
  answerOpenCalls(draft, state, "superseded", now)
  draft.messages.push(message)
  draft.lastModelConfigId = message.modelConfigId ?? draft.lastModelConfigId
}

const promote = (draft: Draft, state: LoadedChat, row: QueuedRow | undefined, now: string) => {
  if (row === undefined) return
  writeUserMessage(draft, state, promoted(row, draft.lastModelConfigId), now)
  draft.queueRemoves.push(row.id)
}

const draw = (draft: Draft, state: LoadedChat, change: ChatChange, transition: Transition): void => {
  switch (change.type) {
    case "appendMessages":
      draft.messages.push(...change.params.messages)
      draft.answered.push(
        ...change.params.messages
          .flatMap((message) => message.toolCallIds ?? [])
          .map((id) => ({ id, canceled: false })),
      )
      draft.partsBecameMessages = true
      return
    case "appendUserMessage":
      return writeUserMessage(draft, state, userMessage(change.params.input), transition.now)
    case "enqueue":
      draft.queueInserts.push({ input: change.params.input, kind: change.params.kind, position: nextPosition(state) })
      return
    case "promoteHead":
      return promote(draft, state, inOrder(state.queue)[0], transition.now)
    case "promoteSteers":
      for (const row of inOrder(state.queue)) if (row.kind === "steer") promote(draft, state, row, transition.now)
      return
    case "promoteQueued":
      return promote(
        draft,
        state,
        state.queue.find((row) => row.id === change.params.queuedMessageId),
        transition.now,
      )
    case "moveToHead": {
      const promotedId = change.params.queuedMessageId
      const lowest = Math.min(...state.queue.map((queued) => queued.position))
      const isFirst = state.queue.some((queued) => queued.id === promotedId && queued.position === lowest)
      for (const { id, kind, position } of state.queue) {
        const moved = id === promotedId && !isFirst ? lowest - 1 : position
        if (kind === "steer" || moved !== position) draft.queueMoves.push({ id, position: moved, kind: "queue" })
      }
      return
    }
    case "removeQueued":
      draft.queueRemoves.push(change.params.queuedMessageId)
      return
    case "clearQueue":
      draft.queueRemoves.push(...state.queue.map((queued) => queued.id))
      return
    case "softDeleteFrom":
      draft.removeMessagesFrom = change.params.messageId
      return
    case "recordToolCalls":
      draft.toolCalls = change.params.calls
      return
    case "cancelPendingCalls":
      return answerOpenCalls(draft, state, change.params.reason, transition.now)
    case "decideApprovals":
      draft.approvals = change.params.decisions
      return
    case "takeSlot":
      draft.takesSlot = change.params.from
      return
    case "openAttempt":
      draft.openAttempt = { modelConfigId: change.params.modelConfigId ?? draft.lastModelConfigId }
      return
    case "closeAttempt":
      draft.closeAttempt = change.params.reason
      return
    case "setRetryState":
      draft.retryState = change.params.retry
      return
    case "setError":
      draft.lastError = change.params.error
      return
    case "clearError":
      draft.lastError = null
      return
    case "setDeadline":
      draft.deadlineAt = change.params.deadlineAt
      return
    case "clearContext":
      answerOpenCalls(draft, state, "superseded", transition.now)
      draft.messages.push(...clearedContext(state.row.snapshot_version + 1, transition.now))
      return
    case "noChange":
      return
  }
}
