import type { SqlClient } from "@effect/sql/SqlClient"
import { Effect, FiberRef } from "effect"

/** Tells a failure of the effect from a failure of the transaction around it. */
class RolledBack<E> {
  readonly failure: E
  constructor(failure: E) {
    this.failure = failure
  }
}

/** What waits for the end of the transaction around; undefined outside of one. */
const waiting = FiberRef.unsafeMake<Array<Effect.Effect<void>> | undefined>(undefined)

/**
 * Runs the effect once the outermost `inTransaction` around has ended, whether it was committed or not; at once outside of one.
 * For what others must not see or do before the commit: forgetting a cached row, say, which would else be read and cached as it was.
 */
export const afterTransaction = (effect: Effect.Effect<void>): Effect.Effect<void> =>
  Effect.flatMap(FiberRef.get(waiting), (effects) =>
    effects === undefined ? effect : Effect.sync(() => void effects.push(effect)),
  )

/**
 * Runs the effect in one transaction; inside another, in a part of it. Its failure rolls back and is kept; a failure of the
 * database is a defect.
 */
export const inTransaction = <A, E, R>(sql: SqlClient, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  const transaction = effect.pipe(
    Effect.mapError((failure) => new RolledBack(failure)),
    sql.withTransaction,
    Effect.catchAll((error) => (error instanceof RolledBack ? Effect.fail(error.failure) : Effect.die(error))),
  )
  return Effect.flatMap(FiberRef.get(waiting), (outer) => {
    if (outer !== undefined) return transaction
    const effects: Array<Effect.Effect<void>> = []
    const afterwards = Effect.suspend(() => Effect.all(effects, { discard: true }))
    return transaction.pipe(Effect.locally(waiting, effects), Effect.ensuring(afterwards))
  })
}
