import { Context, Effect, Layer } from "effect"
import { deleteQueued } from "../actors/chat/commands/delete-queued.ts"
import { promoteQueued } from "../actors/chat/commands/promote-queued.ts"
import type { Actor } from "../identity/policy.ts"
import { CommandRunner } from "./command-runner.ts"
import type { Idempotency } from "./idempotency.ts"

const make = Effect.gen(function* () {
  const { run } = yield* CommandRunner

  const remove = Effect.fn("ChatQueue.remove")(
    (actor: Actor, chatId: string, queuedMessageId: number, idempotency?: Idempotency) =>
      run(deleteQueued, { actor, chatId, idempotency }, () => Effect.succeed({ queuedMessageId })),
  )

  const promote = Effect.fn("ChatQueue.promote")(
    (actor: Actor, chatId: string, queuedMessageId: number, idempotency?: Idempotency) =>
      run(promoteQueued, { actor, chatId, idempotency }, () => Effect.succeed({ queuedMessageId })),
  )

  return { remove, promote }
})

export class ChatQueue extends Context.Tag("troupe/ChatQueue")<ChatQueue, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(ChatQueue, make)
}
