import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll } from "vitest"
import { type TestDatabase, useTestDatabase } from "./postgres.ts"
import { stopAgents } from "./workspace-agent.ts"

/**
 * The built server as a process of its own, to be stopped, killed and started again. `npm test` builds it; after a change,
 * `npm run build` does.
 */

const builtProgram = fileURLToPath(new URL("../../dist/server/main.mjs", import.meta.url))

export type ServerEnvironment = Readonly<Record<string, string>>

export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export const OWNER = { email: "owner@example.com", username: "owner", password: "correct horse battery" }

const firstUser: ServerEnvironment = {
  TROUPE_FIRST_USER_EMAIL: OWNER.email,
  TROUPE_FIRST_USER_USERNAME: OWNER.username,
  TROUPE_FIRST_USER_PASSWORD: OWNER.password,
}

/** One run of the server, from its start to its end. */
export class ServerRun {
  readonly #child: ChildProcess
  readonly ended: Promise<ProcessEnd>
  stdout = ""
  stderr = ""

  /**
   * @param launcher a command that stands before the server's own and replaces itself by it, so that the pid is the server's.
   * @param program the server of another release; that of this tree by default.
   */
  constructor(environment: ServerEnvironment, launcher: ReadonlyArray<string> = [], program: string = builtProgram) {
    if (!existsSync(program)) throw new Error(`There is no ${program}: run \`npm run build\` first.`)
    // A process group of its own, as a shell gives a foreground job.
    const [command = process.execPath, ...parameters] = [...launcher, process.execPath, program]
    this.#child = spawn(command, parameters, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"], TROUPE_HTTP_ADDRESS: "127.0.0.1:0", ...environment },
    })
    this.#child.stdout?.on("data", (chunk: Buffer) => (this.stdout += chunk.toString()))
    this.#child.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()))
    const killNow = () => void this.#child.kill("SIGKILL")
    process.once("exit", killNow)
    this.ended = once(this.#child, "close").then(([code, signal]) => {
      process.off("exit", killNow)
      return { code, signal }
    })
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("The server process could not be started")
    return this.#child.pid
  }

  /** The URL that the server prints once it serves. Rejects with its words when it ends before. */
  async ready(): Promise<string> {
    const printed = new Promise<string>((resolve) => {
      const look = () => {
        const url = /^Troupe is ready: ([^\s#]+?)\/?(#\S*)?\n/m.exec(this.stdout)?.[1]
        if (url !== undefined) resolve(url)
      }
      look()
      this.#child.stdout?.on("data", look)
    })
    const gone = this.ended.then(({ code, signal }) => {
      throw new Error(`The server ended (${signal ?? code}) before it was ready: ${this.stderr}`)
    })
    return Promise.race([printed, gone])
  }

  /** The URL that makes the first account, printed in place of the other while there is none. */
  get setupUrl(): string {
    const url = /^Troupe is ready: (\S+#setup=\S+)\n/m.exec(this.stdout)?.[1]
    if (url === undefined) throw new Error("The server printed no URL to make an account with")
    return url
  }

  /** To the process, or as Ctrl+C does it to its whole group. */
  async end(signal: "SIGTERM" | "SIGINT" | "SIGKILL", to: "process" | "group" = "process"): Promise<ProcessEnd> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      process.kill(to === "group" ? -this.pid : this.pid, signal)
    }
    return this.ended
  }

  /** Proportional set size in bytes: its own memory and its share of what it shares. */
  pssBytes(): number {
    const text = readFileSync(`/proc/${this.pid}/smaps_rollup`, "utf8")
    return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1]) * 1024
  }
}

export interface ServerProcess {
  /** The same over restarts. */
  readonly url: string
  readonly run: ServerRun
  readonly dataDir: string
  /** The database that the server works on. */
  readonly database: TestDatabase
  readonly stop: () => Promise<ProcessEnd>
  readonly kill9: () => Promise<ProcessEnd>
  /** Starts it again, on the same port, database and data folder; resolves when it serves. */
  readonly start: () => Promise<void>
}

/**
 * A running server with an owner account (`OWNER`) and a database and data folder of its own, for the test file that calls
 * this at its top level.
 */
export const useServerProcess = (environment: ServerEnvironment = {}): ServerProcess => {
  const database = useTestDatabase()
  let current: ServerRun | undefined
  let url: string | undefined

  const start = async () => {
    current = new ServerRun({
      TROUPE_DATABASE_URL: database.url,
      TROUPE_DATA_DIR: database.dataDir,
      ...firstUser,
      ...(url === undefined ? {} : { TROUPE_HTTP_ADDRESS: new URL(url).host }),
      ...environment,
    })
    url = await current.ready()
  }
  const run = () => {
    if (current === undefined) throw new Error("The server runs from beforeAll on")
    return current
  }

  beforeAll(start)
  afterAll(async () => {
    await current?.end("SIGTERM")
    await stopAgents(database.dataDir)
  })

  return {
    get url() {
      if (url === undefined) throw new Error("The server runs from beforeAll on")
      return url
    },
    get run() {
      return run()
    },
    get dataDir() {
      return database.dataDir
    },
    database,
    stop: () => run().end("SIGTERM"),
    kill9: () => run().end("SIGKILL"),
    start,
  }
}
