import type { SqlClient } from "@effect/sql/SqlClient"
import { Cause, Effect, Exit, FiberRef, Schedule } from "effect"
import { isConflict } from "./sql-errors.ts"

/** Tells a failure of the effect from a failure of the transaction around it. */
class RolledBack<E> {
  readonly failure: E
  constructor(failure: E) {
    this.failure = failure
  }
}

/** What waits for the end of the transaction around, by how that ended; undefined outside of one. */
type Afterwards = (committed: boolean) => Effect.Effect<void>
const waiting = FiberRef.unsafeMake<Array<Afterwards> | undefined>(undefined)

const later = (effect: Effect.Effect<void>, afterwards: Afterwards): Effect.Effect<void> =>
  Effect.flatMap(FiberRef.get(waiting), (effects) =>
    effects === undefined ? effect : Effect.sync(() => void effects.push(afterwards)),
  )

/**
 * Runs the effect once the outermost `inTransaction` around has ended, whether it was committed or not; at once outside of one.
 * For what others must not see or do before the commit: forgetting a cached row, say, which would else be read and cached as it was.
 */
export const afterTransaction = (effect: Effect.Effect<void>): Effect.Effect<void> => later(effect, () => effect)

/** The same for what must not be said of something that was rolled back. */
export const afterCommit = (effect: Effect.Effect<void>): Effect.Effect<void> =>
  later(effect, (committed) => (committed ? effect : Effect.void))

/** The database has waited long before it found a deadlock; what is left is to keep the same two from meeting once more. */
const again = Schedule.exponential("10 millis").pipe(Schedule.jittered, Schedule.intersect(Schedule.recurs(4)))

const wasConflict = (cause: Cause.Cause<unknown>): boolean =>
  [...Cause.failures(cause), ...Cause.defects(cause)].some(isConflict)

/**
 * Runs the effect in one transaction; inside another, in a part of it. Its failure rolls back and is kept; a failure of the
 * database is a defect. A transaction that the database rolled back in favour of another is run again, so what the effect does
 * beside its statements belongs into `afterCommit`.
 */
export const inTransaction = <A, E, R>(sql: SqlClient, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  const transaction = effect.pipe(
    Effect.mapError((failure) => new RolledBack(failure)),
    sql.withTransaction,
    Effect.catchAll((error) => (error instanceof RolledBack ? Effect.fail(error.failure) : Effect.die(error))),
  )
  return Effect.flatMap(FiberRef.get(waiting), (outer) => {
    if (outer !== undefined) return transaction
    const effects: Array<Afterwards> = []
    // What an attempt has put off is put off again by the next.
    const attempt = Effect.suspend(() => {
      effects.length = 0
      return transaction
    })
    return attempt.pipe(
      Effect.sandbox,
      Effect.retry({ while: wasConflict, schedule: again }),
      Effect.unsandbox,
      Effect.locally(waiting, effects),
      Effect.onExit((exit) => Effect.forEach(effects, (after) => after(Exit.isSuccess(exit)), { discard: true })),
    )
  })
}
