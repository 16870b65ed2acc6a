import type { Chat, Message, QueuedMessage } from "../chats.ts"
import type { ToolPolicyRule } from "../tool-policy.ts"
import { PLACEHOLDERS } from "./reference.ts"

/** The chat that the examples of events tell of. */

const AT = "2026-11-12T14:21:36.000Z"

export const EXAMPLE_CURSOR = "2.1.1.1"

export const EXAMPLE_RULE: ToolPolicyRule = {
  pattern: "execute",
  args: { command_prefix: ["ls"] },
  action: "auto",
}

export const EXAMPLE_CHAT: Chat = {
  id: PLACEHOLDERS.chat.value,
  organization_id: PLACEHOLDERS.organization.value,
  owner_id: "c1f0a3b8-47d2-4e69-a5b1-20e98d7c6007",
  root_chat_id: PLACEHOLDERS.chat.value,
  last_model_config_id: PLACEHOLDERS.model_config.value,
  title: "Which files are in this folder?",
  status: "running",
  activity: "running.generating",
  last_turn_summary: null,
  created_at: AT,
  updated_at: AT,
  archived: false,
  shared: false,
  pin_order: 0,
  mcp_server_ids: [],
  labels: {},
  has_unread: false,
  client_type: "api",
  diff_status: {
    chat_id: PLACEHOLDERS.chat.value,
    pull_request_title: "",
    pull_request_draft: false,
    changes_requested: false,
    additions: 0,
    deletions: 0,
    changed_files: 0,
  },
  queued_for_capacity: false,
  children: [],
}

export const exampleMessage: Message = {
  id: PLACEHOLDERS.message.value,
  chat_id: PLACEHOLDERS.chat.value,
  model_config_id: PLACEHOLDERS.model_config.value,
  created_at: AT,
  role: "assistant",
  content: [{ type: "text", text: "There are three files." }],
  usage: { input_tokens: 812, output_tokens: 9 },
}

export const exampleQueued: QueuedMessage = {
  id: PLACEHOLDERS.queued_message.value,
  chat_id: PLACEHOLDERS.chat.value,
  content: [{ type: "text", text: "And which of them is the largest?" }],
  kind: "queue",
  created_at: AT,
}
