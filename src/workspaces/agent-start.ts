import { Clock, Effect } from "effect"
import { constants } from "node:fs"
import { lstat, mkdir, open, readdir, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { WorkspaceError } from "./workspace.ts"

/**
 * One agent per workspace on this machine, though several servers, or a server and its successor, dial at once.
 *
 * Each start of an agent is a generation. Whoever wants to start one claims the next number by creating `N.claim`, which
 * only one can do; the others wait for that agent. The agent serves `N.sock` and writes `ready` into its claim. A number is
 * never used twice and no file that somebody may be using is replaced, so there is no stale lock to break.
 */

/** A claimed agent that is not ready after this time is given up, and the next generation is claimed. */
const STARTUP_MS = 10_000
const POLL = "10 millis"

const CLAIM = /^(\d{1,9})\.claim$/

interface Generation {
  readonly number: number
  readonly state: "starting" | "ready" | "failed"
  readonly claimedAt: number
}

export const socketOf = (runDirectory: string, generation: number): string =>
  path.join(runDirectory, `${generation}.sock`)

const claimOf = (runDirectory: string, generation: number): string => path.join(runDirectory, `${generation}.claim`)

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined)

/** What runs in the workspace can write here, so nothing is followed, waited on or believed beyond one word. */
const readClaim = async (file: string): Promise<Omit<Generation, "number">> => {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const { mtimeMs } = await handle.stat()
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(8), 0, 8, 0)
    const text = buffer.toString("utf8", 0, bytesRead)
    return { state: text === "ready" || text === "failed" ? text : "starting", claimedAt: mtimeMs }
  } finally {
    await handle.close()
  }
}

const latestGeneration = async (runDirectory: string): Promise<Generation | undefined> => {
  const numbers = (await readdir(runDirectory)).flatMap((name) => {
    const match = CLAIM.exec(name)
    return match === null ? [] : [Number(match[1])]
  })
  const number = Math.max(0, ...numbers)
  if (number === 0) return undefined
  // One that cannot be read is as good as one that failed.
  const claim = await readClaim(claimOf(runDirectory, number)).catch(() => undefined)
  return { number, ...(claim ?? { state: "failed", claimedAt: 0 }) }
}

/** True for the one who got the number. */
const claim = async (runDirectory: string, generation: number): Promise<boolean> => {
  try {
    await writeFile(claimOf(runDirectory, generation), "", { flag: "wx", mode: 0o600 })
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false
    throw error
  }
  for (const name of await readdir(runDirectory)) {
    if (Number.parseInt(name, 10) < generation) await rm(path.join(runDirectory, name), { force: true })
  }
  return true
}

/** Only a real socket is connected to: a symbolic link could lead the server to one outside the workspace. */
const isSocket = (file: string): Promise<boolean> =>
  lstat(file).then(
    (found) => found.isSocket(),
    () => false,
  )

export interface AgentStart {
  readonly runDirectory: string
  /** True when an agent answers at the socket; false when nobody listens there any more. */
  readonly answers: (socketPath: string) => Effect.Effect<boolean, WorkspaceError>
  /** Starts the agent. The inner effect fails with a reason when the agent has ended, and otherwise never completes. */
  readonly start: (generation: number) => Effect.Effect<Effect.Effect<never, WorkspaceError>, WorkspaceError>
}

const fileStep = <A>(step: () => Promise<A>): Effect.Effect<A, WorkspaceError> =>
  Effect.tryPromise({
    try: step,
    catch: (error) =>
      new WorkspaceError({
        operation: "Workspaces.dial",
        reason: "unreachable",
        message: `The workspace's files cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      }),
  })

/** The socket of the running agent, which is started when there is none. Fails after 30 s, or at once when it cannot start. */
export const ensureAgent = Effect.fn("Workspaces.ensureAgent")(function* (options: AgentStart) {
  const { runDirectory } = options
  yield* fileStep(() => mkdir(runDirectory, { recursive: true, mode: 0o700 }))

  const usable = (generation: Generation) =>
    Effect.gen(function* () {
      const socket = socketOf(runDirectory, generation.number)
      return (yield* fileStep(() => isSocket(socket))) && (yield* options.answers(socket)) ? socket : undefined
    })

  const untilReady = (number: number): Effect.Effect<string | undefined, WorkspaceError> =>
    Effect.gen(function* () {
      for (;;) {
        const latest = yield* fileStep(() => latestGeneration(runDirectory))
        if (latest === undefined || latest.number !== number || latest.state === "failed") return undefined
        if (latest.state === "ready") return yield* usable(latest)
        if ((yield* Clock.currentTimeMillis) - latest.claimedAt > STARTUP_MS) return undefined
        yield* Effect.sleep(POLL)
      }
    })

  /** Not to be torn apart: a claim without a start keeps everybody waiting. */
  const claimAndStart = (number: number) =>
    Effect.gen(function* () {
      if (!(yield* fileStep(() => claim(runDirectory, number)))) return undefined
      const markFailed = fileStep(() => writeFile(claimOf(runDirectory, number), "failed"))
      const failure = yield* options.start(number).pipe(Effect.tapError(() => markFailed))
      return failure.pipe(Effect.tapError(() => markFailed))
    }).pipe(Effect.uninterruptible)

  const dial = Effect.gen(function* () {
    for (;;) {
      const latest = yield* fileStep(() => latestGeneration(runDirectory))
      if (latest !== undefined) {
        const socket = yield* untilReady(latest.number)
        if (socket !== undefined) return socket
      }
      const next = (latest?.number ?? 0) + 1
      const failure = yield* claimAndStart(next)
      const socket = yield* failure === undefined ? untilReady(next) : Effect.raceFirst(untilReady(next), failure)
      if (socket !== undefined) return socket
    }
  })
  return yield* dial.pipe(
    Effect.timeoutFail({
      duration: "30 seconds",
      onTimeout: () =>
        new WorkspaceError({
          operation: "Workspaces.dial",
          reason: "unreachable",
          message:
            "The workspace did not answer within 30 seconds. Try once more; if it fails again, tell the user about it.",
        }),
    }),
  )
})
