import { Effect, Layer } from "effect"
import type { CallIdentity, WorkspaceConnection } from "../../src/workspaces/workspace.ts"
import { WorkspaceError } from "../../src/workspaces/workspace.ts"
import { Workspaces } from "../../src/workspaces/workspaces.ts"

const unused = (operation: string) => () =>
  new WorkspaceError({ operation, reason: "failed", message: "The fake workspace has no processes." })

/**
 * A workspace in memory whose answers the test times. Every path can be read and holds its own name. A path is held by
 * `hold(path)`, which a test lets go; `arrived(path)` resolves when a tool asks for it.
 */
export class FakeWorkspace {
  /** Calls that acted, in order, with the identity that the workspace was given. */
  readonly written: Array<{ readonly identity: CallIdentity; readonly path: string; readonly content: string }> = []
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

  readonly #use = (path: string) =>
    Effect.promise(async () => {
      this.#asked.add(path)
      for (const wake of this.#waiting) wake()
      this.#waiting.clear()
      await this.#gates.get(path)?.wait
    })

  readonly #connection: WorkspaceConnection = {
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
    startProcess: unused("startProcess"),
    processOutput: unused("processOutput"),
    listProcesses: unused("listProcesses"),
    signalProcess: unused("signalProcess"),
    cancelCall: unused("cancelCall"),
  }

  readonly layer = Layer.succeed(Workspaces, {
    dial: () => Effect.succeed(this.#connection),
    create: () =>
      new WorkspaceError({ operation: "create", reason: "refused", message: "There is one workspace for all." }),
  })
}
