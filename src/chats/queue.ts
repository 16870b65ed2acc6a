import { Context, Effect, Layer } from "effect"
import { changeQueued } from "../actors/chat/commands/change-queued.ts"
import { deleteQueued } from "../actors/chat/commands/delete-queued.ts"
import { promoteQueued } from "../actors/chat/commands/promote-queued.ts"
import { QueuedMessageGone } from "../actors/chat/commands/queued-message.ts"
import type { PatchQueuedMessageRequest } from "../contract/chats.ts"
import type { ChatId, QueuedMessageId } from "../contract/ids.ts"
import { ChatReads } from "../db/chats/reads.ts"
import type { Caller } from "../identity/policy.ts"
import { CommandRunner } from "./command-runner.ts"
import type { Idempotency } from "./idempotency.ts"
import { inputParts } from "./input-parts.ts"

const make = Effect.gen(function* () {
  const { run } = yield* CommandRunner
  const reads = yield* ChatReads

  const remove = Effect.fn("ChatQueue.remove")(
    (caller: Caller, chatId: ChatId, queuedMessageId: QueuedMessageId, idempotency?: Idempotency) =>
      run(deleteQueued, { caller, chatId, idempotency }, () => Effect.succeed({ queuedMessageId })),
  )

  const change = Effect.fn("ChatQueue.change")(function* (
    caller: Caller,
    chatId: ChatId,
    queuedMessageId: QueuedMessageId,
    { content, kind, before }: PatchQueuedMessageRequest,
    idempotency?: Idempotency,
  ) {
    yield* run(changeQueued, { caller, chatId, idempotency }, () =>
      Effect.gen(function* () {
        return {
          queuedMessageId,
          content: content === undefined ? null : yield* inputParts(content),
          kind: kind ?? null,
          place: before === undefined ? null : { before },
        }
      }),
    )
    // The row is there even where its message has been promoted since.
    const [row] = yield* reads.queuedById(chatId, [queuedMessageId]).pipe(Effect.orDie)
    return row ?? (yield* new QueuedMessageGone({ queuedMessageId }))
  })

  const promote = Effect.fn("ChatQueue.promote")(
    (caller: Caller, chatId: ChatId, queuedMessageId: QueuedMessageId, idempotency?: Idempotency) =>
      run(promoteQueued, { caller, chatId, idempotency }, () => Effect.succeed({ queuedMessageId })),
  )

  return { remove, change, promote }
})

export class ChatQueue extends Context.Tag("troupe/ChatQueue")<ChatQueue, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(ChatQueue, make)
}
