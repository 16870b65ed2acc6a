import { Schema } from "effect"
import { RetryState } from "./chat-error.ts"
import { ProviderCallId } from "./ids.ts"
import { Usage } from "./parts.ts"
import { Approval } from "./tool-policy.ts"

/** What a card of a board says of a chat: `GET /chats?include=board`, and from then on `GET /chats/watch?activity=1`. */

/** Characters of `line` and of each line of `output`. */
export const LINE_LENGTH = 120

/** How far back `strip` goes. */
export const STRIP_MINUTES = 10

/** Calls of the client's own tools: `POST /chats/{chat}/tool-results`. */
export const ClientToolCalls = Schema.Array(
  Schema.Struct({ tool_call_id: ProviderCallId, tool_name: Schema.String, args: Schema.String }),
)

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

const Line = Schema.String.pipe(Schema.maxLength(LINE_LENGTH))

/** What goes on in a chat just now. Lines have no control character in them, and no character that hides or turns others. */
export const boardFields = {
  /** Grows with each transition of the chat: whoever has a greater one knows better already. */
  version: Schema.Int,
  activity: Schema.String,
  /** When the chat came into this state, RFC 3339. */
  since: Schema.String,
  /** What it does, asks or failed with, in plain words. */
  line: Line,
  /** What `line` ends with, where that is a command or a name. */
  object: optional(Line),
  /** How many calls wait for a person. */
  asked: Schema.Int,
  /** The first of them, each with all of its arguments. One with long arguments is counted in `asked` only: `GET /chats/{chat}/approvals`. */
  approvals: Schema.Array(Approval),
  /** What the client itself is asked for. */
  tool_calls: ClientToolCalls,
  /** The last line that the model writes, or the last two that a tool does. */
  output: Schema.Array(Line),
  /** While the next attempt is waited for. */
  retry: optional(RetryState),
  /** Place in the line for a slot, from 1. */
  queue_position: optional(Schema.Int),
  /** Of all replies so far, in millionths of the currency of the prices. Absent where no price is known. */
  cost_micros: optional(Schema.Int),
  /** Of the last reply. */
  usage: optional(Usage),
}

/** A state that the chat was in, until the next one. */
export const StripState = Schema.Struct({ activity: Schema.String, since: Schema.String })
export type StripState = typeof StripState.Type

export const ChatBoard = Schema.Struct({
  ...boardFields,
  /** The states of the last 10 minutes, oldest first, from the one that held when they began; at most 120. */
  strip: Schema.Array(StripState),
}).annotations({ identifier: "ChatBoard" })
export type ChatBoard = typeof ChatBoard.Type
