import { Context, Effect, Layer } from "effect"
import { ChatHost } from "../actors/host/chat-host.ts"
import type { ChatId } from "../contract/ids.ts"
import type { Caller } from "../identity/policy.ts"
import { ChatAccess } from "./access.ts"
import { CommandRunner, neverFull } from "./command-runner.ts"
import type { Idempotency } from "./idempotency.ts"

/** A person asks for the repair of a chat whose rows are no state of the machine; `actors/chat/repair.ts` says how. */

const make = Effect.gen(function* () {
  const host = yield* ChatHost
  const { once } = yield* CommandRunner
  const access = yield* ChatAccess
  /** Two repairs of a chat at once would fence each other. They are few and short, so all wait for each other. */
  const one = yield* Effect.makeSemaphore(1)

  const reconcile = Effect.fn("ChatRepair.reconcile")(function* (
    caller: Caller,
    chatId: ChatId,
    idempotency?: Idempotency,
  ) {
    yield* once(
      { caller, chatId, idempotency },
      "update",
      (_chat, receipt) => one.withPermits(1)(neverFull(host.repair(chatId, { actorUserId: caller.userId, receipt }))),
      () => Effect.void,
    )
    return yield* access.load(caller, chatId, "read")
  })

  return { reconcile }
})

export class ChatRepair extends Context.Tag("troupe/ChatRepair")<ChatRepair, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(ChatRepair, make)
}
