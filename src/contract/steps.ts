import { Schema } from "effect"
import { AttemptFailure } from "./chat-error.ts"
import { ChatStatus, QueueKind } from "./chats.ts"
import { MessageId, ModelConfigId, ProviderCallId, ToolCallId, UserId } from "./ids.ts"
import { Usage } from "./parts.ts"

/** A chat's life on a time axis, in one answer: what was when, and how long it took. Times are RFC 3339, to the millisecond. */

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

/** From one state to the next. The last has no end: the chat is in it. */
export const StateStep = Schema.Struct({
  /** Of the transition that led here, and its event. */
  version: Schema.Int,
  event: Schema.String,
  activity: Schema.String,
  status: ChatStatus,
  since: Schema.String,
  until: optional(Schema.String),
}).annotations({ identifier: "StateStep" })

/**
 * How an attempt ended: its reply was kept (`replied`), it is tried again (`retried`), the turn failed with it (`failed`), somebody
 * stopped it or changed the message that it answered, it gave its slot back and will be begun anew (`yielded`), the server
 * that made it died (`crashed`), or the chat was repaired.
 */
export const AttemptEnd = Schema.Literal(
  "replied",
  "retried",
  "failed",
  "stopped",
  "edited",
  "yielded",
  "crashed",
  "repaired",
)
export type AttemptEnd = typeof AttemptEnd.Type

/** One call of the model. */
export const AttemptStep = Schema.Struct({
  /** Of the transition that began it. */
  version: Schema.Int,
  model_config_id: optional(ModelConfigId),
  since: Schema.String,
  until: optional(Schema.String),
  ended_version: optional(Schema.Int),
  end: optional(AttemptEnd),
  /** The first of the reply. */
  first_token: optional(Schema.String),
  /** What it has said, with what that took and cost; of one that was stopped, what was kept of it. */
  message_id: optional(MessageId),
  usage: optional(Usage),
  /** Millionths of the currency of the prices. */
  cost_micros: optional(Schema.Int),
  /** What people were told, where it failed. */
  failure: optional(AttemptFailure),
}).annotations({ identifier: "AttemptStep" })

/** A message of a person, on its way into the conversation: sent, put into the queue or not, read by the model from then on. */
export const PromptStep = Schema.Struct({
  message_id: MessageId,
  /** Of the transition with which it entered the conversation. */
  version: Schema.Int,
  since: Schema.String,
  /** An edit has taken it away again. */
  removed_version: optional(Schema.Int),
  sent_by: optional(UserId),
  /** Where it waited before: since when, and whether it was to steer. */
  queued: optional(Schema.Struct({ version: Schema.Int, since: Schema.String, kind: QueueKind })),
}).annotations({ identifier: "PromptStep" })

/** One tool call: asked for, begun, ended. A call that was answered without being run has never begun. */
export const CallStep = Schema.Struct({
  id: ToolCallId,
  tool_call_id: ProviderCallId,
  tool_name: Schema.String,
  message_id: MessageId,
  asked: Schema.String,
  since: optional(Schema.String),
  until: optional(Schema.String),
  state: Schema.Literal("planned", "started", "done", "canceled"),
  is_error: optional(Schema.Boolean),
  approval: optional(Schema.Literal("asked", "approved", "denied")),
}).annotations({ identifier: "CallStep" })

/** The chat went to another owner: a server that took it over. */
export const OwnerStep = Schema.Struct({
  epoch: Schema.Int,
  version: Schema.Int,
  since: Schema.String,
}).annotations({ identifier: "OwnerStep" })

export const ChatSteps = Schema.Struct({
  /** The versions that it covers: at most the newest 20,000. */
  first_version: Schema.Int,
  last_version: Schema.Int,
  /** When the first of them came. */
  began: Schema.String,
  /** When each of them came, from the first on: milliseconds after `began`. */
  times: Schema.Array(Schema.Int),
  states: Schema.Array(StateStep),
  prompts: Schema.Array(PromptStep),
  attempts: Schema.Array(AttemptStep),
  calls: Schema.Array(CallStep),
  owners: Schema.Array(OwnerStep),
}).annotations({ identifier: "ChatSteps" })
export type ChatSteps = typeof ChatSteps.Type
