import { Duration, Effect, Redacted, Schedule } from "effect"
import { tmpdir } from "node:os"
import path from "node:path"
import { completeBinaries, findPackage } from "./binaries.ts"
import { ensureCluster } from "./cluster.ts"
import { type Connection, countUsers, ensureDatabase } from "./connection.ts"
import { dataFolderError, EmbeddedPostgresError, useOtherDatabase } from "./errors.ts"
import { type Folders, makeFolders } from "./folders.ts"
import { chooseLaunch, type Launch } from "./launch.ts"
import { readPostmasterFile } from "./postmaster.ts"
import {
  connectionOf,
  findLiveServer,
  launchServer,
  Occupied,
  type Place,
  type RunningServer,
  startFailed,
  stopServer,
} from "./server-process.ts"

export interface EmbeddedServer extends RunningServer {
  readonly connection: Connection
  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. Resolves when the server is gone. */
  readonly stop: Effect.Effect<void>
  /** How many connections of this product there are, those named `applicationName` not counted. 0 when it does not answer. */
  readonly otherUsers: (applicationName: string) => Effect.Effect<number>
}

export interface StartOptions {
  /** Server settings beside ours, such as `{ fsync: "off" }` for tests. */
  readonly settings?: Readonly<Record<string, string>>
  /** Ways to run the programs that may be taken; all by default. */
  readonly launch?: ReadonlyArray<Launch["kind"]>
  /** Root of a platform package to use instead of the installed one. */
  readonly packageRoot?: string
}

/** How long the traces of a killed server may stand in the way: its children need a moment to end. */
const tracesGoneWithin = Duration.seconds(5)
const betweenTries = Duration.millis(20)

/** Everything that must be there before a server can run: programs, folders, cluster. */
const prepare = async (dataDir: string, options: StartOptions, signal: AbortSignal): Promise<Place> => {
  const installed = await findPackage(options.packageRoot)
  const folders = await makeFolders(dataDir)
  const launch = await chooseLaunch(options.launch)
  const binaries = await completeBinaries(installed, {
    copyFolder: path.join(folders.root, "binaries"),
    openFolder: launch.kind === "other_user" ? tmpdir() : undefined,
  })
  const password = Redacted.make(await ensureCluster(binaries, launch, folders, signal))
  return { binaries, launch, folders, password, settings: options.settings ?? {} }
}

/** A server with our database on it: the one that runs, or one of ours. Fails with `Occupied` when it is worth another try. */
const findOrLaunch = Effect.fn("EmbeddedPostgres.findOrLaunch")(function* (place: Place) {
  // What starts a server cannot be interrupted, lest one be left that nobody knows; what waits can.
  const server = (yield* Effect.interruptible(findLiveServer(place))) ?? (yield* launchServer(place))
  const connection = connectionOf(place, server.port)
  const stop = stopServer(server.pid, place.folders.data, server.ended)
  yield* Effect.tryPromise({
    try: () => ensureDatabase(connection),
    // One that we found may have begun to stop since.
    catch: (cause) =>
      server.reused
        ? new Occupied()
        : startFailed(place.folders, cause instanceof Error ? cause.message : "unknown error"),
  }).pipe(
    Effect.interruptible,
    Effect.onError(() => (server.reused ? Effect.void : stop)),
  )
  const running: EmbeddedServer = {
    ...server,
    connection,
    stop,
    otherUsers: (applicationName) => Effect.promise(() => countUsers(connection, applicationName).catch(() => 0)),
  }
  return running
})

/**
 * Starts the embedded PostgreSQL of a data folder, creating folder, cluster and database as needed, or takes over the one
 * that runs there. Any number of processes may call it at once: one server results, and all get it. Takes 30 to 60 ms when
 * the cluster exists, 0.6 to 1 s when not. Interrupted at any time, it leaves no server behind.
 */
export const start = Effect.fn("EmbeddedPostgres.start")(function* (dataDir: string, options: StartOptions = {}) {
  const place = yield* Effect.tryPromise({
    try: (signal) => prepare(dataDir, options, signal),
    catch: dataFolderError("EmbeddedPostgres.start", dataDir),
  }).pipe(Effect.interruptible)
  return yield* findOrLaunch(place).pipe(
    Effect.tapErrorTag("Occupied", () => Effect.interruptible(Effect.sleep(betweenTries))),
    Effect.retry({
      while: (cause) => cause._tag === "Occupied",
      schedule: Schedule.recurUpTo(tracesGoneWithin),
    }),
    Effect.catchTag("Occupied", () => Effect.flatMap(occupant(place.folders), Effect.fail)),
  )
}, Effect.uninterruptible)

const occupant = (folders: Folders): Effect.Effect<EmbeddedPostgresError> =>
  Effect.map(
    Effect.promise(() => readPostmasterFile(folders.data)),
    (file) =>
      new EmbeddedPostgresError({
        operation: "EmbeddedPostgres.start",
        reason: "start_failed",
        message: `A PostgreSQL server${file === undefined ? "" : ` (pid ${file.pid})`} holds ${folders.data} and does not answer. Stop it and start again. ${useOtherDatabase}`,
      }),
  )
