import { Context, Data, Effect, Layer } from "effect"
import type { LoadedChat } from "../db/chats/store/loaded-chat.ts"
import type { Actor } from "../identity/policy.ts"
import type { ChatMachineEvent } from "../machines/chat-events.ts"
import { ChatAccess, type Idempotency, receiptFor } from "./access.ts"
import { ChatHost } from "../actors/host/chat-host.ts"
import { refusalOf } from "../actors/chat/commands.ts"

/** The queue has no such message: it was never there, was deleted, or has been promoted. */
export class QueuedMessageGone extends Data.TaggedError("QueuedMessageGone")<{ readonly queuedMessageId: number }> {}

const make = Effect.gen(function* () {
  const host = yield* ChatHost
  const access = yield* ChatAccess

  const change = (
    actor: Actor,
    chatId: string,
    queuedMessageId: number,
    type: "DeleteQueuedMessage" | "PromoteQueuedMessage",
    idempotency: Idempotency | undefined,
  ) => {
    const receipt = receiptFor(actor, idempotency)
    const event = (state: LoadedChat) =>
      Effect.gen(function* () {
        yield* access.notRepeated(receipt)
        const row = state.queue.find((queued) => queued.id === queuedMessageId)
        const found: ChatMachineEvent = { type, queuedMessageId, steer: row?.kind === "steer" }
        if (state.row.archived || state.queue.length === 0) return yield* refusalOf(state, found)
        if (row === undefined) return yield* new QueuedMessageGone({ queuedMessageId })
        return found
      })
    return host.send(chatId, { event, actorUserId: actor.userId, receipt }).pipe(
      Effect.catchTag("Repeated", () => Effect.void),
      Effect.asVoid,
    )
  }

  const remove = Effect.fn("ChatQueue.remove")(function* (
    actor: Actor,
    chatId: string,
    queuedMessageId: number,
    idempotency?: Idempotency,
  ) {
    yield* access.check(actor, chatId, "update")
    yield* change(actor, chatId, queuedMessageId, "DeleteQueuedMessage", idempotency)
  })

  /** To the head of the queue, or into the history where nothing runs; a running turn is stopped for it. */
  const promote = Effect.fn("ChatQueue.promote")(function* (
    actor: Actor,
    chatId: string,
    queuedMessageId: number,
    idempotency?: Idempotency,
  ) {
    yield* access.check(actor, chatId, "converse")
    yield* change(actor, chatId, queuedMessageId, "PromoteQueuedMessage", idempotency)
  })

  return { remove, promote }
})

export class ChatQueue extends Context.Tag("troupe/ChatQueue")<ChatQueue, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(ChatQueue, make)
}
