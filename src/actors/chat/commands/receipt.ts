import { Effect, Option, Schema } from "effect"
import { type ChatId, MessageId, QueuedMessageId, type UserId, asWritten } from "../../../contract/ids.ts"
import type { CommandReceipt as StoredReceipt } from "../../../db/chats/store/receipt.ts"
import type { Receipts } from "../../../db/chats/receipts.ts"

/** What a command with an Idempotency-Key leaves in its transaction, and what its repeat finds. */

export const CommandReceipt: Schema.Schema<StoredReceipt> = Schema.Struct({
  userId: asWritten<UserId>(),
  scope: Schema.String,
  key: Schema.String,
  requestHash: Schema.String,
})

/** The Idempotency-Key was used for another request. */
export class KeyReused extends Schema.TaggedError<KeyReused>()("KeyReused", { key: Schema.String }) {}

/** A receipt says that this was carried out before. The ids are those of the rows that it wrote then. */
export class Repeated extends Schema.TaggedError<Repeated>()("Repeated", {
  chatId: Schema.NullOr(asWritten<ChatId>()),
  messageIds: Schema.Array(MessageId),
  queuedIds: Schema.Array(QueuedMessageId),
}) {}

/** Fails with what an earlier request of the same key left. Asked where the command is decided, so there is no race. */
export const notRepeated = (
  receipts: Receipts["Type"],
  receipt: StoredReceipt | null,
): Effect.Effect<void, KeyReused | Repeated> =>
  Effect.gen(function* () {
    if (receipt === null) return
    const found = yield* receipts.find(receipt.userId, receipt.scope, receipt.key).pipe(Effect.orDie)
    if (Option.isNone(found)) return
    const { request_hash, chat_id: chatId, result } = found.value
    if (request_hash !== receipt.requestHash) return yield* new KeyReused({ key: receipt.key })
    return yield* new Repeated({ chatId, messageIds: result.message_ids ?? [], queuedIds: result.queued_ids ?? [] })
  })
