import type { ChatError, RetryState } from "../../contract/chat-error.ts"
import type {
  AgentId,
  BuildId,
  ChatId,
  ServerInstanceId,
  McpServerId,
  MessageId,
  ModelConfigId,
  OrganizationId,
  ProviderCallId,
  QueuedMessageId,
  ToolCallId,
  UserId,
  WorkspaceId,
} from "../../contract/ids.ts"
import type { ToolPolicyRule } from "../../contract/tool-policy.ts"
import type { ChatStatus, DynamicTool, MessageFinishReason } from "../../contract/chats.ts"
import type { MessageRole, MessageVisibility, Part } from "../../contract/parts.ts"
import type { Activity } from "../../machines/chat-state.ts"

/**
 * Rows of the chat tables as the client hands them over (int8 as number, timestamptz as Date, jsonb parsed), each with the columns
 * of the database that it is read from: the compiler holds the two against each other, and a test holds the columns against the
 * database.
 */

type SqlType<Value> = Value extends boolean
  ? "bool"
  : Value extends number
    ? "int8" | "int4" | "int2"
    : Value extends string
      ? "text" | "uuid"
      : Value extends Date
        ? "timestamptz"
        : "jsonb" | "json" | "_uuid"

/** By name: Postgres' own name of the type, and `?` where there may be no value. */
export type Columns<Row> = {
  readonly [Column in keyof Row]: null extends Row[Column]
    ? `${SqlType<NonNullable<Row[Column]>>}?`
    : SqlType<Row[Column]>
}

/** For a `select` or a `returning`. */
export const columnList = (columns: object): string => Object.keys(columns).join(", ")

export interface ChatRow {
  readonly id: ChatId
  readonly owner_id: UserId
  readonly organization_id: OrganizationId
  readonly parent_chat_id: ChatId | null
  readonly root_chat_id: ChatId | null
  readonly client_type: "ui" | "api"
  readonly mode: "explore" | "computer_use" | null
  readonly dynamic_tools: ReadonlyArray<DynamicTool>
  readonly tool_policy: ReadonlyArray<ToolPolicyRule>
  readonly created_at: Date
  /** As SQL hands it over: `isActivity` says whether this version knows it. A chat in another state has no actor. */
  readonly activity: Activity
  readonly status: ChatStatus
  /** What is true of the state: see `state-facts.ts`. */
  readonly owned: boolean
  readonly working: boolean
  readonly holds_slot: boolean
  readonly waits_for_slot: boolean
  readonly plan_mode: boolean
  readonly turn_plan_mode: boolean
  readonly archived: boolean
  readonly resume: "generate" | "execute" | "compact"
  readonly turn_steps: number
  readonly machine_version: number
  readonly snapshot_version: number
  readonly history_version: number
  readonly queue_version: number
  readonly retry_state_version: number
  readonly generation_attempt: number
  readonly owner_instance: ServerInstanceId | null
  readonly owner_epoch: number
  /** Crashes that count against this chat alone, since its history last changed. */
  readonly recovery_attempts: number
  /** Crashes since then for which it cannot be excluded. */
  readonly suspicion: number
  /** It was resumed as a suspect, and has not shown yet that it does no harm. */
  readonly on_trial: boolean
  readonly last_model_config_id: ModelConfigId
  readonly last_error: ChatError | null
  readonly retry_state: RetryState | null
  readonly requires_action_deadline_at: Date | null
  readonly pending_since: Date | null
  readonly admitted_at: Date | null
  readonly yielded: boolean
  readonly title: string
  readonly labels: Readonly<Record<string, string>>
  readonly mcp_server_ids: ReadonlyArray<McpServerId>
  readonly pin_order: number
  readonly last_read_message_id: MessageId | null
  readonly last_turn_summary: string | null
  readonly user_acl: Readonly<Record<string, string>>
  readonly group_acl: Readonly<Record<string, string>>
  readonly workspace_id: WorkspaceId | null
  readonly build_id: BuildId | null
  readonly agent_id: AgentId | null
  readonly updated_at: Date
}

/** All of the table's. */
export const CHAT_COLUMNS = {
  id: "uuid",
  owner_id: "uuid",
  organization_id: "uuid",
  parent_chat_id: "uuid?",
  root_chat_id: "uuid?",
  client_type: "text",
  mode: "text?",
  dynamic_tools: "jsonb",
  tool_policy: "jsonb",
  created_at: "timestamptz",
  activity: "text",
  status: "text",
  owned: "bool",
  working: "bool",
  holds_slot: "bool",
  waits_for_slot: "bool",
  plan_mode: "bool",
  turn_plan_mode: "bool",
  archived: "bool",
  resume: "text",
  turn_steps: "int4",
  machine_version: "int4",
  snapshot_version: "int8",
  history_version: "int8",
  queue_version: "int8",
  retry_state_version: "int8",
  generation_attempt: "int4",
  owner_instance: "uuid?",
  owner_epoch: "int8",
  recovery_attempts: "int4",
  suspicion: "int4",
  on_trial: "bool",
  last_model_config_id: "uuid",
  last_error: "jsonb?",
  retry_state: "jsonb?",
  requires_action_deadline_at: "timestamptz?",
  pending_since: "timestamptz?",
  admitted_at: "timestamptz?",
  yielded: "bool",
  title: "text",
  labels: "jsonb",
  mcp_server_ids: "_uuid",
  pin_order: "int4",
  last_read_message_id: "int8?",
  last_turn_summary: "text?",
  user_acl: "jsonb",
  group_acl: "jsonb",
  workspace_id: "uuid?",
  build_id: "uuid?",
  agent_id: "uuid?",
  updated_at: "timestamptz",
} as const satisfies Columns<ChatRow>

/** What a commit may change of it, and by what the row is found. */
export const STATE_COLUMNS = [
  "id",
  "owner_epoch",
  "snapshot_version",
  "history_version",
  "queue_version",
  "retry_state_version",
  "activity",
  "status",
  "owned",
  "working",
  "holds_slot",
  "waits_for_slot",
  "plan_mode",
  "turn_plan_mode",
  "archived",
  "resume",
  "turn_steps",
  "generation_attempt",
  "recovery_attempts",
  "suspicion",
  "on_trial",
  "last_model_config_id",
  "last_error",
  "retry_state",
  "requires_action_deadline_at",
  "machine_version",
  "pending_since",
  "admitted_at",
  "yielded",
  "pin_order",
  "last_turn_summary",
  "updated_at",
] as const satisfies ReadonlyArray<keyof ChatRow>

export type StateRow = Pick<ChatRow, (typeof STATE_COLUMNS)[number]>

/** What of it people are shown, in lists and alone. */
export const SHOWN_COLUMNS = [
  "id",
  "owner_id",
  "organization_id",
  "parent_chat_id",
  "root_chat_id",
  "client_type",
  "mode",
  "created_at",
  "activity",
  "status",
  "plan_mode",
  "archived",
  "last_model_config_id",
  "last_error",
  "title",
  "labels",
  "mcp_server_ids",
  "pin_order",
  "last_turn_summary",
  "workspace_id",
  "build_id",
  "agent_id",
  "updated_at",
] as const satisfies ReadonlyArray<keyof ChatRow>

/** What else is read of a chat that somebody looks at: its state, and who drives it. */
export const DETAIL_COLUMNS = [...STATE_COLUMNS, "owner_instance"] as const satisfies ReadonlyArray<keyof ChatRow>

export interface MessageRow {
  readonly id: MessageId
  readonly chat_id: ChatId
  readonly created_version: number
  readonly removed_version: number | null
  readonly role: MessageRole
  readonly visibility: MessageVisibility
  readonly content: ReadonlyArray<Part>
  readonly content_version: number
  readonly compressed: boolean
  readonly model_config_id: ModelConfigId | null
  readonly created_by: UserId | null
  readonly input_tokens: number | null
  readonly output_tokens: number | null
  readonly total_tokens: number | null
  readonly reasoning_tokens: number | null
  readonly cache_creation_tokens: number | null
  readonly cache_read_tokens: number | null
  readonly context_limit: number | null
  readonly total_cost_micros: number | null
  readonly provider_response_id: string | null
  /** Who made an assistant's message; see `providers/origin.ts`. */
  readonly provider_origin: string | null
  readonly finish_reason: MessageFinishReason | null
  readonly created_at: Date
}

export const MESSAGE_COLUMNS = {
  id: "int8",
  chat_id: "uuid",
  created_version: "int8",
  removed_version: "int8?",
  role: "text",
  visibility: "text",
  content: "jsonb",
  content_version: "int2",
  compressed: "bool",
  model_config_id: "uuid?",
  created_by: "uuid?",
  input_tokens: "int8?",
  output_tokens: "int8?",
  total_tokens: "int8?",
  reasoning_tokens: "int8?",
  cache_creation_tokens: "int8?",
  cache_read_tokens: "int8?",
  context_limit: "int8?",
  total_cost_micros: "int8?",
  provider_response_id: "text?",
  provider_origin: "text?",
  finish_reason: "text?",
  created_at: "timestamptz",
} as const satisfies Columns<MessageRow>

export interface QueuedRow {
  readonly id: QueuedMessageId
  readonly chat_id: ChatId
  readonly position: number
  readonly kind: "queue" | "steer"
  readonly content: ReadonlyArray<Part>
  readonly model_config_id: ModelConfigId | null
  readonly created_by: UserId
  readonly created_at: Date
}

export const QUEUED_COLUMNS = {
  id: "int8",
  chat_id: "uuid",
  position: "int8",
  kind: "text",
  content: "jsonb",
  model_config_id: "uuid?",
  created_by: "uuid",
  created_at: "timestamptz",
} as const satisfies Columns<QueuedRow>

export interface ToolCallRow {
  readonly id: ToolCallId
  readonly chat_id: ChatId
  readonly message_id: MessageId
  readonly index: number
  readonly provider_call_id: ProviderCallId
  readonly tool_name: string
  readonly args: unknown
  readonly args_text: string | null
  readonly state: "planned" | "started" | "done" | "canceled"
  readonly result: unknown
  readonly is_error: boolean | null
  readonly approval: "asked" | "approved" | "denied" | null
  readonly approval_reason: string | null
  /** Offered to the person who is asked; see `Approval` of the contract. */
  readonly allow_rule: ToolPolicyRule | null
  readonly created_at: Date
  readonly started_at: Date | null
  readonly finished_at: Date | null
}

export const TOOL_CALL_COLUMNS = {
  id: "uuid",
  chat_id: "uuid",
  message_id: "int8",
  index: "int4",
  provider_call_id: "text",
  tool_name: "text",
  args: "jsonb?",
  args_text: "text?",
  state: "text",
  result: "jsonb?",
  is_error: "bool?",
  approval: "text?",
  approval_reason: "text?",
  allow_rule: "jsonb?",
  created_at: "timestamptz",
  started_at: "timestamptz?",
  finished_at: "timestamptz?",
} as const satisfies Columns<ToolCallRow>
