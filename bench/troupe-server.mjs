import { spawn } from "node:child_process"
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { now } from "./scripted-text.mjs"

const ENTRY = fileURLToPath(new URL("../dist/server/main.mjs", import.meta.url))
const START_LIMIT_MS = 60_000
const STOP_LIMIT_MS = 20_000
const POLL_MS = 5

export const FIRST_USER = { email: "bench@example.com", username: "bench", password: "bench-password-1" }

/** A data folder of its own. `close` stops whatever of ours still runs on it, and removes it. */
export class Installation {
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), "troupe-bench-")))
  #child

  #environment

  /** `environment` is for settings that a scenario needs to be others than the defaults. */
  constructor(environment = {}) {
    this.#environment = environment
  }

  /** Starts the server on this folder; `startedMs` is from `node` to the first 200 of `/healthz`. */
  async start() {
    if (!existsSync(ENTRY)) throw new Error("the server is not built: run `npm run build`")
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const log = openSync(join(this.dataDir, "bench-server.log"), "a")
    const began = now()
    const child = spawn(process.execPath, [ENTRY], {
      stdio: ["ignore", log, log],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        NODE_ENV: "production",
        TROUPE_HTTP_ADDRESS: `127.0.0.1:${port}`,
        TROUPE_DATA_DIR: join(this.dataDir, "data"),
        TROUPE_FIRST_USER_EMAIL: FIRST_USER.email,
        TROUPE_FIRST_USER_USERNAME: FIRST_USER.username,
        TROUPE_FIRST_USER_PASSWORD: FIRST_USER.password,
        ...this.#environment,
        ...(process.env.TROUPE_DATABASE_URL && { TROUPE_DATABASE_URL: process.env.TROUPE_DATABASE_URL }),
      },
    })
    closeSync(log)
    this.#child = child
    await this.#healthy(child, url)
    return { url, pid: child.pid, startedMs: now() - began }
  }

  async #healthy(child, url) {
    const limit = now() + START_LIMIT_MS
    while (now() < limit) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${this.logTail()}`)
      try {
        const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) })
        await response.arrayBuffer()
        if (response.ok) return
      } catch {
        // Not listening yet.
      }
      await sleep(POLL_MS)
    }
    throw new Error(`the server was not healthy after ${START_LIMIT_MS / 1000} s:\n${this.logTail()}`)
  }

  /** SIGKILL, as an out-of-memory killer would. Resolves when the process is gone. */
  async kill() {
    await this.#end("SIGKILL")
  }

  async stop() {
    await this.#end("SIGTERM")
  }

  async #end(signal) {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((done) => child.once("exit", done))
    child.kill(signal)
    const limit = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS)
    await ended
    clearTimeout(limit)
  }

  /** The pid of the embedded database, by the file that Postgres keeps in its folder; `undefined` if none runs there. */
  postgresPid() {
    const file = readdirSync(this.dataDir, { recursive: true }).find((path) => path.endsWith("postmaster.pid"))
    if (!file) return undefined
    const path = join(this.dataDir, file)
    const pid = Number(readFileSync(path, "utf8").split("\n", 1)[0])
    // A file left by a crash may name a pid that is somebody else's by now. Postgres works in its data folder.
    return workingFolder(pid) === dirname(path) ? pid : undefined
  }

  logTail() {
    return readFileSync(join(this.dataDir, "bench-server.log"), "utf8").slice(-2000)
  }

  async close() {
    await this.stop()
    const postgres = this.postgresPid()
    if (postgres) await endPostgres(postgres)
    rmSync(this.dataDir, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Only needed when the server could not stop its database any more; SIGINT is Postgres's fast shutdown. */
async function endPostgres(pid) {
  const limit = now() + STOP_LIMIT_MS
  try {
    process.kill(pid, "SIGINT")
    while (now() < limit) {
      process.kill(pid, 0)
      await sleep(POLL_MS)
    }
  } catch {
    // Gone.
  }
}

function workingFolder(pid) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}

async function freePort() {
  const server = createServer()
  await new Promise((done) => server.listen(0, "127.0.0.1", done))
  const { port } = server.address()
  await new Promise((done) => server.close(done))
  return port
}
