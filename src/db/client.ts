import { PgClient } from "@effect/sql-pg"
import type { SqlClient } from "@effect/sql/SqlClient"
import {
  Context,
  Data,
  Effect,
  Fiber,
  FiberRef,
  FiberSet,
  Layer,
  Option,
  Redacted,
  Ref,
  Schedule,
  type Scope,
} from "effect"
import pg from "pg"
import { Settings } from "../settings.ts"
import { DiskWatch } from "./disk-watch.ts"
import type { Connection } from "./embedded/connection.ts"
import type { EmbeddedPostgresError } from "./embedded/errors.ts"
import { type EmbeddedServer, start } from "./embedded/server.ts"
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
const closeWithin = "5 seconds"
/** A connection of its own that waits for an answer, such as for a lock, has nothing more to tell when it is closed. */
const closeDedicatedWithin = "300 millis"

/** How much longer than the server's limit of a statement we wait for its answer. */
const answerGraceMs = 2000
/** The kernel asks a connection that has said nothing for so long whether its other end is there. */
const keepAliveAfterMs = 10_000
/** Far longer than a call waits for others within a transaction. The locks of one that we lost are free after it. */
const idleTransactionMs = 300_000

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

const timeLimited = FiberRef.unsafeMake(true)

/** For transactions that have lifted the server's `statement_timeout`: their statements have all the time they need of us, too. */
export const withoutTimeLimit = Effect.locally(timeLimited, false)

/** Calls made while no fiber runs, such as those of the pool itself, are limited. */
const isTimeLimited = () =>
  Option.match(Fiber.getCurrentFiber(), { onNone: () => true, onSome: (fiber) => fiber.getFiberRef(timeLimited) })

/** To its users the same as a connection that the network has broken: who waits for an answer does not know what was done. */
const breakOff = (client: pg.PoolClient | pg.Client, reason: string) => {
  if (client instanceof pg.Client) client.connection.stream.destroy(new Error(`Connection terminated: ${reason}`))
}

/** The connections that nobody uses just now. */
const idleConnections = (pool: pg.Pool): ReadonlySet<pg.PoolClient> => {
  const idle = new Set<pg.PoolClient>()
  pool.on("release", (_error, client) => void idle.add(client))
  pool.on("acquire", (client) => void idle.delete(client))
  pool.on("remove", (client) => void idle.delete(client))
  return idle
}

/**
 * Tells the disk's watch of each answer, and calls `onSilence` when a query has none after the time; 0 waits for ever. The
 * server's `statement_timeout` does nothing for a connection that the network has forgotten; `query_timeout` of `pg` gives the
 * caller an error, and the pool the same connection back.
 */
const watchQueries = (client: pg.PoolClient, disk: DiskWatch, limitMs: number, onSilence: () => void) => {
  const query = (...given: ReadonlyArray<unknown>): unknown => Reflect.apply(pg.Client.prototype.query, client, given)
  const watched = (...given: ReadonlyArray<unknown>) => {
    const answered = given.at(-1)
    // All who use the pool give a callback.
    if (typeof answered !== "function") return query(...given)
    const timer = limitMs > 0 && isTimeLimited() ? setTimeout(onSilence, limitMs) : undefined
    return query(...given.slice(0, -1), (...answer: ReadonlyArray<unknown>) => {
      clearTimeout(timer)
      disk.note(answer[0], given[0])
      answered(...answer)
    })
  }
  Object.assign(client, { query: watched })
}

/**
 * A statement that nobody waits for any more comes to its end, or to its time limit. `@effect/sql-pg` would cancel it by the
 * number of its server process, and the signal may come late: it then ends the statement of whoever has the connection next.
 */
const leaveToItsEnd = (client: pg.PoolClient) => void Object.assign(client, { processID: undefined })

/**
 * No statement waits for ever: one that finds a row locked for so long fails, and its caller tries again. A connection on which
 * even that is not heard is given up, and with it those that nobody uses: what made it silent has most likely met all.
 */
const makePool = (connection: pg.ClientConfig, size: number, statementMs: number, disk: DiskWatch) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const limits = {
        max: size,
        idleTimeoutMillis: 60_000,
        statement_timeout: statementMs,
        idle_in_transaction_session_timeout: idleTransactionMs,
      }
      const pool = new pg.Pool({ ...connection, ...limits })
      const idle = idleConnections(pool)
      const answerMs = statementMs === 0 ? 0 : statementMs + answerGraceMs
      const giveUp = (client: pg.PoolClient) => {
        breakOff(client, `no answer within ${answerMs} ms`)
        for (const other of idle) breakOff(other, "another one gave no answer")
      }
      // A connection that breaks, idle or in use, is replaced; whoever used it gets the error from his query. Without
      // listeners the events would end the process.
      pool.on("error", () => undefined)
      pool.on("connect", (client) => {
        client.on("error", () => undefined)
        leaveToItsEnd(client)
        watchQueries(client, disk, answerMs, () => giveUp(client))
      })
      return pool
    }),
    (pool) => Effect.promise(() => pool.end()).pipe(Effect.interruptible, Effect.timeoutOption(closeWithin)),
  )

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

const open = Effect.fn("Database.open")(function* () {
  const { databaseUrl, dataDir, databasePoolSize, timings } = yield* Settings
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
  const pool = yield* makePool(complete, databasePoolSize, timings.statementMs, disk)
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
