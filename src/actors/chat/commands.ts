import { Data, type Effect } from "effect"
import type { CommandReceipt } from "../../db/chats/store/receipt.ts"
import type { LoadedChat } from "../../db/chats/store/loaded-chat.ts"
import type { MessageRow } from "../../db/chats/rows.ts"
import type { ChatMachineEvent } from "../../machines/chat-events.ts"
import { QUEUE_LIMIT } from "../../machines/chat-setup.ts"

/** What is asked of a chat actor, and the ways in which it says no. */

/** The chat's state does not allow it. Nothing happened. */
export class CommandRefused extends Data.TaggedError("CommandRefused")<{
  readonly chatId: string
  readonly event: string
  readonly activity: string
  readonly reason: "archived" | "queue_full" | "not_allowed" | "not_storable"
  readonly message: string
}> {}

/** The chat does not exist (any more). */
export class ChatGone extends Data.TaggedError("ChatGone")<{ readonly chatId: string }> {}

/** The command could not be carried out now. */
export class ChatUnavailable extends Data.TaggedError("ChatUnavailable")<{
  readonly chatId: string
  readonly message: string
  /** True: nothing happened, and the host tries again by itself. False: it does not, and only a receipt can tell what happened. */
  readonly untouched: boolean
  /** Worth waiting before the next try; 1 where nothing is said. */
  readonly retryAfterSeconds?: number
}> {}

/** The rows of the chat are no state of the machine: nothing can be done with it until it is repaired. */
export class ChatInvalid extends Data.TaggedError("ChatInvalid")<{
  readonly chatId: string
  /** The end of a sentence that begins with "This chat". */
  readonly fault: string
}> {}

/** The chat is sound, so there is nothing to repair. */
export class ChatSound extends Data.TaggedError("ChatSound")<{ readonly chatId: string }> {}

export type CommandError = CommandRefused | ChatGone | ChatUnavailable | ChatInvalid

export interface Command<E = never> {
  /** Decided inside the mailbox, on the rows that the transition will start from. */
  readonly event: (state: LoadedChat) => Effect.Effect<ChatMachineEvent, E>
  readonly actorUserId: string | null
  readonly receipt: CommandReceipt | null
}

export interface CommandResult {
  readonly state: LoadedChat
  /** Message rows that the transition wrote. */
  readonly inserted: ReadonlyArray<MessageRow>
  /** Ids of the queued messages that it added. */
  readonly queuedIds: ReadonlyArray<number>
}

const sentences: Record<string, string> = {
  Interrupt: "There is nothing to interrupt: the chat is not running.",
  DeleteQueuedMessage: "The queue has no such message any more.",
  PromoteQueuedMessage: "The queue has no such message any more.",
  CompleteRequiresAction: "The chat is not waiting for tool results.",
  DecideApproval: "The chat is not waiting for an approval.",
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
