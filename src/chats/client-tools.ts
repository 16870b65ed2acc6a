import { Context, Effect, Layer } from "effect"
import { answerCalls } from "../actors/chat/commands/answer-calls.ts"
import { InvalidInput } from "../actors/chat/commands/refusals.ts"
import type { ToolResultsRequest } from "../contract/chats.ts"
import type { ChatId } from "../contract/ids.ts"
import type { Caller } from "../identity/policy.ts"
import { CommandRunner } from "./command-runner.ts"
import type { Idempotency } from "./idempotency.ts"

const make = Effect.gen(function* () {
  const { run } = yield* CommandRunner

  const submit = Effect.fn("ClientTools.submit")(
    (caller: Caller, chatId: ChatId, { results }: ToolResultsRequest, idempotency?: Idempotency) =>
      run(answerCalls, { caller, chatId, idempotency }, ({ archived }) =>
        results.length === 0 && !archived
          ? new InvalidInput({ field: "results", message: "must not be empty" })
          : Effect.succeed({ results }),
      ),
  )

  return { submit }
})

export class ClientTools extends Context.Tag("troupe/ClientTools")<ClientTools, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(ClientTools, make)
}
