import { Context, type Effect } from "effect"
import type { ChatId, UserId } from "../../contract/ids.ts"
import type { CommandReceipt, ReceiptTaken } from "../../db/chats/store/receipt.ts"
import type { LoadedChat } from "../../db/chats/store/loaded-chat.ts"
import type { ChatFacts } from "../../db/chats/reads.ts"
import type { MessageRow } from "../../db/chats/rows.ts"
import type { ChatToCreate } from "../chat/birth.ts"
import type { SendCommand } from "../chat/commands/chat-command.ts"
import type { ChatSound, ChatUnavailable, CommandError } from "../chat/commands/refusals.ts"

/**
 * Finds the actor of a chat, wherever it is, and starts it when there is none. The chat machine and the chat actor know
 * nothing of this; `local-host.ts` keeps them in a registry of the process.
 */
export class ChatHost extends Context.Tag("troupe/ChatHost")<
  ChatHost,
  {
    /** Commits a new chat and starts its actor. */
    readonly create: (
      chat: ChatToCreate,
    ) => Effect.Effect<
      { readonly state: LoadedChat; readonly inserted: ReadonlyArray<MessageRow> },
      ReceiptTaken | ChatUnavailable
    >
    /** Gives a command to the chat's owner. What goes in and what comes out is data: see `command-wire.ts`. */
    readonly send: SendCommand
    /**
     * What is known here of a chat, without asking anybody; undefined for one that has no actor here. Whose it is never changes, and the
     * rest only by its owner or by who raises its epoch, so the owner's next word about it is the last.
     */
    readonly facts: (chatId: ChatId) => ChatFacts | undefined
    /** Starts the actor of a chat that has work. */
    readonly wake: (chatId: ChatId) => Effect.Effect<void>
    /** Ends the actor of a chat that others have written to; the next command loads it again. */
    readonly forget: (chatId: ChatId) => Effect.Effect<void>
    /** Brings a chat whose rows are no state of the machine to `error`, with the reason. */
    readonly repair: (
      chatId: ChatId,
      by: { readonly actorUserId: UserId; readonly receipt: CommandReceipt | null },
    ) => Effect.Effect<void, ChatSound | CommandError>
    /** Takes up chats with work and no live owner, now and from now on. Called when the server can be reached. */
    readonly open: Effect.Effect<void>
    /** Actors alive in this process. */
    readonly size: () => number
  }
>() {}
