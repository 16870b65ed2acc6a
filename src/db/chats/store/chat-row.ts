import type { SqlClient } from "@effect/sql/SqlClient"
import type { ChatError, RetryState } from "../../../contract/chat-error.ts"
import type { ToolPolicyRule } from "../../../contract/tool-policy.ts"
import { jsonb } from "../../engine/jsonb.ts"
import type { SlotSource } from "../../../machines/chat-events.ts"
import { CHAT_MACHINE_VERSION, type ChatContext } from "../../../machines/chat-setup.ts"
import { type Activity, activityOf, hasTag } from "../../../machines/chat-state.ts"
import type { Capacity } from "../admission.ts"
import { type ChatRow, STATE_COLUMNS } from "../rows.ts"
import { factsOfState } from "../state-facts.ts"
import { lastWords } from "./last-words.ts"
import type { Committed, LoadedChat } from "./loaded-chat.ts"
import type { MessagesPlan } from "./messages.ts"
import type { Fenced, Transition } from "./part.ts"
import type { QueuePlan } from "./queue.ts"
import { hasRoom } from "./slot-room.ts"

/**
 * The fence of every commit, and the state of the chat: `chats`. It has no twin in memory: the update gives back what it has
 * made of the row, and that is what the owner goes on with. Only the rules for tools, which may be long, are not read back.
 */

/** Columns of the row that are state, as they stand after the transition. */
export interface StateColumns {
  readonly activity: Activity
  readonly planMode: boolean
  readonly turnPlanMode: boolean
  readonly archived: boolean
  readonly resume: ChatContext["resume"]
  readonly turnSteps: number
  readonly generationAttempt: number
  readonly lastError: ChatError | null
  readonly retryState: RetryState | null
  readonly requiresActionDeadlineAt: string | null
  readonly yielded: boolean
}

export interface RowPlan {
  readonly columns: StateColumns
  /**
   * Work begins. A slot that was granted to the row must be there still, for it may have been given up since; one that comes with the
   * event was counted by whoever sent it.
   */
  readonly takesSlot: SlotSource | null
  /** The rules of the chat from now on; null where they stay. */
  readonly toolPolicy: ReadonlyArray<ToolPolicyRule> | null
  readonly retryChanged: boolean
  /** The sidebar sorts by it; a change of mode or of rules does not move it. */
  readonly touchesUpdatedAt: boolean
  readonly machineVersion: number
}

export const fencedOf = ({ row }: LoadedChat): Fenced => ({
  chatId: row.id,
  epoch: row.owner_epoch,
  version: row.snapshot_version,
  historyVersion: row.history_version,
  attemptBefore: row.generation_attempt,
})

/** A turn that comes back from a pause or a yield keeps what it began with. */
const beginsTurn = ({ context }: Transition, takesSlot: SlotSource | null): boolean =>
  takesSlot !== null && context.resume === "generate" && context.steps === 0

export const planRow = ({ row }: LoadedChat, transition: Transition): RowPlan => {
  const { changes, context, event, value } = transition
  let lastError = row.last_error
  let retryState = row.retry_state
  let deadlineAt = row.requires_action_deadline_at?.toISOString() ?? null
  let takesSlot: SlotSource | null = null
  let toolPolicy: RowPlan["toolPolicy"] = null
  for (const change of changes) {
    switch (change.type) {
      case "takeSlot":
        takesSlot = change.params.from
        break
      case "setToolPolicy":
        toolPolicy = change.params.rules
        break
      case "setRetryState":
        retryState = change.params.retry
        break
      case "setError":
        lastError = change.params.error
        break
      case "clearError":
        lastError = null
        break
      case "setDeadline":
        deadlineAt = change.params.deadlineAt
        break
    }
  }
  const activity = activityOf(value)
  if (!hasTag(activity, "backing-off")) retryState = null
  const planMode = value.mode === "plan"
  return {
    columns: {
      activity,
      planMode,
      turnPlanMode: beginsTurn(transition, takesSlot) ? planMode : row.turn_plan_mode,
      archived: context.archived,
      resume: context.resume,
      turnSteps: context.steps,
      generationAttempt: context.attempt,
      lastError,
      retryState,
      requiresActionDeadlineAt: hasTag(activity, "asks-client") ? deadlineAt : null,
      yielded: hasTag(activity, "waits-for-slot") && (row.yielded || event.type === "Yield"),
    },
    takesSlot,
    toolPolicy,
    retryChanged: retryState !== row.retry_state,
    touchesUpdatedAt: event.type !== "SetMode" && event.type !== "SetToolPolicy",
    machineVersion: CHAT_MACHINE_VERSION,
  }
}

const jsonOrNull = (value: object | null) => (value === null ? null : jsonb(value))

const scopeOf = (sql: SqlClient) => ({
  chatId: sql`chats.id`,
  ownerId: sql`chats.owner_id`,
  organizationId: sql`chats.organization_id`,
})

/** The update that every other part of the statement selects from. It finds no row where the chat has another owner or version. */
export const fence = (
  sql: SqlClient,
  commit: Fenced & RowPlan & MessagesPlan & QueuePlan & { readonly slotLimits?: Capacity },
) => {
  const {
    columns: to,
    historyChanged,
    queueChanged,
    retryChanged,
    slotLimits,
    takesSlot,
    toolPolicy,
    touchesUpdatedAt,
  } = commit
  const facts = factsOfState(to.activity)
  return sql`fence as (
      update chats set
        snapshot_version = snapshot_version + 1,
        history_version = case when ${historyChanged} then snapshot_version + 1 else history_version end,
        queue_version = case when ${queueChanged} then snapshot_version + 1 else queue_version end,
        retry_state_version = case when ${retryChanged} then snapshot_version + 1 else retry_state_version end,
        activity = ${to.activity}, owned = ${facts.owned}, working = ${facts.working}, holds_slot = ${facts.holds_slot},
        waits_for_slot = ${facts.waits_for_slot}, plan_mode = ${to.planMode}, turn_plan_mode = ${to.turnPlanMode},
        archived = ${to.archived}, resume = ${to.resume}, turn_steps = ${to.turnSteps},
        generation_attempt = ${to.generationAttempt},
        recovery_attempts = case when ${historyChanged} then 0 else recovery_attempts end,
        suspicion = case when ${historyChanged} then 0 else suspicion end,
        on_trial = on_trial and not ${historyChanged},
        last_model_config_id = ${commit.lastModelConfigId}::uuid,
        last_turn_summary = coalesce(${lastWords(commit.messages)}, ${commit.removeMessagesFrom === null ? sql`last_turn_summary` : sql`null`}),
        last_error = ${jsonOrNull(to.lastError)}::jsonb,
        retry_state = ${jsonOrNull(to.retryState)}::jsonb,
        requires_action_deadline_at = ${to.requiresActionDeadlineAt}::timestamptz,
        machine_version = ${commit.machineVersion},
        pending_since = case when ${facts.waits_for_slot} then coalesce(pending_since, now()) end,
        admitted_at = case when ${facts.waits_for_slot} then admitted_at end,
        yielded = ${to.yielded},
        ${toolPolicy === null ? sql`` : sql`tool_policy = ${jsonb(toolPolicy)}::jsonb,`}
        pin_order = case when archived <> ${to.archived} then 0 else pin_order end,
        updated_at = case when ${touchesUpdatedAt} then now() else updated_at end
      where id = ${commit.chatId} and owner_epoch = ${commit.epoch} and snapshot_version = ${commit.version}
        ${takesSlot === "row" ? sql`and admitted_at is not null` : sql``}
        ${slotLimits === undefined ? sql`` : sql`and ${hasRoom(sql, scopeOf(sql), slotLimits)}`}
      returning ${sql.literal(STATE_COLUMNS.join(", "))})`
}

/** The row after a commit. */
export const rowAfter = ({ row }: LoadedChat, { toolPolicy }: RowPlan, committed: Committed): ChatRow => ({
  ...row,
  ...committed.row,
  ...(toolPolicy !== null && { tool_policy: toolPolicy }),
})
