import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer, Option, Queue, Schema } from "effect"
import { Admissions, type Capacity } from "../../db/chats/admission.ts"
import { refreshed } from "../../db/refreshed.ts"
import { SiteConfigs } from "../../db/site-configs.ts"
import { afterTransaction } from "../../db/transaction.ts"
import { InstanceId } from "./instance.ts"

const KEY = "agents_chat_capacity"

const DEFAULT_CAPACITY: Capacity = { deployment: null, perUser: 200, perOrganization: null }

/** How long a change made by another replica may go unnoticed. This one's own count at once. */
const OTHERS_CHANGES_MS = 2000

/** Far longer than the way from a grant to the chat's actor. */
const FORGOTTEN_MS = 1000

const Slots = Schema.NullOr(Schema.Int)
const decode = Schema.decodeUnknownOption(Schema.Struct({ deployment: Slots, perUser: Slots, perOrganization: Slots }))

/** Room for running chats. */
export class CapacityLimits extends Context.Tag("troupe/CapacityLimits")<
  CapacityLimits,
  {
    readonly read: Effect.Effect<Capacity>
    readonly write: (capacity: Capacity, userId: string) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.scoped(
    CapacityLimits,
    Effect.gen(function* () {
      const configs = yield* SiteConfigs
      const load = configs
        .read(KEY)
        .pipe(Effect.map((value) => Option.getOrElse(Option.flatMap(value, decode), () => DEFAULT_CAPACITY)))
      const { read, forget } = yield* refreshed(load, OTHERS_CHANGES_MS)
      return {
        read,
        write: (capacity, userId) =>
          configs.write(KEY, capacity, userId).pipe(Effect.zipRight(afterTransaction(forget))),
      }
    }),
  )
}

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
    readonly forgotten: Effect.Effect<ReadonlyArray<string>, SqlError>
    /** Called with each chat that got a slot. Set once, by the host. */
    readonly onGranted: (listener: (chatId: string) => void) => void
  }
>() {
  static readonly layer = Layer.scoped(
    Admission,
    Effect.gen(function* () {
      const admissions = yield* Admissions
      const capacity = yield* CapacityLimits
      const instance = yield* InstanceId
      const bell = yield* Queue.sliding<void>(1)
      let listener: (chatId: string) => void = () => undefined

      const round = capacity.read.pipe(
        Effect.flatMap((limits) => admissions.grant(instance, limits)),
        Effect.tap((ids) => Effect.sync(() => ids.forEach((id) => listener(id)))),
        // The sweep rings again, so a database that is away only delays.
        Effect.catchAllCause((cause) => Effect.logWarning("Chats could not be admitted; trying again soon", cause)),
      )
      yield* Queue.take(bell).pipe(Effect.zipRight(round), Effect.forever, Effect.forkScoped)
      return {
        ring: () => void bell.unsafeOffer(undefined),
        forgotten: admissions.forgotten(instance, FORGOTTEN_MS),
        onGranted: (next) => {
          listener = next
        },
      }
    }),
  )
}
