import { once } from "node:events"
import { readdirSync, readFileSync } from "node:fs"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { createServer, type Server } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { Client } from "../support/client.ts"
import { childrenOf, processesOf } from "../support/processes.ts"
import { ServerRun } from "../support/server-process.ts"

/** A start that takes long, or for ever, and is asked to end. One second is promised; the machine of a test may be busy. */

const PROMPTLY_MS = 4_000

let base = ""
const runs: Array<ServerRun> = []
const start = (environment: Readonly<Record<string, string>>): ServerRun => {
  const run = new ServerRun(environment)
  runs.push(run)
  return run
}
const endOf = async (run: ServerRun, signal: "SIGTERM" | "SIGINT") => {
  const since = performance.now()
  const end = await run.end(signal)
  return { ...end, said: run.stdout, promptly: performance.now() - since < PROMPTLY_MS }
}
const PROMPT_END = { code: 0, signal: null, said: "", promptly: true }

/** Takes connections, and says `greeting` and no more. */
const silentDatabase = async (greeting: Buffer): Promise<Server> => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined)
    socket.once("data", () => socket.write(greeting))
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return server
}
const urlOf = (server: Server) => {
  const address = server.address()
  return `postgres://troupe@127.0.0.1:${typeof address === "object" ? address?.port : 0}/troupe?sslmode=disable`
}

/** AuthenticationOk and ReadyForQuery: it lets us in, and then answers nothing. */
const welcome = Buffer.from("5200000008000000005a0000000549", "hex")

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), "troupe-interrupted-"))
})
afterAll(async () => {
  for (const run of runs) await run.end("SIGTERM")
  await rm(base, { recursive: true, force: true })
})

it.each([
  ["takes connections and never answers", Buffer.alloc(0), "SIGINT"],
  ["lets in and never answers", welcome, "SIGTERM"],
] as const)("ends while the database %s", async (_, greeting, signal) => {
  const database = await silentDatabase(greeting)
  const connected = once(database, "connection")
  const run = start({ TROUPE_DATABASE_URL: urlOf(database), TROUPE_DATA_DIR: path.join(base, "unused") })
  await connected
  expect(await endOf(run, signal)).toEqual(PROMPT_END)
  database.close()
})

it.each(["/proc/troupe/data", "/dev/null/data"])("does not try for ever to make %s, and says why", async (dataDir) => {
  const run = start({ TROUPE_DATA_DIR: dataDir })
  expect(await run.ended).toEqual({ code: 1, signal: null })
  expect(run.stderr).toContain(`Troupe could not start. The data folder ${dataDir} cannot be used: `)
  expect(run.stderr).toContain("Set TROUPE_DATA_DIR to a folder this user may write to.")
})

it("ends while the database is made, leaves no process, and is made by the next start", async () => {
  const dataDir = path.join(base, "new")
  const run = start({ TROUPE_DATA_DIR: dataDir })
  const made = () => readdirSync(base).includes("new") && readdirSync(dataDir).some((name) => name.includes("init-"))
  await expect.poll(made, { timeout: 20_000, interval: 5 }).toBe(true)
  expect(await endOf(run, "SIGTERM")).toEqual(PROMPT_END)
  await expect.poll(() => processesOf(dataDir), { timeout: 20_000 }).toEqual([])

  const again = start({ TROUPE_DATA_DIR: dataDir })
  const url = await again.ready()
  expect((await new Client(url).call("GET", "/users/first")).body).toMatchObject({ needed: true })
  expect((await readdir(dataDir)).filter((name) => name.includes("init-"))).toEqual([])

  // While it runs, another waits for it.
  const waiting = start({ TROUPE_DATA_DIR: dataDir, TROUPE_SINGLE_PROCESS_WAIT_MS: "60000" })
  const postmaster = Number(
    readFileSync(path.join(dataDir, "postgres", "data", "postmaster.pid"), "utf8").split("\n")[0],
  )
  const waitsForLock = () => childrenOf(postmaster).some(({ command }) => command.includes("SELECT waiting"))
  await expect.poll(waitsForLock, { timeout: 20_000 }).toBe(true)
  expect(await endOf(waiting, "SIGINT")).toEqual(PROMPT_END)
  expect((await new Client(url).call("GET", "/users/first")).status).toBe(200)
})
