import { PgClient } from "@effect/sql-pg"
import type { SqlClient } from "@effect/sql/SqlClient"
import { Context, Data, Effect, FiberSet, Layer, Redacted, Ref, Schedule, type Scope } from "effect"
import pg from "pg"
import { Settings } from "../../settings.ts"
import { DiskWatch } from "./disk-watch.ts"
import type { Connection } from "../embedded/connection.ts"
import type { EmbeddedPostgresError } from "../embedded/errors.ts"
import { type EmbeddedServer, start } from "../embedded/server.ts"
import { breakOff, makePool } from "./pool.ts"
import { PreparedStatements } from "./prepared-statements.ts"
import { typeParsers } from "./types.ts"

/**
 * The database cannot be used. `message` is for the user and holds no secret.
 *
 * - `unreachable`: nothing answers, or it refuses us.
 * - `too_old`: it is older than PostgreSQL 15.
 * - `in_use`: another Troupe works on it.
 */
export class DatabaseError extends Data.TaggedError("DatabaseError")<{
  readonly operation: string
  readonly reason: "unreachable" | "too_old" | "in_use"
  readonly message: string
}> {}

const oldestVersion = 15

/** Names our connections in `pg_stat_activity`; the pid tells this process from another on the same embedded server. */
export const applicationName = `troupe ${process.pid}`

const connectWithinMs = 10_000
/** A connection of its own that waits for an answer, such as for a lock, has nothing more to tell when it is closed. */
const closeDedicatedWithin = "300 millis"

/** The kernel asks a connection that has said nothing for so long whether its other end is there. */
const keepAliveAfterMs = 10_000

export interface DatabaseAccess {
  /** What a connection outside the pool is made from; `dedicatedConnection` does so. */
  readonly connection: pg.ClientConfig
  readonly pool: pg.Pool
  /** Names the database for people, without user or password: `host:5432/name`, or the data folder. */
  readonly place: string
  /** What is known of the disk that the database writes to. */
  readonly isDiskFull: () => boolean
}

const embeddedConfig = (connection: Connection): pg.ClientConfig => ({
  ...connection,
  password: Redacted.value(connection.password),
})

const placeOfUrl = (url: string): string => {
  const { host, pathname, searchParams } = new URL(url)
  return `${searchParams.get("host") ?? (host || "localhost")}${pathname}`
}

/** What a failed connection says, for people. An unreachable host with several addresses has codes only. */
export const reasonOf = (cause: unknown): string => {
  if (cause instanceof AggregateError) return reasonOf(cause.errors[0])
  return cause instanceof Error ? cause.message || cause.name : "unknown error"
}

const unreachable = (operation: string, place: string) => (cause: unknown) =>
  new DatabaseError({
    operation,
    reason: "unreachable",
    message: `The database at ${place} cannot be reached: ${reasonOf(cause)}. Check that it runs, and TROUPE_DATABASE_URL if that is set.`,
  })

/** Whether another process works on the server. One that ends beside us is seen for a moment longer: so it is asked again. */
const isShared = (server: EmbeddedServer) =>
  Effect.gen(function* () {
    for (let look = 0; look < 10; look++) {
      if ((yield* server.otherUsers(applicationName)) === 0) return false
      yield* Effect.sleep("25 millis")
    }
    return true
  })

const stopUnlessShared = (server: EmbeddedServer) =>
  Effect.flatMap(isShared(server), (shared) => (shared ? Effect.void : server.stop))

/** Starts the server again when it ends under us, killed by the system perhaps. Its socket stays where it was, so the pool recovers. */
const superviseEmbedded = (current: Ref.Ref<EmbeddedServer>, dataDir: string) =>
  Effect.gen(function* () {
    yield* Effect.flatMap(Ref.get(current), (server) => server.ended)
    yield* Effect.logWarning("The embedded database ended unexpectedly. It is started again.")
    yield* start(dataDir).pipe(
      Effect.flatMap((server) => Ref.set(current, server)),
      Effect.uninterruptible,
      Effect.tapError((error) => Effect.logError(error.message)),
      Effect.retry(Schedule.spaced("2 seconds")),
    )
  }).pipe(Effect.forever)

const startEmbedded = Effect.fn("Database.embedded")(function* (dataDir: string) {
  const current = yield* Effect.acquireRelease(Effect.flatMap(start(dataDir), Ref.make), (ref) =>
    Effect.flatMap(Ref.get(ref), stopUnlessShared),
  )
  yield* Effect.forkScoped(superviseEmbedded(current, dataDir))
  const { connection } = yield* Ref.get(current)
  return { connection: embeddedConfig(connection), place: dataDir }
})

/** Interrupted while it waits, it does not go on waiting: acquiring could else not be given up. Closed with the scope. */
const openConnection = (connection: pg.ClientConfig, operation: string, place: string) =>
  Effect.acquireRelease(
    Effect.suspend(() => {
      const client = new pg.Client(connection)
      // A broken connection may report more than one error; each needs a listener.
      client.on("error", () => undefined)
      return Effect.tryPromise({ try: () => client.connect(), catch: unreachable(operation, place) }).pipe(
        Effect.interruptible,
        Effect.onInterrupt(() => Effect.sync(() => breakOff(client, "not wanted any more"))),
        Effect.as(client),
      )
    }),
    (client) =>
      Effect.promise(() => client.end().catch(() => undefined)).pipe(
        Effect.interruptible,
        Effect.timeoutOption(closeDedicatedWithin),
        Effect.zipRight(Effect.sync(() => breakOff(client, "closed"))),
      ),
  )

/** On a connection of its own: a pool whose first connection hangs could not be closed. */
const requireVersion = Effect.fn("Database.requireVersion")(function* (connection: pg.ClientConfig, place: string) {
  const client = yield* openConnection(connection, "Database.connect", place)
  const { rows } = yield* Effect.tryPromise({
    try: () => client.query<{ version: string }>("select current_setting('server_version_num') as version"),
    catch: unreachable("Database.connect", place),
  })
  const major = Math.floor(Number(rows[0]?.version) / 10_000)
  if (major < oldestVersion) {
    return yield* new DatabaseError({
      operation: "Database.connect",
      reason: "too_old",
      message: `The database at ${place} is PostgreSQL ${major}. Troupe needs ${oldestVersion} or newer.`,
    })
  }
}, Effect.scoped)

const preparedGivenUp =
  "The database forgets prepared statements, as behind a pooler that gives each transaction another connection. They are not used any more. Set TROUPE_DATABASE_PREPARED_STATEMENTS=off."

const open = Effect.fn("Database.open")(function* () {
  const { databasePoolSize, databasePreparedStatements, databaseUrl, dataDir, timings } = yield* Settings
  const { connection, place } =
    databaseUrl === undefined
      ? yield* startEmbedded(dataDir)
      : {
          connection: { connectionString: Redacted.value(databaseUrl) },
          place: placeOfUrl(Redacted.value(databaseUrl)),
        }
  const complete: pg.ClientConfig = {
    ...connection,
    application_name: applicationName,
    connectionTimeoutMillis: connectWithinMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    types: typeParsers,
  }
  yield* requireVersion(complete, place).pipe(
    // Another process may have been stopping the embedded server while we found it running. Ours is on its way then.
    Effect.retry({
      while: (error) => databaseUrl === undefined && error.reason === "unreachable",
      schedule: Schedule.spaced("50 millis").pipe(Schedule.upTo("10 seconds")),
    }),
  )
  const fork = yield* FiberSet.makeRuntime()
  const disk = new DiskWatch(databaseUrl === undefined ? dataDir : undefined, () =>
    fork(
      Effect.logError(`The disk of the database at ${place} is full. What waits for it goes on once there is room.`),
    ),
  )
  const prepared = new PreparedStatements(databasePreparedStatements, () => fork(Effect.logWarning(preparedGivenUp)))
  const pool = yield* makePool(complete, {
    disk,
    prepared,
    size: databasePoolSize,
    statementMs: timings.statementMs,
  })
  return { connection: complete, pool, place, isDiskFull: () => disk.isFull() }
})

/** The database: the one of `TROUPE_DATABASE_URL`, or the embedded server, which is stopped when everything above has ended. */
export class Database extends Context.Tag("troupe/Database")<Database, DatabaseAccess>() {
  static readonly layer: Layer.Layer<
    Database | PgClient.PgClient | SqlClient,
    DatabaseError | EmbeddedPostgresError,
    Settings
  > = Layer.suspend(() => Layer.provideMerge(sqlLayer, Layer.scoped(Database, open())))
}

/** `@effect/sql` on the pool. */
const sqlLayer: Layer.Layer<PgClient.PgClient | SqlClient, never, Database> = Layer.unwrapEffect(
  Effect.map(Database, ({ pool }) => Layer.orDie(PgClient.layerFromPool({ acquire: Effect.succeed(pool) }))),
)

/**
 * A connection of its own, for what must not share one. Closed with the scope. `closed` resolves when it is lost.
 */
export const dedicatedConnection = (
  operation: string,
): Effect.Effect<
  { readonly client: pg.Client; readonly closed: Effect.Effect<void> },
  DatabaseError,
  Database | Scope.Scope
> =>
  Effect.gen(function* () {
    const { connection, place } = yield* Database
    const client = yield* openConnection(connection, operation, place)
    const gone = new Promise<void>((resolve) => {
      client.once("error", () => resolve())
      client.once("end", () => resolve())
    })
    return { client, closed: Effect.promise(() => gone) }
  })
