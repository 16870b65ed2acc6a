import type { LoadedChat } from "../../src/db/chats/store/loaded-chat.ts"
import { factsOfState } from "../../src/db/chats/state-facts.ts"
import { statusOf } from "../../src/machines/chat-state.ts"
import type { ChatRow, QueuedRow, ToolCallRow } from "../../src/db/chats/rows.ts"

/** What an actor holds of a chat, for tests of what is decided on it. */

const AT = new Date("2026-01-02T03:04:05Z")

export const CHAT = "00000000-0000-4000-8000-00000000c4a7"
export const OWNER = "00000000-0000-4000-8000-0000000000a1"
export const ORGANIZATION = "00000000-0000-4000-8000-0000000000b1"
export const MODEL = "00000000-0000-4000-8000-0000000000d1"

const row: ChatRow = {
  id: CHAT,
  owner_id: OWNER,
  organization_id: ORGANIZATION,
  parent_chat_id: null,
  root_chat_id: null,
  client_type: "api",
  mode: null,
  dynamic_tools: [],
  tool_policy: [],
  created_at: AT,
  activity: "waiting",
  status: "waiting",
  ...factsOfState("waiting"),
  plan_mode: false,
  turn_plan_mode: false,
  archived: false,
  resume: "generate",
  turn_steps: 0,
  machine_version: 1,
  snapshot_version: 10,
  history_version: 8,
  queue_version: 5,
  retry_state_version: 0,
  generation_attempt: 0,
  owner_instance: "instance",
  owner_epoch: 3,
  recovery_attempts: 0,
  suspicion: 0,
  on_trial: false,
  last_model_config_id: MODEL,
  last_error: null,
  retry_state: null,
  requires_action_deadline_at: null,
  pending_since: null,
  admitted_at: null,
  yielded: false,
  title: "A chat",
  labels: {},
  mcp_server_ids: [],
  pin_order: 0,
  last_read_message_id: null,
  last_turn_summary: null,
  user_acl: {},
  group_acl: {},
  workspace_id: null,
  build_id: null,
  agent_id: null,
  updated_at: AT,
}

export const queuedRow = (id: number, kind: QueuedRow["kind"] = "queue"): QueuedRow => ({
  id,
  chat_id: CHAT,
  position: id,
  kind,
  content: [{ type: "text", text: `queued ${id}` }],
  model_config_id: null,
  created_by: OWNER,
  created_at: AT,
})

export const callRow = (id: string, more: Partial<ToolCallRow> = {}): ToolCallRow => ({
  id,
  chat_id: CHAT,
  message_id: 50,
  index: 0,
  provider_call_id: `call-${id}`,
  tool_name: "read_file",
  args: {},
  args_text: null,
  state: "planned",
  result: null,
  is_error: null,
  approval: null,
  approval_reason: null,
  allow_rule: null,
  stopped_by: null,
  created_at: AT,
  started_at: null,
  finished_at: null,
  ...more,
})

export const loadedChat = (
  change: Partial<ChatRow> = {},
  more: Partial<Pick<LoadedChat, "queue" | "openCalls">> = {},
): LoadedChat => {
  const activity = change.activity ?? row.activity
  const facts = { status: statusOf(activity), ...factsOfState(activity) }
  return { row: { ...row, ...facts, ...change }, queue: more.queue ?? [], openCalls: more.openCalls ?? [] }
}
