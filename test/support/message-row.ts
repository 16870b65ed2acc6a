import type { MessageRole, Part } from "../../src/contract/parts.ts"
import type { MessageRow } from "../../src/db/chats/rows.ts"

/** A row of a transcript, for tests of what is made from it. */
export const messageRow = (
  role: MessageRole,
  content: ReadonlyArray<Part>,
  more: Partial<MessageRow> = {},
): MessageRow => ({
  id: 1,
  chat_id: "chat",
  created_version: 1,
  removed_version: null,
  role,
  visibility: "both",
  content,
  content_version: 1,
  compressed: false,
  model_config_id: null,
  created_by: null,
  input_tokens: null,
  output_tokens: null,
  total_tokens: null,
  reasoning_tokens: null,
  cache_creation_tokens: null,
  cache_read_tokens: null,
  context_limit: null,
  total_cost_micros: null,
  provider_response_id: null,
  provider_origin: null,
  finish_reason: null,
  created_at: new Date("2026-01-02T03:04:05Z"),
  ...more,
})
