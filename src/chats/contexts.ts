import { Context, Data, Effect, Layer } from "effect"
import { ChatReads } from "../db/chats/reads.ts"
import type { Actor } from "../identity/policy.ts"
import { decide } from "../machines/chat-state.ts"
import { ChatAccess, type Idempotency, receiptFor } from "./access.ts"
import { ChatHost } from "../actors/host/chat-host.ts"
import { machineState } from "../actors/chat/machine-state.ts"

/** There is no history to summarise or to clear. */
export class NothingToForget extends Data.TaggedError("NothingToForget")<{ readonly message: string }> {}

/** What the prompt must hold for the event to change anything, and the word for what it does. */
const NEEDS = {
  RequestCompaction: { what: "answered", verb: "summarise" },
  ClearContext: { what: "spoken", verb: "clear" },
} as const

const make = Effect.gen(function* () {
  const host = yield* ChatHost
  const access = yield* ChatAccess
  const reads = yield* ChatReads

  const command = (type: keyof typeof NEEDS, actor: Actor, chatId: string, idempotency: Idempotency | undefined) =>
    Effect.gen(function* () {
      yield* access.check(actor, chatId, "converse")
      const receipt = receiptFor(actor, idempotency)
      yield* host
        .send(chatId, {
          event: (state) =>
            Effect.gen(function* () {
              yield* access.notRepeated(receipt)
              // A chat that is busy refuses by itself, and with a better reason.
              const possible = decide(machineState(state), { type }) !== undefined
              const { what, verb } = NEEDS[type]
              if (possible && !(yield* reads.sinceBoundary(chatId).pipe(Effect.orDie))[what]) {
                return yield* new NothingToForget({ message: `There is nothing to ${verb} yet.` })
              }
              return { type } as const
            }),
          actorUserId: actor.userId,
          receipt,
        })
        .pipe(Effect.catchTag("Repeated", () => Effect.void))
      return yield* access.load(actor, chatId, "read")
    })

  /** Lets the model replace the history by a summary; the chat works on it as on a turn. */
  const compact = Effect.fn("ChatContexts.compact")((actor: Actor, chatId: string, idempotency?: Idempotency) =>
    command("RequestCompaction", actor, chatId, idempotency),
  )

  /** Hides the history from the model, at once. People still see it. */
  const clear = Effect.fn("ChatContexts.clear")((actor: Actor, chatId: string, idempotency?: Idempotency) =>
    command("ClearContext", actor, chatId, idempotency),
  )

  return { compact, clear }
})

/** What of a chat's history goes to the model. */
export class ChatContexts extends Context.Tag("troupe/ChatContexts")<
  ChatContexts,
  Effect.Effect.Success<typeof make>
>() {
  static readonly layer = Layer.effect(ChatContexts, make)
}
