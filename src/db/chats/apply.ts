import type { ChatCommit, Committed, LoadedChat } from "./commit.ts"
import { CONTENT_VERSION } from "./content-version.ts"
import type { MessageRow, ToolCallRow } from "./rows.ts"
import type { NewMessage } from "../../machines/chat-events.ts"
import { hasTag, statusOf } from "../../machines/chat-state.ts"
import { factsOfState } from "./state-facts.ts"
import { inOrder } from "./plan.ts"

/** The row that an insert of `message` has made. */
export const insertedMessage = (
  chatId: string,
  message: NewMessage,
  id: number,
  committed: Pick<Committed, "version" | "at">,
): MessageRow => ({
  id,
  chat_id: chatId,
  created_version: committed.version,
  removed_version: null,
  role: message.role,
  visibility: message.visibility,
  content: message.content,
  content_version: CONTENT_VERSION,
  compressed: message.compressed ?? false,
  model_config_id: message.modelConfigId ?? null,
  created_by: message.createdBy ?? null,
  input_tokens: message.usage?.input_tokens ?? null,
  output_tokens: message.usage?.output_tokens ?? null,
  total_tokens: message.usage?.total_tokens ?? null,
  reasoning_tokens: message.usage?.reasoning_tokens ?? null,
  cache_creation_tokens: message.usage?.cache_creation_tokens ?? null,
  cache_read_tokens: message.usage?.cache_read_tokens ?? null,
  context_limit: message.usage?.context_limit ?? null,
  total_cost_micros: message.costMicros ?? null,
  provider_response_id: message.responseId ?? null,
  provider_origin: message.origin ?? null,
  finish_reason: message.finishReason ?? null,
  created_at: committed.at,
})

/** The actor's rows after a commit, and the message rows it wrote. */
export const apply = (
  state: LoadedChat,
  commit: Omit<ChatCommit, "receipt">,
  committed: Committed,
): { readonly state: LoadedChat; readonly inserted: ReadonlyArray<MessageRow> } => {
  const { row } = state
  const { columns } = commit
  const inserted = commit.messages.map((message, index) =>
    insertedMessage(row.id, message, committed.messageIds[index] ?? 0, committed),
  )
  const removed = new Set(commit.queueRemoves)
  const moved = new Map(commit.queueMoves.map((move) => [move.id, move]))
  const queue = [
    ...state.queue
      .filter((queued) => !removed.has(queued.id))
      .map((queued) => ({ ...queued, ...moved.get(queued.id) })),
    ...commit.queueInserts.map((queued, index) => ({
      id: committed.queuedIds[index] ?? 0,
      chat_id: row.id,
      position: queued.position,
      kind: queued.kind,
      content: queued.input.content,
      model_config_id: queued.input.modelConfigId,
      created_by: queued.input.createdBy,
      created_at: committed.at,
    })),
  ]
  const answered = new Set(commit.answeredCalls.map((call) => call.id))
  const cut = commit.removeMessagesFrom ?? Number.POSITIVE_INFINITY
  const decisions = new Map(commit.approvals.map((decision) => [decision.id, decision]))
  const decided = (call: ToolCallRow): ToolCallRow => {
    const decision = decisions.get(call.id)
    if (decision === undefined) return call
    const approval = decision.approved ? "approved" : "denied"
    return { ...call, approval, approval_reason: decision.reason ?? call.approval_reason }
  }
  const openCalls = [
    ...state.openCalls.filter((call) => !answered.has(call.id) && call.message_id < cut).map(decided),
    ...commit.toolCalls.map((call): ToolCallRow => ({
      id: call.id,
      chat_id: row.id,
      message_id: inserted.at(-1)?.id ?? 0,
      index: call.index,
      provider_call_id: call.providerCallId,
      tool_name: call.toolName,
      args: call.args,
      args_text: call.argsText,
      state: "planned",
      result: null,
      is_error: null,
      approval: call.approval,
      approval_reason: call.approvalReason,
      created_at: committed.at,
      started_at: null,
      finished_at: null,
    })),
  ]
  return {
    inserted,
    state: {
      queue: inOrder(queue),
      openCalls,
      row: {
        ...row,
        activity: columns.activity,
        status: statusOf(columns.activity),
        ...factsOfState(columns.activity),
        plan_mode: columns.planMode,
        turn_plan_mode: columns.turnPlanMode,
        archived: columns.archived,
        resume: columns.resume,
        turn_steps: columns.turnSteps,
        generation_attempt: columns.generationAttempt,
        recovery_attempts: columns.recoveryAttempts,
        suspicion: commit.historyChanged ? 0 : row.suspicion,
        on_trial: row.on_trial && !commit.historyChanged,
        last_model_config_id: columns.lastModelConfigId,
        last_error: columns.lastError,
        retry_state: columns.retryState,
        requires_action_deadline_at:
          columns.requiresActionDeadlineAt === null ? null : new Date(columns.requiresActionDeadlineAt),
        admitted_at: committed.admittedAt,
        yielded: columns.yielded,
        pending_since: hasTag(columns.activity, "waits-for-slot") ? (row.pending_since ?? committed.at) : null,
        pin_order: columns.archived === row.archived ? row.pin_order : 0,
        snapshot_version: committed.version,
        history_version: commit.historyChanged ? committed.version : row.history_version,
        queue_version: commit.queueChanged ? committed.version : row.queue_version,
        retry_state_version: commit.retryChanged ? committed.version : row.retry_state_version,
        updated_at: commit.touchesUpdatedAt ? committed.at : row.updated_at,
      },
    },
  }
}

/** The messages that the model gets, after a commit; undefined where they have to be read again. */
export const transcriptAfter = (
  before: ReadonlyArray<MessageRow> | undefined,
  commit: Pick<ChatCommit, "removeMessagesFrom">,
  inserted: ReadonlyArray<MessageRow>,
): ReadonlyArray<MessageRow> | undefined => {
  // An edit may take a boundary away, behind which there are rows that are not here; a new one makes most of these idle.
  if (commit.removeMessagesFrom !== null || inserted.some((row) => row.compressed)) return undefined
  if (before === undefined || inserted.length === 0) return before
  return [...before, ...inserted.filter((row) => row.visibility !== "user")]
}
