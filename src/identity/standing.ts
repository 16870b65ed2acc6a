import { Context, Effect, Layer } from "effect"
import type { UserId } from "../contract/ids.ts"
import { ChatOwners } from "../db/chats/owners.ts"
import { refreshed } from "../db/engine/refreshed.ts"
import { afterCommit } from "../db/engine/transaction.ts"

/** How long a suspension by another process may go unnoticed. One's own counts at once. */
const OTHERS_CHANGES = "2 seconds"

/** For whom nothing is carried out any more, whoever began it. */
export class Standing extends Context.Tag("troupe/Standing")<
  Standing,
  {
    /** Owners of chats at work who are suspended or deleted. Costs no query in most cases. */
    readonly barred: Effect.Effect<ReadonlySet<UserId>>
    /** To be run by the transaction that suspends, activates or deletes an account. */
    readonly changed: Effect.Effect<void>
    /** Does something after each such change that is made by way of this process. */
    readonly onChanged: (listener: Effect.Effect<void>) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.scoped(
    Standing,
    Effect.gen(function* () {
      const owners = yield* ChatOwners
      const { read, forget } = yield* refreshed(owners.barred, OTHERS_CHANGES)
      const listeners: Array<Effect.Effect<void>> = []
      let known: ReadonlySet<UserId> = new Set()
      return {
        barred: read.pipe(
          Effect.tap((barred) => Effect.sync(() => void (known = barred))),
          // Nothing gets on without the database; what was known of people must not be what stops it.
          Effect.catchAll(() => Effect.sync(() => known)),
        ),
        changed: afterCommit(Effect.suspend(() => Effect.all([forget, ...listeners], { discard: true }))),
        onChanged: (listener) => Effect.sync(() => void listeners.push(listener)),
      }
    }),
  ).pipe(Layer.provide(ChatOwners.layer))
}
