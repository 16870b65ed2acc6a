import { Context, Effect, Layer } from "effect"
import { deleteQueued } from "../actors/chat/commands/delete-queued.ts"
import { promoteQueued } from "../actors/chat/commands/promote-queued.ts"
import type { ChatId, QueuedMessageId } from "../contract/ids.ts"
import type { Caller } from "../identity/policy.ts"
import { CommandRunner } from "./command-runner.ts"
import type { Idempotency } from "./idempotency.ts"

const make = Effect.gen(function* () {
  const { run } = yield* CommandRunner

  const remove = Effect.fn("ChatQueue.remove")(
    (caller: Caller, chatId: ChatId, queuedMessageId: QueuedMessageId, idempotency?: Idempotency) =>
      run(deleteQueued, { caller, chatId, idempotency }, () => Effect.succeed({ queuedMessageId })),
  )

  const promote = Effect.fn("ChatQueue.promote")(
    (caller: Caller, chatId: ChatId, queuedMessageId: QueuedMessageId, idempotency?: Idempotency) =>
      run(promoteQueued, { caller, chatId, idempotency }, () => Effect.succeed({ queuedMessageId })),
  )

  return { remove, promote }
})

export class ChatQueue extends Context.Tag("troupe/ChatQueue")<ChatQueue, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(ChatQueue, make)
}
