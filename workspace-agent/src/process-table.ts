import { type ChildProcess, spawn } from "node:child_process"
import { stat } from "node:fs/promises"
import { constants } from "node:os"
import { LiveOutput } from "./live-output.ts"
import { OutputRing } from "./output-ring.ts"
import type { EachField, OutputPiece, ProcessInfo, ProcessOutput, ProcessSignal, StartProcess } from "./protocol.ts"
import { Refusal, systemCode } from "./refusal.ts"
import type { WorkspacePaths } from "./workspace-paths.ts"

export interface ProcessLimits {
  readonly maxRunning: number
  /** How long an ended process can still be read. */
  readonly keepEndedMs: number
  readonly keepEnded: number
  /** Between TERM and KILL when a process has to end. */
  readonly termGraceMs: number
  /** How long the output is waited for after the end, since a grandchild may hold the pipe open for ever. */
  readonly drainMs: number
}

export const defaultProcessLimits: ProcessLimits = {
  maxRunning: 64,
  keepEndedMs: 30 * 60 * 1000,
  keepEnded: 1000,
  termGraceMs: 2000,
  drainMs: 500,
}

export interface StartRequest extends Readonly<EachField<StartProcess>> {
  readonly id: string
  readonly chatId: string
}

interface Managed {
  readonly request: StartRequest
  readonly workdir: string
  readonly child: ChildProcess
  readonly pid: number
  readonly ring: OutputRing
  readonly live: LiveOutput
  readonly startedAt: number
  endedAt: number | undefined
  exitCode: number | null
  /** Somebody was told how it ended. */
  endRead: boolean
  /** A descendant may still write. */
  pipeOpen: boolean
  readonly whenEnded: Set<() => void>
}

/** What keeps programs from waiting for a person, paging, or colouring their output. */
const unattended = {
  CODER_CHAT_AGENT: "true",
  EDITOR: "true",
  VISUAL: "true",
  GIT_EDITOR: "true",
  GIT_SEQUENCE_EDITOR: "true",
  GIT_TERMINAL_PROMPT: "0",
  GIT_PAGER: "cat",
  PAGER: "cat",
  NO_COLOR: "1",
  TERM: "dumb",
} as const

/** The processes of a workspace, each in a group of its own. A chat sees only its own. */
export class ProcessTable {
  readonly #paths: WorkspacePaths
  readonly #environment: Readonly<Record<string, string | undefined>>
  readonly #limits: ProcessLimits
  readonly #processes = new Map<string, Managed>()

  constructor(
    paths: WorkspacePaths,
    environment: Readonly<Record<string, string | undefined>>,
    limits: ProcessLimits = defaultProcessLimits,
  ) {
    this.#paths = paths
    this.#environment = environment
    this.#limits = limits
  }

  /** Runs `sh -c command`. Standard error goes where standard output goes, so that their order is kept. */
  async start(request: StartRequest): Promise<void> {
    this.#reap()
    if (this.#processes.has(request.id)) throw new Refusal(409, "There is a process with this id.")
    const running = [...this.#processes.values()].filter((process) => process.endedAt === undefined)
    if (running.length >= this.#limits.maxRunning) {
      throw new Refusal(429, `${running.length} processes are running, which is the limit. End some of them first.`)
    }
    const workdir = await this.#workdir(request.workdir)
    const child = spawn("/bin/sh", ["-c", 'exec /bin/sh -c "$0" 2>&1', request.command], {
      cwd: workdir,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...this.#environment, ...unattended, CODER_CHAT_ID: request.chatId, ...request.env },
    })
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("error", (error) => reject(refuseSpawnError(error)))
      child.once("spawn", () => resolve(child.pid ?? 0))
    })
    const managed: Managed = {
      request,
      workdir,
      child,
      pid,
      ring: new OutputRing(),
      live: new LiveOutput(),
      startedAt: Date.now(),
      endedAt: undefined,
      exitCode: null,
      endRead: false,
      pipeOpen: true,
      whenEnded: new Set(),
    }
    this.#processes.set(request.id, managed)
    this.#follow(managed)
  }

  async #workdir(given: string | undefined): Promise<string> {
    if (given === undefined || given === "") return this.#paths.root
    const workdir = await this.#paths.resolve(given)
    const found = await stat(workdir).catch(() => undefined)
    if (found === undefined) throw new Refusal(404, `There is no folder at ${given} to run the command in.`)
    if (!found.isDirectory()) throw new Refusal(400, `${given} is a file; the command needs a folder to run in.`)
    return workdir
  }

  #follow(managed: Managed): void {
    const { child, live, ring } = managed
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        ring.push(chunk)
        if (managed.endedAt === undefined) live.push(chunk)
      })
      // A broken pipe ends the output; how the process ended is told by `exit`.
      stream?.on("error", () => undefined)
    }
    const end = (code: number | null, signal: NodeJS.Signals | null) => {
      if (managed.endedAt !== undefined) return
      managed.endedAt = Date.now()
      managed.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal])
      for (const tell of managed.whenEnded) tell()
      managed.whenEnded.clear()
      live.close()
    }
    child.once("exit", (code, signal) => {
      const drained = setTimeout(() => end(code, signal), this.#limits.drainMs)
      child.once("close", () => {
        clearTimeout(drained)
        end(code, signal)
      })
    })
    child.once("close", () => {
      managed.pipeOpen = false
    })
  }

  /** Running ones first, then the newest. */
  list(chatId: string): Array<ProcessInfo> {
    this.#reap()
    return [...this.#processes.values()]
      .filter((process) => process.request.chatId === chatId)
      .sort((a, b) => Number(a.endedAt !== undefined) - Number(b.endedAt !== undefined) || b.startedAt - a.startedAt)
      .map((process) => ({
        id: process.request.id,
        command: process.request.command,
        workdir: process.workdir,
        background: process.request.background,
        running: process.endedAt === undefined,
        exit_code: process.exitCode,
        started_at_unix: Math.floor(process.startedAt / 1000),
        exited_at_unix: process.endedAt === undefined ? null : Math.floor(process.endedAt / 1000),
      }))
  }

  /** What there is after the end of the process or after `waitMs`, whichever is first. `gone` ends the wait early. */
  async output(chatId: string, id: string, waitMs: number, gone: AbortSignal): Promise<ProcessOutput> {
    const managed = this.#find(chatId, id)
    if (waitMs > 0) await this.#ended(managed, waitMs, gone)
    const running = managed.endedAt === undefined
    if (!running && !gone.aborted) managed.endRead = true
    return { ...managed.ring.snapshot(), running, exit_code: managed.exitCode }
  }

  /** The output after so many bytes: as soon as there is some, at the end, or after `waitMs`. `gone` ends the wait early. */
  async follow(
    chatId: string,
    id: string,
    { after, most, waitMs }: { readonly after: number; readonly most: number; readonly waitMs: number },
    gone: AbortSignal,
  ): Promise<OutputPiece> {
    const managed = this.#find(chatId, id)
    const deadline = performance.now() + waitMs
    for (;;) {
      const running = managed.endedAt === undefined
      const piece = running ? managed.live.read(after, most) : { from: after, next: after, text: "" }
      const left = deadline - performance.now()
      if (!running || piece.text !== "" || left <= 0 || gone.aborted) return { ...piece, running }
      await this.#more(managed, left, gone)
    }
  }

  #more({ live }: Managed, waitMs: number, gone: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        forget()
        gone.removeEventListener("abort", done)
        resolve()
      }
      const timer = setTimeout(done, waitMs)
      const forget = live.onMore(done)
      gone.addEventListener("abort", done)
    })
  }

  #ended(managed: Managed, waitMs: number, gone?: AbortSignal): Promise<void> {
    if (managed.endedAt !== undefined || gone?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        managed.whenEnded.delete(done)
        gone?.removeEventListener("abort", done)
        resolve()
      }
      const timer = setTimeout(done, waitMs)
      managed.whenEnded.add(done)
      gone?.addEventListener("abort", done)
    })
  }

  signal(chatId: string, id: string, signal: ProcessSignal): void {
    const managed = this.#find(chatId, id)
    if (managed.endedAt !== undefined) throw new Refusal(409, `Process ${id} is not running any more.`)
    signalGroup(managed.pid, signal === "kill" ? "SIGKILL" : "SIGTERM")
  }

  /** TERM, and KILL for whatever of the group outlives the grace. Nothing happens when there is no such process. */
  async end(id: string): Promise<void> {
    const managed = this.#processes.get(id)
    if (managed === undefined || (managed.endedAt !== undefined && !managed.pipeOpen)) return
    signalGroup(managed.pid, "SIGTERM")
    await this.#ended(managed, this.#limits.termGraceMs)
    if (managed.endedAt === undefined || managed.pipeOpen) signalGroup(managed.pid, "SIGKILL")
    await this.#ended(managed, this.#limits.termGraceMs)
  }

  async endAll(): Promise<void> {
    await Promise.all([...this.#processes.keys()].map((id) => this.end(id)))
  }

  /** Something runs, or ended without anybody having been told how. */
  get busy(): boolean {
    this.#reap()
    return [...this.#processes.values()].some(
      (process) => process.pipeOpen || process.endedAt === undefined || !process.endRead,
    )
  }

  #find(chatId: string, id: string): Managed {
    this.#reap()
    const managed = this.#processes.get(id)
    // Another chat's process looks like none.
    if (managed === undefined || managed.request.chatId !== chatId) {
      throw new Refusal(
        404,
        `There is no process ${id}. It may have ended long ago; process_list shows the known ones.`,
      )
    }
    return managed
  }

  #reap(): void {
    const ended = [...this.#processes.values()].filter((process) => process.endedAt !== undefined && !process.pipeOpen)
    ended.sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0))
    const tooOld = Date.now() - this.#limits.keepEndedMs
    for (const [index, process] of ended.entries()) {
      const tooMany = ended.length - index > this.#limits.keepEnded
      if (!tooMany && (process.endedAt ?? 0) >= tooOld) break
      this.#processes.delete(process.request.id)
    }
  }
}

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // It ended in the meantime.
    if (systemCode(error) !== "ESRCH") throw error
  }
}

const refuseSpawnError = (error: Error): Refusal => {
  const code = systemCode(error)
  if (code === "ENOENT") return new Refusal(500, "This workspace has no /bin/sh, which is needed to run commands.")
  if (code === "E2BIG") return new Refusal(400, "The command is too long for the system to start.")
  if (code === "EAGAIN")
    return new Refusal(429, "The system has no room for a further process. End some of them first.")
  return new Refusal(500, `The command could not be started: ${error.message}`)
}
