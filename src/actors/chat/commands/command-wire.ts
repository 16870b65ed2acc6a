import { Effect, Either, Exit, ParseResult, Schema } from "effect"
import { MessageFinishReason } from "../../../contract/chats.ts"
import { type ChatId, type ModelConfigId, type UserId, asWritten } from "../../../contract/ids.ts"
import { MessageRole, MessageVisibility, Part } from "../../../contract/parts.ts"
import { ChatCommand, CommandFailure, CommandUnreadable, type SendCommand } from "./chat-command.ts"
import { ChatUnavailable } from "./refusals.ts"

/** A command and what became of it as JSON text: how they go from a process to the one that has the chat, and back. */

const Count = Schema.NullOr(Schema.Number)

const Message = Schema.Struct({
  id: Schema.Number,
  chat_id: asWritten<ChatId>(),
  created_version: Schema.Number,
  removed_version: Count,
  role: MessageRole,
  visibility: MessageVisibility,
  content: Schema.Array(Part),
  content_version: Schema.Number,
  compressed: Schema.Boolean,
  model_config_id: Schema.NullOr(asWritten<ModelConfigId>()),
  created_by: Schema.NullOr(asWritten<UserId>()),
  input_tokens: Count,
  output_tokens: Count,
  total_tokens: Count,
  reasoning_tokens: Count,
  cache_creation_tokens: Count,
  cache_read_tokens: Count,
  context_limit: Count,
  total_cost_micros: Count,
  provider_response_id: Schema.NullOr(Schema.String),
  provider_origin: Schema.NullOr(Schema.String),
  finish_reason: Schema.NullOr(MessageFinishReason),
  created_at: Schema.Date,
})

const Queued = Schema.Struct({
  id: Schema.Number,
  chat_id: asWritten<ChatId>(),
  position: Schema.Number,
  kind: Schema.Literal("queue", "steer"),
  content: Schema.Array(Part),
  model_config_id: Schema.NullOr(asWritten<ModelConfigId>()),
  created_by: asWritten<UserId>(),
  created_at: Schema.Date,
})

const Result = Schema.Struct({
  version: Schema.Number,
  inserted: Schema.Array(Message),
  queued: Schema.Array(Queued),
})

const Outcome = Schema.parseJson(Schema.Exit({ failure: CommandFailure, success: Result, defect: Schema.Defect }))
const CommandText = Schema.parseJson(ChatCommand)

const writeCommand = Schema.encodeSync(CommandText)
const readCommand = Schema.decodeUnknown(CommandText, { errors: "all" })
const writeOutcome = Schema.encodeSync(Outcome)
const readOutcome = Schema.decodeUnknownEither(Outcome)

/** Where it is wrong, and in what way. Values stay out: they may be what somebody has written. */
const unreadable = (error: ParseResult.ParseError): CommandUnreadable => {
  const issues = ParseResult.ArrayFormatter.formatErrorSync(error)
  const places = new Set(issues.map(({ _tag, path }) => `${path.join(".") || "command"}: ${_tag}`))
  return new CommandUnreadable({ detail: [...places].join(", ") })
}

/** The side of the chat's owner: reads a command, carries it out, and writes what became of it. */
export const answerText =
  (send: SendCommand) =>
  (text: string): Effect.Effect<string> =>
    readCommand(text).pipe(Effect.mapError(unreadable), Effect.flatMap(send), Effect.exit, Effect.map(writeOutcome))

/** The side of the one who asks, given the way to the owner. */
export const sendText =
  (carry: (text: string) => Effect.Effect<string>): SendCommand =>
  (command) =>
    Effect.flatMap(carry(writeCommand(command)), (text) =>
      Either.getOrElse(readOutcome(text), () => {
        const message =
          "The server that has this chat gave an answer that this one cannot read. Look at the chat again."
        return Exit.fail(new ChatUnavailable({ chatId: command.chatId, message, untouched: false }))
      }),
    )
