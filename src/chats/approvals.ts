import { Context, Effect, Layer } from "effect"
import { decideApprovals } from "../actors/chat/commands/decide-approvals.ts"
import { approvalToWire } from "../actors/streams/chat-wire.ts"
import type { ChatId } from "../contract/ids.ts"
import type { DecideApprovalsRequest } from "../contract/tool-policy.ts"
import { ChatReads } from "../db/chats/reads.ts"
import { hasTag } from "../machines/chat-state.ts"
import type { Caller } from "../identity/policy.ts"
import { ChatAccess } from "./access.ts"
import { CommandRunner } from "./command-runner.ts"
import type { Idempotency } from "./idempotency.ts"

const make = Effect.gen(function* () {
  const { run } = yield* CommandRunner
  const access = yield* ChatAccess
  const reads = yield* ChatReads

  const list = Effect.fn("Approvals.list")(function* (caller: Caller, chatId: ChatId) {
    const decides = access.load(caller, chatId, "approve")
    // Administrators see what is asked, and cannot decide it.
    const row = yield* decides.pipe(Effect.catchAll(() => access.lookWhole(caller, chatId)))
    if (!hasTag(row.activity, "asks-person")) return []
    const calls = yield* reads.openCalls(chatId).pipe(Effect.orDie)
    return calls.filter((call) => call.approval === "asked").map(approvalToWire)
  })

  /** The chat's own; the deployment's hold beside them. */
  const rules = Effect.fn("Approvals.rules")(function* (caller: Caller, chatId: ChatId) {
    yield* access.look(caller, chatId, "inspect")
    return yield* reads.toolPolicy(chatId).pipe(Effect.orDie)
  })

  const decide = Effect.fn("Approvals.decide")(
    (caller: Caller, chatId: ChatId, { decisions }: DecideApprovalsRequest, idempotency?: Idempotency) =>
      run(decideApprovals, { caller, chatId, idempotency }, () => Effect.succeed({ decisions })),
  )

  return { list, rules, decide }
})

export class Approvals extends Context.Tag("troupe/Approvals")<Approvals, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(Approvals, make)
}
