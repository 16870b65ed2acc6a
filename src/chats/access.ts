import { Context, Data, Effect, Layer, Option } from "effect"
import { createHash } from "node:crypto"
import type { CommandReceipt } from "../db/chats/store/receipt.ts"
import { type ChatFacts, type ChatListRow, ChatReads } from "../db/chats/reads.ts"
import { type ReceiptRow, Receipts } from "../db/chats/receipts.ts"
import { type Actor, chatAccess } from "../identity/policy.ts"

/** Before a command: may the caller do this to the chat, and has he done it already? */

/** The chat does not exist or the caller may not see it; the answer is the same. */
export class ChatHidden extends Data.TaggedError("ChatHidden")<{ readonly chatId: string }> {}

/** The caller sees the chat and may not do this to it. */
export class ChatForbidden extends Data.TaggedError("ChatForbidden")<{ readonly message: string }> {}

/** The Idempotency-Key was used for another request. */
export class KeyReused extends Data.TaggedError("KeyReused")<{ readonly key: string }> {}

/** A command that a receipt says was carried out before. */
export class Repeated extends Data.TaggedError("Repeated")<{ readonly receipt: ReceiptRow }> {}

/** Makes a repeat of a request find the first: `scope` is the method and path, `body` what was sent. */
export interface Idempotency {
  readonly key: string
  readonly scope: string
  readonly body: unknown
}

/** The receipt that a command leaves in its transaction; null without an Idempotency-Key. */
export const receiptFor = (actor: Actor, idempotency: Idempotency | undefined): CommandReceipt | null =>
  idempotency === undefined
    ? null
    : {
        userId: actor.userId,
        scope: idempotency.scope,
        key: idempotency.key,
        requestHash: createHash("sha256")
          .update(JSON.stringify(idempotency.body) ?? "")
          .digest("hex"),
      }

type ChatAction = "read" | "update" | "converse"

const make = Effect.gen(function* () {
  const reads = yield* ChatReads
  const receipts = yield* Receipts

  const decide = <Row extends ChatFacts>(actor: Actor, chatId: string, action: ChatAction, found: Option.Option<Row>) =>
    Effect.gen(function* () {
      if (Option.isNone(found)) return yield* new ChatHidden({ chatId })
      const row = found.value
      const access = chatAccess(actor, action, { ownerId: row.owner_id, organizationId: row.organization_id })
      if (access === "hidden") return yield* new ChatHidden({ chatId })
      if (access === "forbidden") {
        const message = "Only the owner of this chat may do this: it spends the owner's credit."
        return yield* new ChatForbidden({ message })
      }
      return row
    })

  const load = Effect.fn("ChatAccess.load")(function* (actor: Actor, chatId: string, action: ChatAction) {
    return yield* decide(actor, chatId, action, yield* reads.get(chatId).pipe(Effect.orDie))
  })

  const check = Effect.fn("ChatAccess.check")(function* (actor: Actor, chatId: string, action: ChatAction) {
    return yield* decide(actor, chatId, action, yield* reads.facts(chatId).pipe(Effect.orDie))
  })

  const notRepeated = Effect.fn("ChatAccess.notRepeated")(function* (receipt: CommandReceipt | null) {
    if (receipt === null) return
    const found = yield* receipts.find(receipt.userId, receipt.scope, receipt.key).pipe(Effect.orDie)
    if (Option.isNone(found)) return
    if (found.value.request_hash !== receipt.requestHash) return yield* new KeyReused({ key: receipt.key })
    return yield* new Repeated({ receipt: found.value })
  })

  return { load, check, notRepeated }
})

export class ChatAccess extends Context.Tag("troupe/ChatAccess")<
  ChatAccess,
  {
    readonly load: (
      actor: Actor,
      chatId: string,
      action: ChatAction,
    ) => Effect.Effect<ChatListRow, ChatHidden | ChatForbidden>
    /** The same judgement on what a command needs of the row. */
    readonly check: (
      actor: Actor,
      chatId: string,
      action: ChatAction,
    ) => Effect.Effect<ChatFacts, ChatHidden | ChatForbidden>
    /** Fails with what an earlier request of the same key left. Asked where the command is decided, so there is no race. */
    readonly notRepeated: (receipt: CommandReceipt | null) => Effect.Effect<void, KeyReused | Repeated>
  }
>() {
  static readonly layer = Layer.effect(ChatAccess, make)
}
