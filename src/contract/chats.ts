import { Schema } from "effect"
import { ChatBoard } from "./board.ts"
import { ChatError } from "./chat-error.ts"
import {
  AgentId,
  BuildId,
  ChatId,
  McpServerId,
  MessageId,
  ModelConfigId,
  OrganizationId,
  ProviderCallId,
  QueuedMessageId,
  UserId,
  WorkspaceId,
} from "./ids.ts"
import { ToolPolicy } from "./tool-policy.ts"
import { MessageRole, Part, Usage } from "./parts.ts"
import { optional, optionalChoice } from "./request-fields.ts"

/** Chats, messages and the queue, as the API shows them. Ids of chats are UUIDs; of messages, positive 64-bit integers. */

const Timestamp = Schema.String

/** The five states of a chat on the wire. `activity` says more. */
export const ChatStatus = Schema.Literal("waiting", "pending", "running", "requires_action", "error")
export type ChatStatus = typeof ChatStatus.Type

/**
 * The states that `activity` tells of, as the machine has them: the only list of them outside of `machines/`, and a test holds it to
 * the machine. On the wire `activity` is any string, for a chat may have been brought into its state by a newer server.
 */
export type Activity =
  | "waiting"
  | "error"
  | "pending"
  | "running.generating"
  | "running.executing"
  | "running.compacting"
  | "running.backing_off"
  | "running.interrupting"
  | "requires_action.client_tools"
  | "requires_action.approval"

export const ChatMode = Schema.Literal("explore", "computer_use")
export const PlanMode = Schema.Literal("", "plan")
export const ClientType = Schema.Literal("ui", "api")
/**
 * What becomes of a message that comes while a turn goes on. `queue`: it waits for the end. `interrupt`: the turn is stopped, and the
 * message waits behind what waits already. `preempt`: the turn is stopped, and the message goes before everything that waits.
 * `steer`: it enters the turn after the next step.
 */
export const BusyBehavior = Schema.Literal("queue", "interrupt", "steer", "preempt")
export type BusyBehavior = typeof BusyBehavior.Type

const labelKey = /^[a-zA-Z0-9][a-zA-Z0-9._/-]{0,63}$/
// A record whose keys have a pattern would leave out the keys that do not match it, without a word.
export const Labels = Schema.Record({
  key: Schema.String,
  value: Schema.String.pipe(Schema.minLength(1), Schema.maxLength(256)),
}).pipe(
  Schema.filter((labels) => {
    const keys = Object.keys(labels)
    if (keys.length > 50) return "a chat has at most 50 labels"
    const bad = keys.find((key) => !labelKey.test(key))
    if (bad === undefined) return true
    return `a key has 1 to 64 letters, digits or . _ / -, the first of them a letter or digit; this is none: ${bad.slice(0, 64)}`
  }),
)

/** What a chat has changed in a repository. Not looked at yet, so that every number is 0. */
export const DiffStatus = Schema.Struct({
  chat_id: ChatId,
  pull_request_title: Schema.String,
  pull_request_draft: Schema.Boolean,
  changes_requested: Schema.Boolean,
  additions: Schema.Int,
  deletions: Schema.Int,
  changed_files: Schema.Int,
}).annotations({ identifier: "DiffStatus" })
export type DiffStatus = typeof DiffStatus.Type

export interface Chat {
  readonly id: ChatId
  readonly organization_id: OrganizationId
  readonly owner_id: UserId
  readonly owner_username?: string
  readonly owner_name?: string
  readonly workspace_id?: WorkspaceId
  readonly build_id?: BuildId
  readonly agent_id?: AgentId
  readonly parent_chat_id?: ChatId
  readonly root_chat_id: ChatId
  readonly last_model_config_id: ModelConfigId
  readonly title: string
  readonly status: ChatStatus
  /** Full state path, for people and the inspector: `running.executing`. */
  readonly activity: string
  readonly mode?: typeof ChatMode.Type
  readonly plan_mode?: "plan"
  readonly last_error?: ChatError
  readonly last_turn_summary: string | null
  readonly created_at: string
  readonly updated_at: string
  readonly archived: boolean
  readonly shared: boolean
  readonly pin_order: number
  readonly mcp_server_ids: ReadonlyArray<McpServerId>
  readonly labels: { readonly [key: string]: string }
  readonly has_unread: boolean
  readonly client_type: typeof ClientType.Type
  readonly diff_status: DiffStatus
  /** Nothing moves because no slot is free. */
  readonly queued_for_capacity: boolean
  /** Place in the line for a slot, from 1; only while the chat waits in it. */
  readonly queue_position?: number
  readonly warnings?: ReadonlyArray<string>
  /** With `include=board`, of chats that no other has begun. */
  readonly board?: ChatBoard
  readonly children: ReadonlyArray<Chat>
}

interface ChatEncoded extends Omit<Chat, "board" | "children"> {
  readonly board?: typeof ChatBoard.Encoded
  readonly children: ReadonlyArray<ChatEncoded>
}

export const Chat: Schema.Schema<Chat, ChatEncoded> = Schema.Struct({
  id: ChatId,
  organization_id: OrganizationId,
  owner_id: UserId,
  owner_username: Schema.optionalWith(Schema.String, { exact: true }),
  owner_name: Schema.optionalWith(Schema.String, { exact: true }),
  workspace_id: Schema.optionalWith(WorkspaceId, { exact: true }),
  build_id: Schema.optionalWith(BuildId, { exact: true }),
  agent_id: Schema.optionalWith(AgentId, { exact: true }),
  parent_chat_id: Schema.optionalWith(ChatId, { exact: true }),
  /** Of a root, its own id. */
  root_chat_id: ChatId,
  last_model_config_id: ModelConfigId,
  title: Schema.String,
  status: ChatStatus,
  activity: Schema.String,
  mode: Schema.optionalWith(ChatMode, { exact: true }),
  plan_mode: Schema.optionalWith(Schema.Literal("plan"), { exact: true }),
  last_error: Schema.optionalWith(ChatError, { exact: true }),
  last_turn_summary: Schema.NullOr(Schema.String),
  created_at: Timestamp,
  updated_at: Timestamp,
  archived: Schema.Boolean,
  shared: Schema.Boolean,
  pin_order: Schema.Int,
  mcp_server_ids: Schema.Array(McpServerId),
  labels: Schema.Record({ key: Schema.String, value: Schema.String }),
  has_unread: Schema.Boolean,
  client_type: ClientType,
  diff_status: DiffStatus,
  queued_for_capacity: Schema.Boolean,
  queue_position: Schema.optionalWith(Schema.Int.pipe(Schema.positive()), { exact: true }),
  warnings: Schema.optionalWith(Schema.Array(Schema.String), { exact: true }),
  board: Schema.optionalWith(ChatBoard, { exact: true }),
  children: Schema.Array(Schema.suspend((): Schema.Schema<Chat, ChatEncoded> => Chat)),
}).annotations({ identifier: "Chat" })

/**
 * Why an answer is not a whole one. `length`: cut at the output limit. `refusal`: the model declined. `reasoning_only`: it thought
 * and gave no answer. `paused`: the provider stopped a long run of its own tools. `interrupted`: a person stopped the turn.
 */
export const MessageFinishReason = Schema.Literal("length", "refusal", "reasoning_only", "paused", "interrupted")
export type MessageFinishReason = typeof MessageFinishReason.Type

export const Message = Schema.Struct({
  id: MessageId,
  chat_id: ChatId,
  created_by: Schema.optionalWith(UserId, { exact: true }),
  model_config_id: Schema.optionalWith(ModelConfigId, { exact: true }),
  created_at: Timestamp,
  role: MessageRole,
  content: Schema.Array(Part),
  usage: Schema.optionalWith(Usage, { exact: true }),
  /** Absent where the answer is whole, or is no answer of a model. */
  finish_reason: Schema.optionalWith(MessageFinishReason, { exact: true }),
}).annotations({ identifier: "Message" })
export type Message = typeof Message.Type

export const QueuedMessage = Schema.Struct({
  id: QueuedMessageId,
  chat_id: ChatId,
  model_config_id: Schema.optionalWith(ModelConfigId, { exact: true }),
  content: Schema.Array(Part),
  /** `steer` enters the running turn after its next step. */
  kind: Schema.Literal("queue", "steer"),
  created_at: Timestamp,
}).annotations({ identifier: "QueuedMessage" })
export type QueuedMessage = typeof QueuedMessage.Type

export const QueueKind = QueuedMessage.fields.kind

/** A part of a message that a client sends. `type` is compared trimmed and lower-cased. */
export const InputPart = Schema.Struct({
  type: Schema.String,
  text: optional(Schema.String),
  file_id: optional(Schema.String),
  file_name: optional(Schema.String),
  start_line: optional(Schema.Number),
  end_line: optional(Schema.Number),
  content: optional(Schema.String),
}).annotations({ identifier: "InputPart" })
export type InputPart = typeof InputPart.Type

const Content = Schema.Array(InputPart).pipe(Schema.minItems(1, { message: () => "must have at least one part" }))

export const DynamicTool = Schema.Struct({
  name: Schema.String.pipe(Schema.minLength(1)),
  description: optional(Schema.String),
  /** Left out, the tool takes no arguments that are known. */
  input_schema: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.Unknown }), {
    nullable: true,
    default: () => ({}),
  }),
})
export type DynamicTool = typeof DynamicTool.Type

export const CreateChatRequest = Schema.Struct({
  organization_id: OrganizationId,
  content: Content,
  system_prompt: optional(
    Schema.String.pipe(
      Schema.filter((text) => new TextEncoder().encode(text).length <= 10_000 || "is longer than 10,000 bytes"),
    ),
  ),
  workspace_id: optional(WorkspaceId),
  model_config_id: optional(ModelConfigId),
  mcp_server_ids: optional(Schema.Array(McpServerId)),
  labels: optional(Labels),
  unsafe_dynamic_tools: optional(Schema.Array(DynamicTool).pipe(Schema.maxItems(250))),
  /** Which tools of this chat run, wait for an approval, or are refused; the deployment's policy holds beside it. */
  tool_policy: optional(ToolPolicy),
  plan_mode: optional(PlanMode),
  client_type: optionalChoice(ClientType),
}).annotations({ identifier: "CreateChatRequest" })
export type CreateChatRequest = typeof CreateChatRequest.Type

export const SendMessageRequest = Schema.Struct({
  content: Content,
  model_config_id: optional(ModelConfigId),
  mcp_server_ids: optional(Schema.Array(McpServerId)),
  busy_behavior: optionalChoice(BusyBehavior),
  plan_mode: optional(PlanMode),
}).annotations({ identifier: "SendMessageRequest" })
export type SendMessageRequest = typeof SendMessageRequest.Type

export const SendMessageResponse = Schema.Struct({
  queued: Schema.Boolean,
  message: Schema.optionalWith(Message, { exact: true }),
  queued_message: Schema.optionalWith(QueuedMessage, { exact: true }),
  warnings: Schema.optionalWith(Schema.Array(Schema.String), { exact: true }),
}).annotations({ identifier: "SendMessageResponse" })
export type SendMessageResponse = typeof SendMessageResponse.Type

export const MessagesResponse = Schema.Struct({
  messages: Schema.Array(Message),
  queued_messages: Schema.Array(QueuedMessage),
  has_more: Schema.Boolean,
}).annotations({ identifier: "MessagesResponse" })
export type MessagesResponse = typeof MessagesResponse.Type

/** What is given is changed, all of it at once. A steering message goes before the others, whatever their order. */
export const PatchQueuedMessageRequest = Schema.Struct({
  content: optional(Content),
  kind: optionalChoice(QueueKind),
  /** Of the message before which it is to stand; null: at the end. Left out, it stays where it is. */
  before: Schema.optionalWith(Schema.NullOr(QueuedMessageId), { exact: true }),
}).annotations({ identifier: "PatchQueuedMessageRequest" })
export type PatchQueuedMessageRequest = typeof PatchQueuedMessageRequest.Type

/** Without a model the turn is tried again with the one of the chat. */
export const RetryRequest = Schema.Struct({ model_config_id: optional(ModelConfigId) }).annotations({
  identifier: "RetryRequest",
})
export type RetryRequest = typeof RetryRequest.Type

/** With `cascade` the chats below this one stop as well. */
export const InterruptRequest = Schema.Struct({ cascade: optional(Schema.Boolean) })
export type InterruptRequest = typeof InterruptRequest.Type

/** An attempt that ended without a message, with the text it had shown. Never part of the prompt. */
export const Attempt = Schema.Struct({
  history_version: Schema.Int,
  attempt: Schema.Int,
  started_at: Timestamp,
  ended_at: Schema.NullOr(Timestamp),
  /** Why it ended: `retry`, `crash`, `interrupt`, `edit`, `error`; null while it runs. */
  reason: Schema.NullOr(Schema.String),
  content: Schema.Array(Part),
}).annotations({ identifier: "Attempt" })
export type Attempt = typeof Attempt.Type

export const AttemptsResponse = Schema.Struct({ attempts: Schema.Array(Attempt) })

export const EditMessageRequest = Schema.Struct({
  content: Content,
  model_config_id: optional(ModelConfigId),
  mcp_server_ids: optional(Schema.Array(McpServerId)),
}).annotations({ identifier: "EditMessageRequest" })
export type EditMessageRequest = typeof EditMessageRequest.Type

export const EditMessageResponse = Schema.Struct({ message: Message })

/** What the owner has asked in a chat, newest first; the texts of a message joined as they are. */
export const PromptsResponse = Schema.Struct({
  prompts: Schema.Array(Schema.Struct({ id: MessageId, text: Schema.String })),
})

/** Each given field is a write of its own, in the order title, labels, archived, pin_order, workspace_id, plan_mode, tool_policy. */
export const PatchChatRequest = Schema.Struct({
  title: optional(Schema.String),
  labels: optional(Labels),
  archived: optional(Schema.Boolean),
  /** 0 unpins; more on an unpinned chat pins it last; more on a pinned one moves it there. */
  pin_order: optional(Schema.Int.pipe(Schema.nonNegative())),
  /** The zero UUID takes the workspace off. */
  workspace_id: optional(WorkspaceId),
  plan_mode: optional(PlanMode),
  /**
   * All rules of the chat from now on, for its owner to say. What waits for an approval is judged by them at once: it runs, is denied,
   * or goes on waiting.
   */
  tool_policy: optional(ToolPolicy),
}).annotations({ identifier: "PatchChatRequest" })
export type PatchChatRequest = typeof PatchChatRequest.Type

export const ToolResultsRequest = Schema.Struct({
  results: Schema.Array(
    Schema.Struct({
      tool_call_id: ProviderCallId,
      output: Schema.Unknown,
      is_error: optional(Schema.Boolean),
    }),
  ),
}).annotations({ identifier: "ToolResultsRequest" })
export type ToolResultsRequest = typeof ToolResultsRequest.Type
