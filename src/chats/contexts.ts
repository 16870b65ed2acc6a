import { Context, Effect, Layer } from "effect"
import { clear } from "../actors/chat/commands/clear.ts"
import { compact } from "../actors/chat/commands/compact.ts"
import type { ChatId } from "../contract/ids.ts"
import type { Caller } from "../identity/policy.ts"
import { ChatAccess } from "./access.ts"
import { CommandRunner } from "./command-runner.ts"
import type { Idempotency } from "./idempotency.ts"

const make = Effect.gen(function* () {
  const { run } = yield* CommandRunner
  const access = yield* ChatAccess

  const forget = (command: typeof compact | typeof clear, caller: Caller, chatId: ChatId, idempotency?: Idempotency) =>
    run(command, { caller, chatId, idempotency }, () => Effect.succeed({})).pipe(
      Effect.zipRight(access.load(caller, chatId, "read")),
    )

  return {
    compact: Effect.fn("ChatContexts.compact")((caller: Caller, chatId: ChatId, idempotency?: Idempotency) =>
      forget(compact, caller, chatId, idempotency),
    ),
    clear: Effect.fn("ChatContexts.clear")((caller: Caller, chatId: ChatId, idempotency?: Idempotency) =>
      forget(clear, caller, chatId, idempotency),
    ),
  }
})

/** What of a chat's history goes to the model. */
export class ChatContexts extends Context.Tag("troupe/ChatContexts")<
  ChatContexts,
  Effect.Effect.Success<typeof make>
>() {
  static readonly layer = Layer.effect(ChatContexts, make)
}
