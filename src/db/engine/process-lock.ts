import { Deferred, Effect, Schedule, type Scope } from "effect"
import pg from "pg"
import { Settings } from "../../settings.ts"
import { advisoryLocks, lockSpace } from "./advisory-locks.ts"
import { Database, DatabaseError, dedicatedConnection, reasonOf } from "./client.ts"

export interface ProcessLock {
  /** Resolves when the lock is lost for good: its connection broke, and a new one did not get it again. */
  readonly lost: Effect.Effect<void>
}

const lockNotAvailable = "55P03"

const statements = {
  exclusive: `select pg_advisory_lock(${lockSpace}, ${advisoryLocks.process})`,
  shared: `select pg_advisory_lock_shared(${lockSpace}, ${advisoryLocks.process})`,
}

type Mode = keyof typeof statements

const inUse = (mode: Mode, place: string, waitMs: number) =>
  new DatabaseError({
    operation: "Database.lockProcess",
    reason: "in_use",
    message:
      mode === "exclusive"
        ? `Another Troupe runs on ${place} and did not end within ${waitMs / 1000} s. Stop it, or give this one a TROUPE_DATA_DIR or TROUPE_DATABASE_URL of its own. Several servers on one database need TROUPE_CLUSTER_ADDRESS.`
        : `A Troupe without TROUPE_CLUSTER_ADDRESS runs on ${place} and did not end within ${waitMs / 1000} s. Stop it first.`,
  })

/** Waits for the lock on a connection of its own, and gives what resolves when that connection is lost. */
const acquire = Effect.fn("Database.lockProcess")(function* (mode: Mode, waitMs: number) {
  const { place } = yield* Database
  const { client, closed } = yield* dedicatedConnection("Database.lockProcess")
  yield* Effect.tryPromise({
    // 0 would mean to wait for ever.
    try: () => client.query(`set lock_timeout = ${Math.max(waitMs, 1)}; ${statements[mode]}`),
    catch: (cause) =>
      cause instanceof pg.DatabaseError && cause.code === lockNotAvailable
        ? inUse(mode, place, waitMs)
        : new DatabaseError({
            operation: "Database.lockProcess",
            reason: "unreachable",
            message: `The database at ${place} went away: ${reasonOf(cause)}.`,
          }),
  })
  return closed
})

/**
 * Holds the process lock until the scope closes. A broken connection is replaced (a restarted database is back within
 * seconds); epochs fence whatever another process may have done in between.
 */
const processLock = Effect.fn("Database.processLock")(function* (mode: Mode) {
  const { singleProcessWaitMs: waitMs } = (yield* Settings).timings
  const held = yield* Deferred.make<void, DatabaseError>()
  const lost = yield* Deferred.make<void>()
  const acquireAgain = acquire(mode, waitMs).pipe(
    Effect.retry({
      while: (error) => error.reason === "unreachable",
      schedule: Schedule.spaced("200 millis").pipe(Schedule.upTo(waitMs)),
    }),
  )
  yield* acquireAgain.pipe(
    Effect.tap(() => Deferred.succeed(held, undefined)),
    Effect.flatten,
    Effect.scoped,
    Effect.forever,
    Effect.catchAll((error) => Effect.zipRight(Deferred.fail(held, error), Deferred.succeed(lost, undefined))),
    Effect.forkScoped,
  )
  yield* Deferred.await(held)
  const lock: ProcessLock = { lost: Deferred.await(lost) }
  return lock
})

/** For a server without `TROUPE_CLUSTER_ADDRESS`: it alone works on the database. Fails with `in_use` after the wait. */
export const singleProcessLock: Effect.Effect<ProcessLock, DatabaseError, Database | Settings | Scope.Scope> =
  processLock("exclusive")

/** For a replica: others may be there too, but no single process. */
export const replicaLock: Effect.Effect<ProcessLock, DatabaseError, Database | Settings | Scope.Scope> =
  processLock("shared")
