import { Deferred, Effect, FiberId, Layer } from "effect"
import type { CallIdentity, WorkspaceConnection } from "../../src/workspaces/workspace.ts"
import { WorkspaceError } from "../../src/workspaces/workspace.ts"
import { Workspaces } from "../../src/workspaces/workspaces.ts"

const unused = (operation: string) => () =>
  new WorkspaceError({ operation, reason: "failed", message: "The fake workspace has no such thing." })

interface Command {
  readonly command: string
  readonly exitCode: Deferred.Deferred<number>
  printed: string
}

/** What a command ends with that was ended for the user. */
export const ENDED_FOR_USER = 143

/**
 * A workspace in memory whose answers the test times. Every path can be read and holds its own name. A path is held by
 * `hold(path)`, which a test lets go; `arrived(path)` resolves when a tool asks for it. A command runs until `end(command)`.
 */
export class FakeWorkspace {
  /** Calls that acted, in order, with the identity that the workspace was given. */
  readonly written: Array<{ readonly identity: CallIdentity; readonly path: string; readonly content: string }> = []
  /** Starts of commands, in order. The second of a call is a repeat: it finds what the first has started. */
  readonly started: Array<{ readonly identity: CallIdentity; readonly command: string }> = []
  readonly #commands = new Map<string, Command>()
  readonly #gates = new Map<string, { readonly wait: Promise<void>; readonly open: () => void }>()
  readonly #asked = new Set<string>()
  readonly #waiting = new Set<() => void>()

  /** Whoever uses this path waits until the answer is called. */
  hold(path: string): () => void {
    let open: () => void = () => undefined
    const wait = new Promise<void>((resolve) => {
      open = resolve
    })
    this.#gates.set(path, { wait, open })
    return () => {
      this.#gates.delete(path)
      open()
    }
  }

  release(): void {
    for (const { open } of this.#gates.values()) open()
    this.#gates.clear()
  }

  async arrived(path: string): Promise<void> {
    while (!this.#asked.has(path)) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  /** Resolves when a command has been started, or asked for again, so often. */
  async startedTimes(command: string, times: number): Promise<void> {
    while (this.started.filter((start) => start.command === command).length < times) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  /** The running command writes this. */
  print(command: string, text: string): void {
    for (const process of this.#commands.values()) if (process.command === command) process.printed += text
    this.#wake()
  }

  end(command: string): void {
    for (const process of this.#commands.values()) {
      if (process.command === command) Deferred.unsafeDone(process.exitCode, Effect.succeed(0))
    }
  }

  /** How a command ended, by the id of its call. */
  exitCode(toolCallId: string): Promise<number | undefined> {
    const process = this.#commands.get(toolCallId)
    return process === undefined ? Promise.resolve(undefined) : Effect.runPromise(Deferred.await(process.exitCode))
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  #start(identity: CallIdentity, command: string) {
    const known = this.#commands.has(identity.toolCallId)
    if (!known)
      this.#commands.set(identity.toolCallId, { command, exitCode: Deferred.unsafeMake(FiberId.none), printed: "" })
    this.started.push({ identity, command })
    this.#wake()
    return { id: identity.toolCallId, started: !known, runAgeMs: known ? identity.callAgeMs : 0 }
  }

  readonly #use = (path: string) =>
    Effect.promise(async () => {
      this.#asked.add(path)
      this.#wake()
      await this.#gates.get(path)?.wait
    })

  readonly connection: WorkspaceConnection = {
    workspaceId: "00000000-0000-4000-8000-000000000000",
    directory: "/work",
    readFileLines: (path) =>
      this.#use(path).pipe(
        Effect.zipRight(
          path.startsWith("/defect")
            ? Effect.dieMessage("a defect of the tool")
            : Effect.succeed({ success: true, file_size: 1, total_lines: 1, lines_read: 1, content: path }),
        ),
      ),
    writeFile: (identity, path, content) =>
      this.#use(path).pipe(Effect.zipRight(Effect.sync(() => void this.written.push({ identity, path, content })))),
    editFiles: unused("editFiles"),
    startProcess: (identity, { command }) => Effect.sync(() => this.#start(identity, command)),
    processOutput: (_chatId, id) => {
      const process = this.#commands.get(id)
      if (process === undefined) return unused("processOutput")()
      return Effect.map(Deferred.await(process.exitCode), (exitCode) => ({
        output: process.printed,
        running: false,
        exit_code: exitCode,
      }))
    },
    followProcess: (_chatId, id, { after }) => {
      const process = this.#commands.get(id)
      if (process === undefined) return unused("followProcess")()
      const piece = () => ({ from: after, next: process.printed.length, text: process.printed.slice(after) })
      const written = Effect.promise(async () => {
        while (piece().text === "") await new Promise<void>((resolve) => this.#waiting.add(resolve))
        return { ...piece(), running: true }
      })
      const ended = Effect.map(Deferred.await(process.exitCode), () => ({ ...piece(), running: false }))
      return Effect.raceFirst(written, ended)
    },
    listProcesses: unused("listProcesses"),
    signalProcess: unused("signalProcess"),
    cancelCall: ({ toolCallId }) => {
      const process = this.#commands.get(toolCallId)
      return process === undefined ? Effect.void : Effect.asVoid(Deferred.succeed(process.exitCode, ENDED_FOR_USER))
    },
  }

  /** Set: tools speak to this workspace instead. */
  instead: WorkspaceConnection | undefined

  readonly layer = Layer.succeed(Workspaces, {
    dial: () => Effect.sync(() => this.instead ?? this.connection),
    create: () =>
      new WorkspaceError({ operation: "create", reason: "refused", message: "There is one workspace for all." }),
  })
}
