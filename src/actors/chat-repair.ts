import { Context, Effect, Layer } from "effect"
import type { ChatCommit, LoadedChat } from "../db/chat-commit.ts"
import type { Actor } from "../identity/policy.ts"
import { decide } from "../machines/chat-state.ts"
import { faultOfState } from "../machines/chat-validity.ts"
import { ChatAccess, type Idempotency, receiptFor } from "./chat-access.ts"
import { ChatHost } from "./chat-host.ts"
import { machineState } from "./machine-state.ts"
import { plan } from "./plan-commit.ts"

/** Chats whose rows are no state of the machine: found when an actor is to be started, and brought to `error` on request. */

/** What is wrong with the rows of a chat, as the end of a sentence; undefined for a sound chat. */
export const faultOf = ({ row, queue, openCalls }: LoadedChat): string | undefined =>
  faultOfState({
    activity: row.activity,
    archived: row.archived,
    queue: queue.length,
    openCalls: openCalls.length,
    askedCalls: openCalls.filter((call) => call.approval === "asked").length,
    hasDeadline: row.requires_action_deadline_at !== null,
  })

/** The commit that makes the rows sound again: in `error`, with the reason, every call answered and nothing lost. */
export const repair = (
  loaded: LoadedChat,
  fault: string,
  actorUserId: string,
  now: string,
): Omit<ChatCommit, "receipt"> | undefined => {
  const { queue } = loaded
  const event = {
    type: "ReconcileInvalidState",
    queue: queue.length,
    steer: queue.filter((queued) => queued.kind === "steer").length,
    error: { message: `This chat ${fault}, so it was stopped. Send a message to go on.`, retryable: false },
  } as const
  const decision = decide(machineState(loaded), event)
  if (decision === undefined) return undefined
  return plan(loaded, {
    event,
    value: decision.next.value,
    context: decision.next.context,
    changes: decision.changes,
    actorUserId,
    now,
    startedAtUs: performance.now() * 1000,
  })
}

const make = Effect.gen(function* () {
  const host = yield* ChatHost
  const access = yield* ChatAccess
  /** Two repairs of a chat at once would fence each other. They are few and short, so all wait for each other. */
  const one = yield* Effect.makeSemaphore(1)

  const reconcile = Effect.fn("ChatRepair.reconcile")(function* (
    actor: Actor,
    chatId: string,
    idempotency?: Idempotency,
  ) {
    yield* access.check(actor, chatId, "update")
    const receipt = receiptFor(actor, idempotency)
    const once = access
      .notRepeated(receipt)
      .pipe(Effect.zipRight(host.repair(chatId, { actorUserId: actor.userId, receipt })))
    yield* one
      .withPermits(1)(once)
      .pipe(Effect.catchTag("Repeated", () => Effect.void))
    return yield* access.load(actor, chatId, "read")
  })

  return { reconcile }
})

export class ChatRepair extends Context.Tag("troupe/ChatRepair")<ChatRepair, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(ChatRepair, make)
}
