import type { ChatBoard } from "../../../src/contract/board.ts"
import type { Chat } from "../../../src/contract/chats.ts"
import type { User } from "../../../src/contract/identity.ts"
import type { ModelConfig } from "../../../src/contract/models.ts"
import type { Approval } from "../../../src/contract/tool-policy.ts"

/** What the gallery shows: one moment of a made-up deployment. */

const MINUTE = 60_000
const uuid = (number: number) => `6f0d9a3e-0000-4000-8000-${String(number).padStart(12, "0")}`
const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE).toISOString()

export const me: User = {
  id: uuid(1),
  username: "owner",
  name: "Robin Vale",
  email: "robin@example.com",
  avatar_url: "",
  status: "active",
  login_type: "password",
  is_service_account: false,
  created_at: "2026-03-02T09:00:00Z",
  updated_at: "2026-03-02T09:00:00Z",
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

export const sharedChats: ReadonlyArray<Chat> = [
  chat(20, "Plan the move of the billing export, and see to it that nothing is lost", 2, {
    owner_id: uuid(7),
    owner_username: "ada",
    owner_name: "Ada Lovelace",
    status: "requires_action",
    activity: "requires_action.approval",
    shared: true,
  }),
  chat(21, "Why the upload test is flaky", 300, {
    owner_id: uuid(8),
    owner_username: "bob",
    owner_name: "",
    shared: true,
  }),
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

const model = (
  number: number,
  display_name: string,
  provider: string,
  context_limit: number,
  is_default: boolean,
): ModelConfig => ({
  id: uuid(50 + number),
  ai_provider_id: uuid(40),
  ai_provider_name: provider,
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
  model(0, "Halden large 3", "Halden", 200_000, true),
  model(1, "Halden small 3", "Halden", 200_000, false),
  model(2, "Tern mini", "Tern gateway", 64_000, false),
]

const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString()

/** States of the last minutes, each with when it began, in seconds ago. */
const strip = (...states: ReadonlyArray<readonly [activity: string, seconds: number]>): ChatBoard["strip"] =>
  states.map(([activity, seconds]) => ({ activity, since: secondsAgo(seconds) }))

/** `cost` in cents, and how much of the context is used, in percent. */
const look = (
  cost: number,
  percent: number,
  more: Partial<ChatBoard> & Pick<ChatBoard, "line" | "strip">,
): ChatBoard => ({
  version: 1,
  activity: more.strip.at(-1)?.activity ?? "waiting",
  since: more.strip.at(-1)?.since ?? ago(1),
  asked: more.approvals?.length ?? 0,
  approvals: [],
  tool_calls: [],
  output: [],
  cost_micros: cost * 10_000,
  usage: { input_tokens: percent * 2_000, context_limit: 200_000 },
  ...more,
})

const onBoard = (number: number, title: string, board: ChatBoard, more: Partial<Chat> = {}) => ({
  ...chat(200 + number, title, 1, {
    status: board.activity.split(".")[0] as Chat["status"],
    activity: board.activity,
    ...more,
  }),
  board,
})

const execute = (id: string, command: string): Approval => ({
  id,
  tool_call_id: id,
  tool_name: "execute",
  args: JSON.stringify({ command }),
  reason: "",
})

const question = {
  question: "Which one should new code use?",
  options: ["Keep the one in use, wrap it once", "The built-in Temporal, with a polyfill"],
}

export const boardCards: ReadonlyArray<Chat & { readonly board: ChatBoard }> = [
  onBoard(
    1,
    "Cap webhook retries and add jitter",
    look(184, 61, {
      line: "Asks for 2 commands",
      strip: strip(
        ["waiting", 900],
        ["running.generating", 380],
        ["running.executing", 300],
        ["running.generating", 220],
        ["running.executing", 160],
        ["running.generating", 90],
        ["requires_action.approval", 42],
      ),
      approvals: [execute("a", "npm test -- deliveries"), execute("b", "git push origin webhook-retry-cap")],
    }),
  ),
  onBoard(
    2,
    "Run what the release needs",
    look(41, 22, {
      line: "Asks for 9 commands",
      strip: strip(["running.generating", 500], ["requires_action.approval", 130]),
      approvals: [execute("c", "npm version minor"), execute("d", "git tag v2")],
      asked: 9,
    }),
  ),
  onBoard(
    3,
    "Choose a date library for the billing export",
    look(37, 18, {
      line: "Asks you: Which one should new code use?",
      strip: strip(["running.generating", 420], ["running.executing", 300], ["requires_action.client_tools", 190]),
      tool_calls: [{ tool_call_id: "q", tool_name: "ask_user_question", args: JSON.stringify(question) }],
    }),
  ),
  onBoard(
    4,
    "Split the nightly invoice job",
    look(52, 22, { line: "Six steps.", strip: strip(["running.generating", 600], ["waiting", 480]) }),
    { plan_mode: "plan", has_unread: true, last_turn_summary: "Six steps." },
  ),
  onBoard(
    5,
    "Fix the flaky upload test",
    look(91, 34, {
      line: "Runs npm test -- upload",
      object: "npm test -- upload",
      output: ["✓ resumes after a dropped part", "▸ run 37 of 50, 0 failed"],
      strip: strip(
        ["pending", 590],
        ["running.generating", 560],
        ["running.executing", 400],
        ["running.generating", 160],
        ["running.executing", 72],
      ),
    }),
  ),
  onBoard(
    6,
    "Explain the 500s on /v1/export",
    look(62, 41, { line: "Writing the answer", strip: strip(["waiting", 900], ["running.generating", 9]) }),
  ),
  onBoard(
    7,
    "Upgrade the linter config",
    look(210, 73, {
      line: "The provider's rate limit is reached",
      strip: strip(
        ["running.executing", 600],
        ["running.generating", 400],
        ["running.backing_off", 120],
        ["running.generating", 90],
        ["running.backing_off", 60],
      ),
      retry: {
        attempt: 1,
        max_attempts: 5,
        delay_ms: 60_000,
        error: "The provider's rate limit is reached",
        kind: "rate_limit",
        status_code: 429,
        retrying_at: new Date(Date.now() + 3_600_000).toISOString(),
      },
    }),
  ),
  onBoard(
    8,
    "Move the CLI prompts to one module",
    look(346, 86, {
      line: "Compacting the conversation",
      strip: strip(["running.generating", 600], ["running.executing", 300], ["running.compacting", 21]),
    }),
  ),
  onBoard(
    9,
    "Add a dark theme to the status page",
    look(0, 4, { line: "Waits for a free slot", queue_position: 1, strip: strip(["waiting", 900], ["pending", 18]) }),
  ),
  onBoard(
    10,
    "Rebuild the search index script",
    look(19, 29, {
      line: "Rack 2 refused the connection.",
      strip: strip(["waiting", 900], ["running.generating", 300], ["running.backing_off", 260], ["error", 150]),
    }),
    { last_error: { message: "Rack 2 refused the connection.", kind: "timeout", retryable: true, attempts: 5 } },
  ),
  onBoard(
    11,
    "Translate the error mails",
    look(3, 2, { line: "Tern gateway refused your key.", strip: strip(["error", 1600]) }),
    { last_error: { message: "Tern gateway refused your key.", kind: "auth", retryable: false } },
  ),
]
