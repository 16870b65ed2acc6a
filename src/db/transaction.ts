import type { SqlClient } from "@effect/sql/SqlClient"
import { Effect } from "effect"

/** Tells a failure of the effect from a failure of the transaction around it. */
class RolledBack<E> {
  readonly failure: E
  constructor(failure: E) {
    this.failure = failure
  }
}

/** Runs the effect in one transaction. Its failure rolls back and is kept; a failure of the database is a defect. */
export const inTransaction = <A, E, R>(sql: SqlClient, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  effect.pipe(
    Effect.mapError((failure) => new RolledBack(failure)),
    sql.withTransaction,
    Effect.catchAll((error) => (error instanceof RolledBack ? Effect.fail(error.failure) : Effect.die(error))),
  )
