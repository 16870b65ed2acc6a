import { Schema } from "effect"
import { ChatStatus, Message, QueuedMessage } from "./chats.ts"
import { MessageId, ProviderCallId, ServerInstanceId, ToolCallId, UserId } from "./ids.ts"
import { AttemptStep, CallStep } from "./steps.ts"

/** The chat machine, seen from outside: its graph, a chat's state in it, and how the chat came there. */

export const MachineState = Schema.Struct({
  /** Path from the root, with dots: `life.running.executing`. */
  path: Schema.String,
  type: Schema.Literal("atomic", "compound", "parallel"),
  initial: Schema.optionalWith(Schema.String, { exact: true }),
  /** What is true of it, and of every state in it. */
  tags: Schema.Array(Schema.String),
  /** Names of the effects that run while a chat is in it. */
  effects: Schema.Array(Schema.String),
}).annotations({ identifier: "MachineState" })

export const MachineTransition = Schema.Struct({
  source: Schema.String,
  /** `at once`: the state is left by itself, within the transition that entered it. */
  event: Schema.String,
  /** The source itself where the chat stays. */
  target: Schema.String,
  guard: Schema.optionalWith(Schema.String, { exact: true }),
  actions: Schema.Array(Schema.String),
}).annotations({ identifier: "MachineTransition" })

export const MachineGraph = Schema.Struct({
  id: Schema.String,
  version: Schema.Int,
  states: Schema.Array(MachineState),
  transitions: Schema.Array(MachineTransition),
}).annotations({ identifier: "MachineGraph" })
export type MachineGraph = typeof MachineGraph.Type

export const MachineContext = Schema.Struct({
  queue: Schema.Int,
  steer: Schema.Int,
  archived: Schema.Boolean,
  resume: Schema.String,
  attempt: Schema.Int,
  steps: Schema.Int,
}).annotations({ identifier: "MachineContext" })

/** `life` and `mode` are the leaves of the two regions. */
const state = {
  version: Schema.Int,
  status: ChatStatus,
  life: Schema.String,
  mode: Schema.String,
  context: MachineContext,
}

export const PendingCall = Schema.Struct({
  id: ToolCallId,
  tool_call_id: ProviderCallId,
  tool_name: Schema.String,
  state: Schema.String,
  /** When it was asked for, begun and ended, RFC 3339: as far as it had come. */
  asked: Schema.optionalWith(Schema.String, { exact: true }),
  since: Schema.optionalWith(Schema.String, { exact: true }),
  until: Schema.optionalWith(Schema.String, { exact: true }),
}).annotations({ identifier: "PendingCall" })
export type PendingCall = typeof PendingCall.Type

export const RefusedEvent = Schema.Struct({
  event: Schema.String,
  /** A sentence: `The chat is archived.` */
  reason: Schema.String,
}).annotations({ identifier: "RefusedEvent" })
export type RefusedEvent = typeof RefusedEvent.Type

/** What the chat waits for and until when, RFC 3339. */
const Deadline = Schema.Struct({ name: Schema.String, at: Schema.String })

export const ChatMachineState = Schema.Struct({
  ...state,
  /** The machine that the chat is in, as `GET /machines/chat` gives it. */
  definition: MachineGraph,
  machine_version: Schema.Int,
  owner: Schema.Struct({ instance: Schema.NullOr(ServerInstanceId), epoch: Schema.Int, recovery_attempts: Schema.Int }),
  deadlines: Schema.Array(Deadline),
  pending_calls: Schema.Array(PendingCall),
  /** Events that the machine would take now. */
  accepts: Schema.Array(Schema.String),
  /** Events that the state knows and does not take now. */
  refuses: Schema.Array(RefusedEvent),
  /** What is wrong with a chat whose rows are no state of the machine. */
  fault: Schema.optionalWith(Schema.String, { exact: true }),
}).annotations({ identifier: "ChatMachineState" })
export type ChatMachineState = typeof ChatMachineState.Type

export const ChatTransition = Schema.Struct({
  version: Schema.Int,
  event: Schema.String,
  /** Ids and scalars of the event; never text. */
  detail: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  from: Schema.String,
  to: Schema.String,
  /** Who asked for it; nobody where the chat's own work did. */
  actor_user_id: Schema.optionalWith(UserId, { exact: true }),
  epoch: Schema.Int,
  /** The server that owned the chat then. Known of the owner it has now. */
  instance: Schema.optionalWith(ServerInstanceId, { exact: true }),
  machine_version: Schema.Int,
  /** From the event's arrival to its commit, in microseconds. */
  duration_us: Schema.optionalWith(Schema.Int, { exact: true }),
  created_at: Schema.String,
  /** The attempt that ended with it. Not in `transition` events of the stream, as little as what follows. */
  attempt: Schema.optionalWith(AttemptStep, { exact: true }),
  /** The tool calls that it settled: their results are part of the conversation from here on. */
  calls: Schema.optionalWith(Schema.Array(CallStep), { exact: true }),
  /** The messages that came with it. */
  messages: Schema.optionalWith(Schema.Array(MessageId), { exact: true }),
}).annotations({ identifier: "ChatTransition" })

export type ChatTransition = typeof ChatTransition.Type

export const ChatTransitions = Schema.Struct({ transitions: Schema.Array(ChatTransition), has_more: Schema.Boolean })
export type ChatTransitions = typeof ChatTransitions.Type

const known = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

/** A chat as it was right after a transition. What is optional is told by a server; an exported chat lacks some of it. */
export const ChatAtVersion = Schema.Struct({
  ...state,
  /** Where `tail` was asked for: the newest of them. */
  messages: Schema.Array(Message),
  /** True where there are older ones, which `before` the first of these asks for. */
  has_more: Schema.optionalWith(Schema.Boolean, { exact: true }),
  queued_messages: Schema.Array(QueuedMessage),
  pending_calls: Schema.Array(PendingCall),
  /** What led there. */
  transition: known(ChatTransition),
  /** Events that the machine would have taken, and why it would not have taken others that the state knows. */
  accepts: known(Schema.Array(Schema.String)),
  refuses: known(Schema.Array(RefusedEvent)),
  deadlines: known(Schema.Array(Deadline)),
  /** The attempt that was under way. */
  attempt: known(AttemptStep),
}).annotations({ identifier: "ChatAtVersion" })
export type ChatAtVersion = typeof ChatAtVersion.Type
