import { Context, Effect, Layer } from "effect"
import type { ChatId, MessageId, QueuedMessageId } from "../../../contract/ids.ts"
import type { CommandReceipt } from "../../../db/chats/store/receipt.ts"
import { ChatReads } from "../../../db/chats/reads.ts"
import { Receipts } from "../../../db/chats/receipts.ts"
import type { MessageRow } from "../../../db/chats/rows.ts"
import { type LiveModels, liveModels } from "../../../models/live.ts"
import { ModelCatalog } from "../../../models/catalog.ts"
import { type KeyReused, notRepeated, type Repeated } from "./receipt.ts"

/** What a command has to know beside the rows that its chat's actor holds. */
export class CommandReads extends Context.Tag("troupe/CommandReads")<
  CommandReads,
  {
    readonly notRepeated: (receipt: CommandReceipt | null) => Effect.Effect<void, KeyReused | Repeated>
    /** Removed ones as well; undefined for one that the chat never had. */
    readonly message: (chatId: ChatId, messageId: MessageId) => Effect.Effect<MessageRow | undefined>
    /** Whether the prompt holds anything beside the system prompt, and whether the model has said some of it. */
    readonly sinceBoundary: (chatId: ChatId) => Effect.Effect<{ readonly spoken: boolean; readonly answered: boolean }>
    /** The last thing that the model was told is not its own word. */
    readonly awaitsReply: (chatId: ChatId) => Effect.Effect<boolean>
    /** A message that does not wait any more has entered the history; false for one that was deleted or never there. */
    readonly wasPromoted: (chatId: ChatId, queuedMessageId: QueuedMessageId) => Effect.Effect<boolean>
    readonly liveModels: Effect.Effect<LiveModels>
  }
>() {
  static readonly layer = Layer.effect(
    CommandReads,
    Effect.gen(function* () {
      const reads = yield* ChatReads
      const receipts = yield* Receipts
      const models = yield* ModelCatalog
      return {
        notRepeated: (receipt) => notRepeated(receipts, receipt),
        message: (chatId, messageId) =>
          reads.messagesById(chatId, [messageId]).pipe(
            Effect.orDie,
            Effect.map((rows) => rows[0]),
          ),
        sinceBoundary: (chatId) => reads.sinceBoundary(chatId).pipe(Effect.orDie),
        awaitsReply: (chatId) =>
          reads.lastRole(chatId).pipe(
            Effect.orDie,
            Effect.map((role) => role === "user" || role === "tool"),
          ),
        wasPromoted: (chatId, queuedMessageId) => reads.wasPromoted(chatId, queuedMessageId).pipe(Effect.orDie),
        liveModels: Effect.map(models.snapshot, liveModels),
      }
    }),
  )
}
