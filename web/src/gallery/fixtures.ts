import type { Chat } from "../../../src/contract/chats.ts"
import type { User } from "../../../src/contract/identity.ts"
import type { ModelConfig } from "../../../src/contract/models.ts"

/** What the gallery shows: one moment of a made-up deployment. */

const MINUTE = 60_000
const uuid = (number: number) => `6f0d9a3e-0000-4000-8000-${String(number).padStart(12, "0")}`
const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE).toISOString()

export const me: User = {
  id: uuid(1),
  username: "owner",
  name: "Robin Vale",
  email: "robin@example.com",
  created_at: "2026-03-02T09:00:00Z",
  organization_ids: [uuid(2)],
  roles: [{ name: "owner", display_name: "Owner" }],
}

const chat = (number: number, title: string, minutes: number, more: Partial<Chat>): Chat => ({
  id: uuid(100 + number),
  organization_id: uuid(2),
  owner_id: me.id,
  root_chat_id: uuid(100 + number),
  last_model_config_id: uuid(50),
  title,
  status: "waiting",
  activity: more.status ?? "waiting",
  last_turn_summary: null,
  created_at: ago(minutes + 60),
  updated_at: ago(minutes),
  archived: false,
  shared: false,
  pin_order: 0,
  mcp_server_ids: [],
  labels: {},
  has_unread: false,
  client_type: "ui",
  diff_status: {
    chat_id: uuid(100 + number),
    pull_request_title: "",
    pull_request_draft: false,
    changes_requested: false,
    additions: 0,
    deletions: 0,
    changed_files: 0,
  },
  queued_for_capacity: false,
  children: [],
  ...more,
})

export const chats: ReadonlyArray<Chat> = [
  chat(1, "Cap webhook retries and add jitter", 1, {
    status: "requires_action",
    activity: "requires_action.approval",
    pin_order: 1,
  }),
  chat(2, "Choose a date library for the billing export", 3, {
    status: "requires_action",
    activity: "requires_action.client_tools",
  }),
  chat(3, "Fix the flaky upload test", 1, { status: "running", activity: "running.executing" }),
  chat(4, "Add a dark theme to the status page, and see to it that nothing flashes", 2, {
    status: "pending",
    activity: "pending",
  }),
  chat(5, "Rebuild the search index script", 34, {
    status: "error",
    activity: "error",
    last_error: { message: "The provider refused the connection.", kind: "timeout", retryable: true },
  }),
  chat(6, "Cache the tariff lookup", 65, { has_unread: true, last_turn_summary: "Done. 4 files, tests pass" }),
  chat(7, "Why did the bundle grow?", 3_000, { last_turn_summary: "Two copies of one parser" }),
]

export const archivedChats: ReadonlyArray<Chat> = [
  chat(8, "Move the CLI prompts to one module", 9_000, { archived: true, last_turn_summary: "Moved, 12 files" }),
]

export const states: ReadonlyArray<Pick<Chat, "status" | "activity">> = [
  { status: "waiting", activity: "waiting" },
  { status: "pending", activity: "pending" },
  { status: "running", activity: "running.generating" },
  { status: "running", activity: "running.executing" },
  { status: "running", activity: "running.compacting" },
  { status: "running", activity: "running.backing_off" },
  { status: "running", activity: "running.interrupting" },
  { status: "requires_action", activity: "requires_action.client_tools" },
  { status: "requires_action", activity: "requires_action.approval" },
  { status: "error", activity: "error" },
]

const model = (number: number, display_name: string, context_limit: number, is_default: boolean): ModelConfig => ({
  id: uuid(50 + number),
  ai_provider_id: uuid(40),
  provider: "openai-compat",
  model: display_name.toLowerCase().replaceAll(" ", "-"),
  display_name,
  enabled: true,
  is_default,
  context_limit,
  compression_threshold: 70,
  created_at: "2026-06-01T10:00:00Z",
  updated_at: "2026-06-01T10:00:00Z",
})

export const models: ReadonlyArray<ModelConfig> = [
  model(0, "Halden large 3", 200_000, true),
  model(1, "Halden small 3", 200_000, false),
  model(2, "Tern mini", 64_000, false),
]
