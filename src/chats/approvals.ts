import { Context, Effect, Layer } from "effect"
import type { DecideApprovalsRequest } from "../contract/tool-policy.ts"
import type { LoadedChat } from "../db/chats/commit.ts"
import { ChatReads } from "../db/chats/reads.ts"
import type { Actor } from "../identity/policy.ts"
import type { ChatMachineEvent } from "../machines/chat-events.ts"
import { hasTag } from "../machines/chat-state.ts"
import { ChatAccess, type Idempotency, receiptFor } from "./access.ts"
import { ChatHost } from "../actors/host/chat-host.ts"
import { approvalToWire } from "../actors/streams/chat-wire.ts"
import { refusalOf } from "../actors/chat/commands.ts"
import { InvalidInput } from "./input-parts.ts"

const make = Effect.gen(function* () {
  const host = yield* ChatHost
  const access = yield* ChatAccess
  const reads = yield* ChatReads

  const list = Effect.fn("Approvals.list")(function* (actor: Actor, chatId: string) {
    const row = yield* access.load(actor, chatId, "read")
    if (!hasTag(row.activity, "asks-person")) return []
    const calls = yield* reads.openCalls(chatId).pipe(Effect.orDie)
    return calls.filter((call) => call.approval === "asked").map(approvalToWire)
  })

  /** Answers some or all of the asked calls; with the last one the step goes on. */
  const decide = Effect.fn("Approvals.decide")(function* (
    actor: Actor,
    chatId: string,
    { decisions }: DecideApprovalsRequest,
    idempotency?: Idempotency,
  ) {
    yield* access.check(actor, chatId, "converse")
    const receipt = receiptFor(actor, idempotency)
    const event = (state: LoadedChat) =>
      Effect.gen(function* () {
        yield* access.notRepeated(receipt)
        const asked = new Set(state.openCalls.filter((call) => call.approval === "asked").map((call) => call.id))
        const decide: ChatMachineEvent = {
          type: "DecideApproval",
          undecided: asked.size - new Set(decisions.map((decision) => decision.id)).size,
          decisions: decisions.map(({ id, decision, reason }) => ({
            id,
            approved: decision === "approve",
            // The model is to know that it was a person; why the call was asked about is another reason.
            reason: reason ?? (decision === "deny" ? "A person refused it and gave no reason." : null),
          })),
        }
        if (!hasTag(state.row.activity, "asks-person")) return yield* refusalOf(state, decide)
        const seen = new Set<string>()
        for (const [index, { id }] of decisions.entries()) {
          const field = `decisions[${index}].id`
          if (seen.has(id)) return yield* new InvalidInput({ field, message: "is there twice" })
          if (!asked.has(id)) return yield* new InvalidInput({ field, message: "is no call that waits for approval" })
          seen.add(id)
        }
        return decide
      })
    yield* host
      .send(chatId, { event, actorUserId: actor.userId, receipt })
      .pipe(Effect.catchTag("Repeated", () => Effect.void))
  })

  return { list, decide }
})

export class Approvals extends Context.Tag("troupe/Approvals")<Approvals, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(Approvals, make)
}
