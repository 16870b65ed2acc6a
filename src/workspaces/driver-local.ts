import { Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { type FileHandle, lstat, mkdir, open, readFile } from "node:fs/promises"
import http from "node:http"
import { tmpdir } from "node:os"
import path from "node:path"
import type { WorkspaceId } from "../contract/ids.ts"
import { agentAnswers, makeAgentLink } from "./agent-link.ts"
import { ensureAgent, socketOf } from "./agent-start.ts"
import { makeConnection } from "./connection.ts"
import { sandboxArguments, sandboxWorks } from "./sandbox.ts"
import { type WorkspaceConnection, WorkspaceError } from "./workspace.ts"

/** Workspaces as folders on the server's own machine, each served by an agent in a session of its own. */

export interface LocalDriverOptions {
  /** Absolute. Workspaces live in `workspaces/` below it; sandboxes do not see the rest. */
  readonly dataDir: string
  /** Whether people may run commands on this machine at all. */
  readonly enabled: boolean
  /** The built agent, `dist/workspace-agent/main.mjs`. */
  readonly agentProgram: string
  /** Of the server. A workspace gets only the locale, the time zone and the search path. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** An agent with nothing to do ends after this time. */
  readonly agentIdleMs?: number
  /** Name or path of bubblewrap. */
  readonly bubblewrap?: string
}

export interface LocalWorkspace {
  readonly workspaceId: WorkspaceId
  /** Without a sandbox, commands may do what the server may: only site owners are trusted with that. */
  readonly ownedBySiteOwner: boolean
  readonly created?: { readonly name: string }
}

export interface LocalDriver {
  /** Fails when a workspace of this owner must not run here. */
  readonly permit: (owner: { ownedBySiteOwner: boolean }) => Effect.Effect<void, WorkspaceError>
  /** Makes the folders. Doing it again changes nothing. */
  readonly provision: (workspaceId: WorkspaceId) => Effect.Effect<void, WorkspaceError>
  /** A connection to the running agent, which is started when there is none. */
  readonly connect: (workspace: LocalWorkspace) => Effect.Effect<WorkspaceConnection, WorkspaceError>
}

/** What the address of a Unix socket holds, on the strictest of the systems, without its final NUL. */
const LONGEST_SOCKET_PATH = 103
const LOG_TAIL_CHARACTERS = 500
const NO_SANDBOX =
  "Commands of this workspace run on the server's machine without a sandbox: bubblewrap is not usable there."

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex")

const runFolderOf = (dataDir: string, workspaceId: WorkspaceId): { parent: string; folder: string } => {
  const name = hashOf(workspaceId).slice(0, 20)
  const parent = path.join(dataDir, "run")
  const folder = path.join(parent, name)
  if (Buffer.byteLength(socketOf(folder, 999_999)) <= LONGEST_SOCKET_PATH) return { parent, folder }
  const short = path.join(tmpdir(), `troupe-${process.getuid?.() ?? 0}-${hashOf(dataDir).slice(0, 12)}`)
  return { parent: short, folder: path.join(short, name) }
}

/** Makes a folder for us alone. In a folder that all may write to, somebody else may have made it first. */
const ownFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const found = await lstat(folder)
  const others = (found.mode & 0o077) !== 0
  if (!found.isDirectory() || others || (process.getuid !== undefined && found.uid !== process.getuid())) {
    throw new Error(`${folder} must be a folder that only the server's user can use`)
  }
}

const workspaceEnvironment = (server: LocalDriverOptions["environment"], home: string): Record<string, string> => {
  const kept = Object.entries(server).filter(
    ([name]) => name === "PATH" || name === "LANG" || name === "TZ" || /^LC_[A-Z]+$/.test(name),
  )
  const values = kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  return { PATH: "/usr/local/bin:/usr/bin:/bin", ...Object.fromEntries(values), HOME: home }
}

const failed = (operation: string, reason: WorkspaceError["reason"], message: string) =>
  new WorkspaceError({ operation, reason, message })

/** Waits for the end of an agent that ought to run for long. */
const untilEnded = (child: ChildProcess, log: string): Effect.Effect<never, WorkspaceError> =>
  Effect.async<string>((resume) => {
    const ended = (detail: string) => resume(Effect.succeed(detail))
    if (child.exitCode !== null || child.signalCode !== null) ended("it ended at once")
    child.once("error", (error) => ended(error.message))
    child.once("exit", (code, signal) => ended(`it ended with ${signal ?? code}`))
  }).pipe(
    Effect.zip(Effect.promise(() => readFile(log, "utf8").catch(() => ""))),
    Effect.flatMap(([detail, text]) => {
      const tail = text.trim().slice(-LOG_TAIL_CHARACTERS)
      return failed(
        "Workspaces.dial",
        "unreachable",
        `The workspace could not be started: ${[detail, tail].filter(Boolean).join(": ")}`,
      )
    }),
  )

/** Scoped: closing the scope closes the connections. The agents go on. */
export const makeLocalDriver = Effect.fn("Workspaces.makeLocalDriver")(function* (options: LocalDriverOptions) {
  const { dataDir, bubblewrap = "bwrap", agentIdleMs = 600_000 } = options
  const pool = yield* Effect.acquireRelease(
    Effect.sync(() => new http.Agent({ keepAlive: true })),
    (agent) => Effect.sync(() => agent.destroy()),
  )
  const sandboxed = yield* Effect.cached(Effect.promise(() => sandboxWorks(bubblewrap)))

  const foldersOf = (workspaceId: WorkspaceId) => {
    const base = path.join(dataDir, "workspaces", workspaceId)
    return { home: path.join(base, "home"), log: path.join(base, "agent.log"), run: runFolderOf(dataDir, workspaceId) }
  }

  const permit: LocalDriver["permit"] = ({ ownedBySiteOwner }) =>
    Effect.gen(function* () {
      if (!options.enabled) {
        return yield* failed(
          "Workspaces.permit",
          "refused",
          "Workspaces on the server's own machine are turned off, as they are when the server can be reached from other " +
            "machines. An administrator can turn them on by TROUPE_LOCAL_WORKSPACES=on.",
        )
      }
      if (!ownedBySiteOwner && !(yield* sandboxed)) {
        return yield* failed(
          "Workspaces.permit",
          "refused",
          "Workspaces on the server's own machine need bubblewrap, which is not usable there. " +
            "An administrator can install it (package bubblewrap); until then only site owners may use them.",
        )
      }
    })

  const provision: LocalDriver["provision"] = (workspaceId) =>
    Effect.tryPromise({
      try: async () => {
        const { home, run } = foldersOf(workspaceId)
        await ownFolder(path.join(dataDir, "workspaces"))
        await mkdir(home, { recursive: true, mode: 0o700 })
        await ownFolder(run.parent)
        await ownFolder(run.folder)
      },
      catch: (error) =>
        failed(
          "Workspaces.provision",
          "failed",
          `The workspace's folder could not be made: ${error instanceof Error ? error.message : String(error)}`,
        ),
    })

  const start = (workspaceId: WorkspaceId, generation: number, inSandbox: boolean) =>
    Effect.gen(function* () {
      const { home, log, run } = foldersOf(workspaceId)
      const command = [
        process.execPath,
        options.agentProgram,
        ...["--directory", home, "--run-directory", run.folder],
        ...["--generation", String(generation), "--idle-ms", String(agentIdleMs)],
      ]
      const wrapped = inSandbox
        ? [
            bubblewrap,
            ...sandboxArguments(
              {
                hidden: dataDir,
                writable: [home, run.folder],
                programs: [process.execPath, options.agentProgram],
                workdir: home,
              },
              command,
            ),
          ]
        : command
      const launch = (output: FileHandle) => {
        const child = spawn(wrapped[0] ?? "", wrapped.slice(1), {
          cwd: home,
          // A session of its own: neither Ctrl+C nor the end of the server reaches it.
          detached: true,
          stdio: ["ignore", output.fd, output.fd],
          env: workspaceEnvironment(options.environment, home),
        })
        child.on("error", () => undefined)
        child.unref()
        return child
      }
      const child = yield* Effect.acquireUseRelease(
        Effect.promise(() => open(log, "w", 0o600)),
        (output) => Effect.sync(() => launch(output)),
        (output) => Effect.promise(() => output.close()),
      )
      return untilEnded(child, log)
    })

  const connect: LocalDriver["connect"] = (workspace) =>
    Effect.gen(function* () {
      yield* permit(workspace)
      yield* provision(workspace.workspaceId)
      const inSandbox = yield* sandboxed
      const { home, run } = foldersOf(workspace.workspaceId)
      const dial = ensureAgent({
        runDirectory: run.folder,
        answers: agentAnswers,
        start: (generation) => start(workspace.workspaceId, generation, inSandbox),
      })
      const socket = yield* dial
      const connected = {
        workspaceId: workspace.workspaceId,
        directory: home,
        ...(workspace.created === undefined ? {} : { created: workspace.created }),
        ...(inSandbox ? {} : { notice: NO_SANDBOX }),
      }
      return makeConnection(connected, makeAgentLink(pool, socket, dial))
    })

  return { permit, provision, connect } satisfies LocalDriver
})
