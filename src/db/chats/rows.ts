import type { ChatError, RetryState } from "../../contract/chat-error.ts"
import type { ToolPolicyRule } from "../../contract/tool-policy.ts"
import type { ChatStatus, DynamicTool, MessageFinishReason } from "../../contract/chats.ts"
import type { MessageRole, MessageVisibility, Part } from "../../contract/parts.ts"
import type { Activity } from "../../machines/chat-state.ts"

/** Rows of the chat tables as the client hands them over: int8 as number, timestamptz as Date, jsonb parsed. */

export interface ChatRow {
  readonly id: string
  readonly owner_id: string
  readonly organization_id: string
  readonly parent_chat_id: string | null
  readonly root_chat_id: string | null
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
  readonly owner_instance: string | null
  readonly owner_epoch: number
  /** Crashes that count against this chat alone, since its history last changed. */
  readonly recovery_attempts: number
  /** Crashes since then for which it cannot be excluded. */
  readonly suspicion: number
  /** It was resumed as a suspect, and has not shown yet that it does no harm. */
  readonly on_trial: boolean
  readonly last_model_config_id: string
  readonly last_error: ChatError | null
  readonly retry_state: RetryState | null
  readonly requires_action_deadline_at: Date | null
  readonly pending_since: Date | null
  readonly admitted_at: Date | null
  readonly yielded: boolean
  readonly title: string
  readonly labels: Readonly<Record<string, string>>
  readonly mcp_server_ids: ReadonlyArray<string>
  readonly pin_order: number
  readonly last_read_message_id: number | null
  readonly last_turn_summary: string | null
  readonly user_acl: Readonly<Record<string, string>>
  readonly group_acl: Readonly<Record<string, string>>
  readonly workspace_id: string | null
  readonly build_id: string | null
  readonly agent_id: string | null
  readonly updated_at: Date
}

export interface MessageRow {
  readonly id: number
  readonly chat_id: string
  readonly created_version: number
  readonly removed_version: number | null
  readonly role: MessageRole
  readonly visibility: MessageVisibility
  readonly content: ReadonlyArray<Part>
  readonly content_version: number
  readonly compressed: boolean
  readonly model_config_id: string | null
  readonly created_by: string | null
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

export interface QueuedRow {
  readonly id: number
  readonly chat_id: string
  readonly position: number
  readonly kind: "queue" | "steer"
  readonly content: ReadonlyArray<Part>
  readonly model_config_id: string | null
  readonly created_by: string
  readonly created_at: Date
}

export interface ToolCallRow {
  readonly id: string
  readonly chat_id: string
  readonly message_id: number
  readonly index: number
  readonly provider_call_id: string
  readonly tool_name: string
  readonly args: unknown
  readonly args_text: string | null
  readonly state: "planned" | "started" | "done" | "canceled"
  readonly result: unknown
  readonly is_error: boolean | null
  readonly approval: "asked" | "approved" | "denied" | null
  readonly approval_reason: string | null
  readonly created_at: Date
  readonly started_at: Date | null
  readonly finished_at: Date | null
}
