import { Schema } from "effect"
import { boardFields, ClientToolCalls } from "./board.ts"
import { ChatError, RetryState } from "./chat-error.ts"
import { Chat, ChatStatus, Message, QueuedMessage } from "./chats.ts"
import { ChatId, MessageId } from "./ids.ts"
import { ChatTransition } from "./inspection.ts"
import { MessageRole, Part } from "./parts.ts"
import { Approval } from "./tool-policy.ts"

/**
 * Events of `GET /chats/{chat}/stream`. Over WebSocket each text frame is a JSON array of 1 to 256 of them, of 1 MiB unless
 * it is one event; as server-sent events `id` is the cursor, `event` the type and `data` one event. No event is longer than
 * 3 MiB: a text that would make it so is cut and says it, and `GET /chats/{chat}/messages` has the whole.
 *
 * `cursor` is the reader's whole position after the event; give it back as `?cursor=` to go on from there.
 */
const event = <Type extends string, Fields extends Schema.Struct.Fields>(type: Type, fields: Fields) =>
  Schema.Struct({ type: Schema.Literal(type), chat_id: ChatId, cursor: Schema.String, ...fields })

/** A preview of the message being written; not durable as a message until a `message` event carries it. */
export const MessagePartEvent = event("message_part", {
  message_part: Schema.Struct({
    role: MessageRole,
    part: Part,
    history_version: Schema.Int,
    generation_attempt: Schema.Int,
    /** Contiguous from 1 within (history_version, generation_attempt). */
    seq: Schema.Int,
  }),
})
export const MessageEvent = event("message", { message: Message })
export const StatusEvent = event("status", {
  status: Schema.Struct({ status: ChatStatus, activity: Schema.String }),
})
export const ErrorEvent = event("error", { error: ChatError })
export const RetryEvent = event("retry", { retry: RetryState })
export const QueueUpdateEvent = event("queue_update", { queued_messages: Schema.Array(QueuedMessage) })
export const ActionRequiredEvent = event("action_required", {
  action_required: Schema.Struct({ tool_calls: ClientToolCalls }),
})
/** Calls wait for a person: `POST /chats/{chat}/approvals`. */
export const ApprovalRequiredEvent = event("approval_required", {
  approval_required: Schema.Struct({ approvals: Schema.Array(Approval) }),
})
/** A step of the machine. Sent only to readers that ask for it with `?inspect=1`. */
export const TransitionEvent = event("transition", { transition: ChatTransition })
/** Drop the parts shown since the last message: they will not become one. Readers without a cursor get it on connect, too. */
export const PreviewResetEvent = event("preview_reset", {})
/**
 * Drop the messages with an id of `from_id` or more; those that are left, or have come instead, follow. A reader that gave no
 * `cursor` may drop all it holds: all visible messages follow, or with `tail=N` the last N at least.
 */
export const HistoryResetEvent = event("history_reset", { history_reset: Schema.Struct({ from_id: MessageId }) })

export const ChatStreamEvent = Schema.Union(
  MessagePartEvent,
  MessageEvent,
  StatusEvent,
  ErrorEvent,
  RetryEvent,
  QueueUpdateEvent,
  ActionRequiredEvent,
  ApprovalRequiredEvent,
  TransitionEvent,
  PreviewResetEvent,
  HistoryResetEvent,
).annotations({ identifier: "ChatStreamEvent" })
export type ChatStreamEvent = typeof ChatStreamEvent.Type

export const ChatWatchKind = Schema.Literal(
  "created",
  "status_change",
  "title_change",
  "summary_change",
  "diff_status_change",
  "chat_summary_change",
  "context_dirty",
  "action_required",
  "deleted",
)
export const ChatWatchEvent = Schema.Struct({
  kind: ChatWatchKind,
  chat: Chat,
  /** With `action_required`. */
  tool_calls: Schema.optionalWith(ClientToolCalls, { exact: true }),
}).annotations({ identifier: "ChatWatchEvent" })
export type ChatWatchEvent = typeof ChatWatchEvent.Type

/** What a chat does just now, at most once a second for each chat; what changed in between is told with the last of it. */
export const ActivityChangeEvent = Schema.Struct({
  kind: Schema.Literal("activity_change"),
  chat_id: ChatId,
  ...boardFields,
}).annotations({ identifier: "ActivityChangeEvent" })
export type ActivityChangeEvent = typeof ActivityChangeEvent.Type

/** Events of `GET /chats/watch`. An `activity_change` comes only to readers that ask for it with `?activity=1`. */
export const WatchEvent = Schema.Union(ChatWatchEvent, ActivityChangeEvent).annotations({ identifier: "WatchEvent" })
export type WatchEvent = typeof WatchEvent.Type
