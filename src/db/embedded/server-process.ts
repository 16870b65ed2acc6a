import { Data, Deferred, Duration, Effect, type Redacted, Schedule } from "effect"
import { spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"
import { open, stat } from "node:fs/promises"
import { createServer } from "node:net"
import type { Binaries } from "./binaries.ts"
import { cannotRun, superuser } from "./cluster.ts"
import { type Connection, isServing } from "./connection.ts"
import { EmbeddedPostgresError } from "./errors.ts"
import type { Folders } from "./folders.ts"
import { type Launch, launchEnvironment } from "./launch.ts"
import { isPostmasterOf, type PostmasterFile, readPostmasterFile } from "./postmaster.ts"

/** All that a server is run from. */
export interface Place {
  readonly binaries: Binaries
  readonly launch: Launch
  readonly folders: Folders
  readonly password: Redacted.Redacted
  readonly settings: Readonly<Record<string, string>>
}

export const connectionOf = (place: Place, port: number): Connection => ({
  host: place.folders.socket ?? "127.0.0.1",
  port,
  user: superuser,
  password: place.password,
  database: "troupe",
})

/** A server that serves. */
export interface RunningServer {
  readonly pid: number
  readonly port: number
  /** It was running already: its starter was killed, or lives and shares it. */
  readonly reused: boolean
  /** Resolves once the server is gone, for whatever reason. */
  readonly ended: Effect.Effect<void>
}

const standardSettings = {
  shared_buffers: "32MB",
  max_connections: "100",
  io_method: "sync",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
  // Nobody replicates from it: less to write, and two processes fewer.
  wal_level: "minimal",
  max_wal_senders: "0",
  max_logical_replication_workers: "0",
}

/** A server that recovers from a crash replays its log first; nothing else takes long. */
const readyWithin = Duration.seconds(60)

/** Another server, or what is left of one, holds the folder. */
export class Occupied extends Data.TaggedError("Occupied") {}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

const readFrom = async (file: string, position: number): Promise<string> => {
  const handle = await open(file, "r")
  try {
    const { size } = await handle.stat()
    const length = Math.min(size - position, 16_384)
    const { buffer } = await handle.read(Buffer.alloc(Math.max(length, 0)), 0, length, size - length)
    return buffer.toString("utf8")
  } finally {
    await handle.close()
  }
}

export const startFailed = (folders: Folders, what: string, log = "") => {
  const lines = log.trim().split("\n")
  const reason = lines.findLast((line) => /FATAL|PANIC|ERROR/.test(line)) ?? lines.at(-1) ?? ""
  const sentence = reason.replace(/^.*?(FATAL|PANIC|ERROR):\s*/, "").replace(/[^.]$/, "$&.")
  return new EmbeddedPostgresError({
    operation: "EmbeddedPostgres.start",
    reason: "start_failed",
    message: `The embedded database did not start: ${what}. ${sentence} Its log is ${folders.log}.`.replace("  ", " "),
    log: log.slice(-2000),
  })
}

/** The file may name a pid that another program has by now. PostgreSQL takes that pid for its own starter's and goes on. */
const ignoringStalePid = async (data: string): Promise<Record<string, string>> => {
  const file = await readPostmasterFile(data)
  return file === undefined || (await isPostmasterOf(file.pid, data)) ? {} : { PG_GRANDPARENT_PID: String(file.pid) }
}

const serverCommand = (place: Place, port: number): ReadonlyArray<string> => {
  const { folders, launch, binaries } = place
  const where =
    folders.socket === undefined
      ? { listen_addresses: "127.0.0.1" }
      : // Quotation marks: a comma in the path would make a list of it.
        { listen_addresses: "", unix_socket_directories: `"${folders.socket.replaceAll('"', '""')}"` }
  const settings = Object.entries({ ...standardSettings, ...place.settings, ...where, port: String(port) })
  return [
    ...launch.prefix,
    binaries.postgres,
    ...["-D", folders.data],
    ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ]
}

/** Runs the server in a session of its own, so that Ctrl+C in our terminal does not reach it before we are done with it. */
const spawnServer = async (place: Place, ended: Deferred.Deferred<void>) => {
  const { folders } = place
  const port = folders.socket === undefined ? await freePort() : 5432
  const position = await stat(folders.log).then(
    ({ size }) => size,
    () => 0,
  )
  const env = { ...launchEnvironment(), ...(await ignoringStalePid(folders.data)) }
  const [program = "", ...parameters] = serverCommand(place, port)
  const log = openSync(folders.log, "a", 0o600)
  const child = spawn(program, parameters, { cwd: folders.root, detached: true, stdio: ["ignore", log, log], env })
  closeSync(log)
  child.unref()
  const failure = new Promise<never>((_, reject) => {
    child.once("error", (cause) => {
      Deferred.unsafeDone(ended, Effect.void)
      reject(cannotRun(place.binaries.postgres, cause))
    })
    child.once("exit", (code, signal) => {
      Deferred.unsafeDone(ended, Effect.void)
      readFrom(folders.log, position).then(
        (text) =>
          reject(
            isOccupied(text) ? new Occupied() : startFailed(folders, `it ended with ${signal ?? `code ${code}`}`, text),
          ),
        reject,
      )
    })
  })
  // After the start nobody listens to it any more.
  failure.catch(() => undefined)
  return { child, port, failure, position }
}

const isOccupied = (log: string) =>
  /lock file ".*" already exists|pre-existing shared memory block|is already in use/.test(log)

/** How often a starting or stopping server is looked at. The file costs 20 us to read. */
const glance = Duration.millis(3)

const awaitStatus = (data: string, pid: number): Effect.Effect<void> =>
  Effect.promise(() => readPostmasterFile(data)).pipe(
    Effect.repeat({ until: (file) => file?.pid === pid && file.status === "ready", schedule: Schedule.spaced(glance) }),
    Effect.asVoid,
  )

export const launchServer = Effect.fn("EmbeddedPostgres.launch")(function* (place: Place) {
  const ended = yield* Deferred.make<void>()
  const { child, port, failure, position } = yield* tryStart(place, () => spawnServer(place, ended))
  const pid = child.pid ?? 0
  // Acquiring and releasing a resource cannot be interrupted; what loses a race or runs out of time must be, or we hang.
  yield* awaitStatus(place.folders.data, pid).pipe(
    Effect.interruptible,
    Effect.raceFirst(Effect.interruptible(tryStart(place, () => failure))),
    Effect.timeoutOption(readyWithin),
    Effect.flatMap((ready) =>
      ready._tag === "Some"
        ? Effect.void
        : Effect.promise(() => readFrom(place.folders.log, position)).pipe(
            Effect.flatMap((log) =>
              Effect.fail(startFailed(place.folders, `it was not ready within ${Duration.format(readyWithin)}`, log)),
            ),
          ),
    ),
    Effect.onError(() => stopServer(pid, place.folders.data, Deferred.await(ended))),
  )
  const server: RunningServer = { pid, port, reused: false, ended: Deferred.await(ended) }
  return server
})

const tryStart = <A>(place: Place, run: () => Promise<A>): Effect.Effect<A, EmbeddedPostgresError | Occupied> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) =>
      cause instanceof EmbeddedPostgresError || cause instanceof Occupied
        ? cause
        : startFailed(place.folders, cause instanceof Error ? cause.message : "unknown error"),
  })

const readLivePostmaster = async (data: string): Promise<PostmasterFile | undefined> => {
  const file = await readPostmasterFile(data)
  return file !== undefined && (await isPostmasterOf(file.pid, data)) ? file : undefined
}

/** The server that runs already, started by a process that was killed or lives beside us. One in its start is waited for. */
export const findLiveServer = Effect.fn("EmbeddedPostgres.find")(function* (place: Place) {
  const { data } = place.folders
  const file = yield* Effect.promise(() => readLivePostmaster(data)).pipe(
    Effect.repeat({
      until: (found) => found === undefined || found.status === "ready",
      schedule: Schedule.spaced(glance).pipe(Schedule.upTo(readyWithin)),
    }),
    Effect.zipRight(Effect.promise(() => readLivePostmaster(data))),
  )
  if (file === undefined) return undefined
  const serves = yield* Effect.promise(() => isServing(connectionOf(place, file.port), data))
  if (!serves) return yield* Effect.fail(new Occupied())
  const server: RunningServer = { pid: file.pid, port: file.port, reused: true, ended: awaitEnd(file.pid, data) }
  return server
})

const awaitEnd = (pid: number, data: string): Effect.Effect<void> =>
  Effect.promise(() => isPostmasterOf(pid, data)).pipe(
    Effect.repeat({ while: (runs) => runs, schedule: Schedule.spaced("100 millis") }),
    Effect.asVoid,
  )

const signal = (pid: number, name: NodeJS.Signals) =>
  Effect.sync(() => {
    try {
      process.kill(pid, name)
    } catch {
      // It ended by itself in this moment.
    }
  })

/** Fast shutdown, then immediate shutdown (the log is replayed at the next start), then the end. */
export const stopServer = (pid: number, data: string, ended: Effect.Effect<void>): Effect.Effect<void> => {
  const gone = Effect.promise(() => isPostmasterOf(pid, data)).pipe(
    Effect.repeat({ while: (runs) => runs, schedule: Schedule.spaced(glance) }),
    Effect.interruptible,
  )
  const within = (name: NodeJS.Signals, time: Duration.DurationInput) =>
    signal(pid, name).pipe(
      Effect.zipRight(gone),
      Effect.timeoutOption(time),
      Effect.map((end) => end._tag === "Some"),
    )
  const escalate = Effect.gen(function* () {
    if (!(yield* Effect.promise(() => isPostmasterOf(pid, data)))) return
    if (yield* within("SIGINT", "10 seconds")) return
    if (yield* within("SIGQUIT", "5 seconds")) return
    yield* within("SIGKILL", "5 seconds")
  })
  // A child of ours that ended remains a process until Node has heard of it.
  return escalate.pipe(Effect.zipRight(Effect.timeoutOption(Effect.interruptible(ended), "5 seconds")), Effect.asVoid)
}
