import { Context, Effect, Layer, Option, Schema } from "effect"
import type { UserId } from "../../contract/ids.ts"
import type { Capacity } from "../../db/chats/admission.ts"
import { refreshed } from "../../db/engine/refreshed.ts"
import { SiteConfigs } from "../../db/deployment/site-configs.ts"
import { afterTransaction } from "../../db/engine/transaction.ts"

const KEY = "agents_chat_capacity"

const DEFAULT_CAPACITY: Capacity = { deployment: null, perUser: 200, perOrganization: null }

/** How long a change made by another replica may go unnoticed. This one's own count at once. */
const OTHERS_CHANGES_MS = 2000

const Slots = Schema.NullOr(Schema.Int)
const decode = Schema.decodeUnknownOption(Schema.Struct({ deployment: Slots, perUser: Slots, perOrganization: Slots }))

/** Room for running chats. */
export class CapacityLimits extends Context.Tag("troupe/CapacityLimits")<
  CapacityLimits,
  {
    readonly read: Effect.Effect<Capacity>
    readonly write: (capacity: Capacity, userId: UserId) => Effect.Effect<void>
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
