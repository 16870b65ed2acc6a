import { Context, Effect, Layer } from "effect"
import { stopCall } from "../actors/chat/commands/stop-call.ts"
import type { ChatId } from "../contract/ids.ts"
import type { Caller } from "../identity/policy.ts"
import { CommandRunner } from "./command-runner.ts"
import type { Idempotency } from "./idempotency.ts"

const make = Effect.gen(function* () {
  const { run } = yield* CommandRunner

  const stop = Effect.fn("ChatToolCalls.stop")(
    (caller: Caller, chatId: ChatId, call: string, idempotency?: Idempotency) =>
      run(stopCall, { caller, chatId, idempotency }, () => Effect.succeed({ call })),
  )

  return { stop }
})

/** Single calls of a chat that is at work. */
export class ChatToolCalls extends Context.Tag("troupe/ChatToolCalls")<
  ChatToolCalls,
  Effect.Effect.Success<typeof make>
>() {
  static readonly layer = Layer.effect(ChatToolCalls, make)
}
