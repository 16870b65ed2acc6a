import type { Chat, DiffStatus, Message, QueuedMessage } from "../../contract/chats.ts"
import type { ChatId } from "../../contract/ids.ts"
import type { ChatTransition } from "../../contract/inspection.ts"
import type { Approval } from "../../contract/tool-policy.ts"
import type { Part, Usage } from "../../contract/parts.ts"
import type { TransitionRow } from "../../db/chats/journal.ts"
import type { ChatListRow } from "../../db/chats/shown-chats.ts"
import type { MessageRow, QueuedRow, ToolCallRow } from "../../db/chats/rows.ts"

/** Rows as the API shows them. What is internal stays behind. */

export const partToWire = (part: Part): Part => {
  if (!("provider_metadata" in part)) return part
  const { provider_metadata: _, ...shown } = part
  return shown as Part
}

type UsageRow = Pick<
  MessageRow,
  | "input_tokens"
  | "output_tokens"
  | "total_tokens"
  | "reasoning_tokens"
  | "cache_creation_tokens"
  | "cache_read_tokens"
  | "context_limit"
>

export const usageToWire = (row: UsageRow): Usage | undefined => {
  const usage = {
    ...(row.input_tokens !== null && { input_tokens: row.input_tokens }),
    ...(row.output_tokens !== null && { output_tokens: row.output_tokens }),
    ...(row.total_tokens !== null && { total_tokens: row.total_tokens }),
    ...(row.reasoning_tokens !== null && { reasoning_tokens: row.reasoning_tokens }),
    ...(row.cache_creation_tokens !== null && { cache_creation_tokens: row.cache_creation_tokens }),
    ...(row.cache_read_tokens !== null && { cache_read_tokens: row.cache_read_tokens }),
    ...(row.context_limit !== null && { context_limit: row.context_limit }),
  }
  return Object.keys(usage).length === 0 ? undefined : usage
}

export const messageToWire = (row: MessageRow): Message => {
  const usage = usageToWire(row)
  return {
    id: row.id,
    chat_id: row.chat_id,
    ...(row.created_by !== null && { created_by: row.created_by }),
    ...(row.model_config_id !== null && { model_config_id: row.model_config_id }),
    created_at: row.created_at.toISOString(),
    role: row.role,
    content: row.content.map(partToWire),
    ...(usage !== undefined && { usage }),
    ...(row.finish_reason !== null && { finish_reason: row.finish_reason }),
  }
}

export const queuedToWire = (row: QueuedRow): QueuedMessage => ({
  id: row.id,
  chat_id: row.chat_id,
  ...(row.model_config_id !== null && { model_config_id: row.model_config_id }),
  content: row.content.map(partToWire),
  kind: row.kind,
  created_at: row.created_at.toISOString(),
})

export const transitionToWire = (row: TransitionRow): ChatTransition => ({
  version: row.version,
  event: row.event,
  detail: row.detail,
  from: row.from_activity,
  to: row.to_activity,
  ...(row.actor_user_id !== null && { actor_user_id: row.actor_user_id }),
  epoch: row.epoch,
  machine_version: row.machine_version,
  ...(row.duration_us !== null && { duration_us: row.duration_us }),
  created_at: row.created_at.toISOString(),
})

/** Nobody looks at repositories yet: what a chat that has changed nothing shows. */
const noDiff = (chatId: ChatId): DiffStatus => ({
  chat_id: chatId,
  pull_request_title: "",
  pull_request_draft: false,
  changes_requested: false,
  additions: 0,
  deletions: 0,
  changed_files: 0,
})

export const chatToWire = (row: ChatListRow, children: ReadonlyArray<ChatListRow> = []): Chat => ({
  id: row.id,
  organization_id: row.organization_id,
  owner_id: row.owner_id,
  owner_username: row.owner_username,
  owner_name: row.owner_name,
  ...(row.workspace_id !== null && { workspace_id: row.workspace_id }),
  ...(row.build_id !== null && { build_id: row.build_id }),
  ...(row.agent_id !== null && { agent_id: row.agent_id }),
  ...(row.parent_chat_id !== null && { parent_chat_id: row.parent_chat_id }),
  root_chat_id: row.root_chat_id ?? row.id,
  last_model_config_id: row.last_model_config_id,
  title: row.title,
  status: row.status,
  activity: row.activity,
  ...(row.mode !== null && { mode: row.mode }),
  ...(row.plan_mode && { plan_mode: "plan" as const }),
  ...(row.last_error !== null && { last_error: row.last_error }),
  last_turn_summary: row.last_turn_summary,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
  archived: row.archived,
  shared: row.shared,
  pin_order: row.pin_order,
  mcp_server_ids: row.mcp_server_ids,
  labels: row.labels,
  has_unread: row.has_unread,
  client_type: row.client_type,
  diff_status: noDiff(row.id),
  queued_for_capacity: row.queue_position !== null,
  ...(row.queue_position !== null && { queue_position: row.queue_position }),
  children: children.map((child) => chatToWire(child)),
})

/** A call of a client's own tool, as the client is asked for its result. */
export const clientCallToWire = (call: Pick<ToolCallRow, "provider_call_id" | "tool_name" | "args">) => ({
  tool_call_id: call.provider_call_id,
  tool_name: call.tool_name,
  args: JSON.stringify(call.args ?? {}),
})

/** A call that waits for a person, as people see it. */
export const approvalToWire = (
  call: Pick<ToolCallRow, "id" | "provider_call_id" | "tool_name" | "args" | "approval_reason" | "allow_rule">,
): Approval => ({
  id: call.id,
  tool_call_id: call.provider_call_id,
  tool_name: call.tool_name,
  args: JSON.stringify(call.args ?? {}),
  reason: call.approval_reason ?? "",
  ...(call.allow_rule !== null && { allow_rule: call.allow_rule }),
})
