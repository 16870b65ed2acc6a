import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer, Queue } from "effect"
import type { ChatId } from "../../contract/ids.ts"
import { Admissions } from "../../db/chats/admission.ts"
import { CapacityLimits } from "./capacity-limits.ts"
import { InstanceId } from "./instance.ts"
import { LocalSlots } from "./local-slots.ts"

/** Far longer than the way from a grant to the chat's actor. */
const FORGOTTEN_MS = 1000

/**
 * Hands out slots. `ring` is a doorbell: a ring during a round is remembered and leads to one more round, so no waiting chat
 * is missed and rounds never overlap.
 */
export class Admission extends Context.Tag("troupe/Admission")<
  Admission,
  {
    readonly ring: () => void
    /**
     * Chats that got a slot of which nobody was told: the connection broke between the grant and its answer. They hold it, so
     * they are to be admitted like the others.
     */
    readonly forgotten: Effect.Effect<ReadonlyArray<ChatId>, SqlError>
    /** Called with each chat that got a slot. Set once, by the host. */
    readonly onGranted: (listener: (chatId: ChatId) => void) => void
  }
>() {
  static readonly layer = Layer.scoped(
    Admission,
    Effect.gen(function* () {
      const admissions = yield* Admissions
      const capacity = yield* CapacityLimits
      const slots = yield* LocalSlots
      const instance = yield* InstanceId
      let listener: (chatId: ChatId) => void = () => undefined

      const round = capacity.read.pipe(
        Effect.flatMap((limits) => admissions.grant(instance, limits, slots.reserved())),
        Effect.tap((ids) =>
          Effect.sync(() => {
            for (const id of ids) {
              slots.granted(id)
              listener(id)
            }
          }),
        ),
        // The sweep rings again, so a database that is away only delays.
        Effect.catchAllCause((cause) => Effect.logWarning("Chats could not be admitted; trying again soon", cause)),
      )
      yield* Queue.take(slots.bell).pipe(Effect.zipRight(round), Effect.forever, Effect.forkScoped)
      return {
        ring: slots.ring,
        forgotten: admissions.forgotten(instance, FORGOTTEN_MS),
        onGranted: (next) => {
          listener = next
        },
      }
    }),
  )
}
