import { Schema } from "effect"
import { type ChatId, asWritten } from "../../../contract/ids.ts"
import type { LoadedChat } from "../../../db/chats/store/loaded-chat.ts"
import type { ChatMachineEvent } from "../../../machines/chat-events.ts"
import { QUEUE_LIMIT } from "../../../machines/chat-setup.ts"

/** The ways in which any command may be refused. They are data, as commands are: they go back to whichever process asked. */

/** The chat does not exist or the caller may not see it; the answer is the same. */
export class ChatHidden extends Schema.TaggedError<ChatHidden>()("ChatHidden", { chatId: asWritten<ChatId>() }) {}

/** The caller sees the chat and may not do this to it. */
export class ChatForbidden extends Schema.TaggedError<ChatForbidden>()("ChatForbidden", { message: Schema.String }) {}

/** Something in the request cannot be used; `field` points into its body. */
export class InvalidInput extends Schema.TaggedError<InvalidInput>()("InvalidInput", {
  field: Schema.String,
  message: Schema.String,
}) {}

/** The chat's state does not allow it. Nothing happened. */
export class CommandRefused extends Schema.TaggedError<CommandRefused>()("CommandRefused", {
  chatId: asWritten<ChatId>(),
  event: Schema.String,
  activity: Schema.String,
  reason: Schema.Literal("archived", "queue_full", "not_allowed", "not_storable"),
  message: Schema.String,
}) {}

/** The chat does not exist (any more). */
export class ChatGone extends Schema.TaggedError<ChatGone>()("ChatGone", { chatId: asWritten<ChatId>() }) {}

/** The command could not be carried out now. */
export class ChatUnavailable extends Schema.TaggedError<ChatUnavailable>()("ChatUnavailable", {
  chatId: asWritten<ChatId>(),
  message: Schema.String,
  /** True: nothing happened, and the host tries again by itself. False: it does not, and only a receipt can tell what happened. */
  untouched: Schema.Boolean,
  /** Worth waiting before the next try; 1 where nothing is said. */
  retryAfterSeconds: Schema.optionalWith(Schema.Number, { exact: true }),
}) {}

/** The rows of the chat are no state of the machine: nothing can be done with it until it is repaired. */
export class ChatInvalid extends Schema.TaggedError<ChatInvalid>()("ChatInvalid", {
  chatId: asWritten<ChatId>(),
  /** The end of a sentence that begins with "This chat". */
  fault: Schema.String,
}) {}

/** The chat is sound, so there is nothing to repair. */
export class ChatSound extends Schema.TaggedError<ChatSound>()("ChatSound", { chatId: asWritten<ChatId>() }) {}

/** What the chat's owner may say to anything that is asked of the chat, whoever asks. */
export type CommandError = CommandRefused | ChatGone | ChatUnavailable | ChatInvalid

const sentences: Record<string, string> = {
  Interrupt: "There is nothing to interrupt: the chat is not running.",
  DeleteQueuedMessage: "The queue has no such message any more.",
  PromoteQueuedMessage: "The queue has no such message any more.",
  ChangeQueuedMessage: "There is no turn that the message could steer.",
  Retry: "There is nothing to try again: nothing has failed here.",
  CompleteRequiresAction: "The chat is not waiting for tool results.",
  DecideApproval: "The chat is not waiting for an approval.",
  StopToolCall: "This call is not running.",
  SetArchived: "Stop the chat before you archive it.",
}

export const archivedRefusal = ({ row }: LoadedChat, event: ChatMachineEvent["type"]): CommandRefused =>
  new CommandRefused({
    chatId: row.id,
    event,
    activity: row.activity,
    reason: "archived",
    message: "This chat is archived. Unarchive it first.",
  })

/** The database refused what the command would have written. */
export const notStorable = ({ row }: LoadedChat, event: ChatMachineEvent["type"]): CommandRefused =>
  new CommandRefused({
    chatId: row.id,
    event,
    activity: row.activity,
    reason: "not_storable",
    message: "The database refused to store this: it holds something that cannot be kept. Nothing was changed.",
  })

/** Why an event is not possible in a state, in words for the person who sent it. */
export const refusalOf = (state: LoadedChat, event: ChatMachineEvent): CommandRefused => {
  const { row, queue } = state
  const base = { chatId: row.id, event: event.type, activity: row.activity }
  if (row.archived && event.type !== "SetArchived") return archivedRefusal(state, event.type)
  if (event.type === "SendMessage" && queue.length >= QUEUE_LIMIT) {
    return new CommandRefused({
      ...base,
      reason: "queue_full",
      message: `The queue is full: at most ${QUEUE_LIMIT} messages can wait. Delete one or wait for the turn to end.`,
    })
  }
  const message = sentences[event.type] ?? `This is not possible while the chat is ${row.status.replace("_", " ")}.`
  return new CommandRefused({ ...base, reason: "not_allowed", message })
}
