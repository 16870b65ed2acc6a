import { Schema } from "effect"
import { ChatError } from "./chat-error.ts"
import { Attempt, Message, QueuedMessage } from "./chats.ts"
import { MessageId, ProviderCallId, ToolCallId } from "./ids.ts"
import { ChatMachineState, ChatTransition, MachineContext } from "./inspection.ts"
import { ChatSteps } from "./steps.ts"

/**
 * All of a chat's life, to be kept in a file: what it is now, and page after page how it came there, from the first version to the
 * one that the head names. Without keys, what providers sealed, and what only the model reads. `docs/trace-file.md` says how a file is made of it.
 */

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

export const TraceHead = Schema.Struct({
  /** Of everything in it. Pages are asked for up to this one, whatever has happened since. */
  version: Schema.Int,
  machine: ChatMachineState,
  steps: ChatSteps,
  /** What was shown and is part of no message. */
  attempts: Schema.Array(Attempt),
  last_error: optional(ChatError),
}).annotations({ identifier: "TraceHead" })
export type TraceHead = typeof TraceHead.Type

/** A transition, and the state of the machine after it: absent where the machine of today cannot replay it. */
export const TraceTransition = Schema.Struct({
  ...ChatTransition.fields,
  mode: optional(Schema.String),
  context: optional(MachineContext),
}).annotations({ identifier: "TraceTransition" })
export type TraceTransition = typeof TraceTransition.Type

/** Between which versions it was there: from `created_version` on, and no longer at `removed_version`. */
const span = { created_version: Schema.Int, removed_version: optional(Schema.Int) }

export const TraceMessage = Schema.Struct({ ...Message.fields, ...span }).annotations({ identifier: "TraceMessage" })
export type TraceMessage = typeof TraceMessage.Type

/** Where it stood at last; a transition that moved it says where it stood before. */
export const TraceQueued = Schema.Struct({ ...QueuedMessage.fields, ...span, position: Schema.Int }).annotations({
  identifier: "TraceQueued",
})
export type TraceQueued = typeof TraceQueued.Type

/** A tool call, open from the version of its message to the one that answered it. */
export const TraceCall = Schema.Struct({
  id: ToolCallId,
  tool_call_id: ProviderCallId,
  tool_name: Schema.String,
  message_id: MessageId,
  created_version: Schema.Int,
  answered_version: optional(Schema.Int),
  asked: Schema.String,
  since: optional(Schema.String),
  until: optional(Schema.String),
  approval: optional(Schema.Literal("asked", "approved", "denied")),
}).annotations({ identifier: "TraceCall" })
export type TraceCall = typeof TraceCall.Type

/** What came with the versions above the one that was asked for, up to `until`. */
export const TracePage = Schema.Struct({
  until: Schema.Int,
  has_more: Schema.Boolean,
  transitions: Schema.Array(TraceTransition),
  messages: Schema.Array(TraceMessage),
  queued: Schema.Array(TraceQueued),
  calls: Schema.Array(TraceCall),
}).annotations({ identifier: "TracePage" })
export type TracePage = typeof TracePage.Type
