import { mkdtemp, readFile, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { isAlive } from "../../src/db/embedded/process.ts"
import { Client } from "../support/client.ts"
import { processesOf } from "../support/processes.ts"
import { OWNER, ServerRun } from "../support/server-process.ts"

/** The server from nothing: no settings but a data folder, so it starts the embedded database. */

let base = ""
const runs: Array<ServerRun> = []

const startIn = (dataDir: string, environment: Readonly<Record<string, string>> = {}): ServerRun => {
  const run = new ServerRun({ TROUPE_DATA_DIR: dataDir, ...environment })
  runs.push(run)
  return run
}

const postmasterPid = async (dataDir: string): Promise<number> =>
  Number((await readFile(path.join(dataDir, "postgres", "data", "postmaster.pid"), "utf8")).split("\n")[0])

const createOwner = (url: string, more: Readonly<Record<string, string>> = {}) =>
  new Client(url).call("POST", "/users/first", { body: { ...OWNER, ...more } })

const setupToken = (run: ServerRun) => new URL(run.setupUrl).hash.replace("#setup=", "")

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), "troupe-start-"))
})
afterAll(async () => {
  for (const run of runs) await run.end("SIGTERM")
  await rm(base, { recursive: true, force: true })
})

describe("a data folder of its own", () => {
  const dataDir = () => path.join(base, "first")
  /** The server that each test leaves to the next. */
  let running: ServerRun

  it("is made by the first start, which prints one line and serves", async () => {
    running = startIn(dataDir())
    const url = await running.ready()
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect(running.stdout).toMatch(new RegExp(`^Troupe is ready: ${url}/#setup=[\\w.-]{52}\n$`))
    expect((await stat(dataDir())).mode & 0o777).toBe(0o700)
    expect((await new Client(url).call("GET", "/users/first")).body).toEqual({
      needed: true,
      setup_token_required: true,
    })
    expect((await createOwner(url)).status).toBe(403)
    expect((await createOwner(url, { setup_token: setupToken(running) })).status).toBe(201)
    expect(isAlive(await postmasterPid(dataDir()))).toBe(true)
    // The way to look for left processes finds what is there.
    expect(processesOf(dataDir()).length).toBeGreaterThan(1)
  })

  it("after kill -9, the next start takes over the database that still runs, with all that was in it", async () => {
    const postgres = await postmasterPid(dataDir())
    expect(await running.end("SIGKILL")).toEqual({ code: null, signal: "SIGKILL" })
    expect(isAlive(postgres)).toBe(true)
    running = startIn(dataDir())
    const url = await running.ready()
    // With an account there, there is nothing to print but the URL.
    expect(running.stdout).toBe(`Troupe is ready: ${url}\n`)
    expect(await postmasterPid(dataDir())).toBe(postgres)
    await Client.signIn(url)
  })

  it("refuses a second server after a wait, and the first does not notice", async () => {
    const second = startIn(dataDir(), { TROUPE_SINGLE_PROCESS_WAIT_MS: "300" })
    expect(await second.ended).toEqual({ code: 1, signal: null })
    expect(second.stdout).toBe("")
    expect(second.stderr).toMatch(
      /^Troupe could not start\. Another Troupe runs on .+ and did not end within 0\.3 s\. Stop it, or give this one a TROUPE_DATA_DIR or TROUPE_DATABASE_URL of its own\./m,
    )
    expect(second.stderr).not.toMatch(/^\s+at /m)
    await Client.signIn(await running.ready())
  })

  it("lets a second server in as soon as the first has ended", async () => {
    const first = running
    running = startIn(dataDir(), { TROUPE_SINGLE_PROCESS_WAIT_MS: "30000" })
    expect(await first.end("SIGTERM")).toEqual({ code: 0, signal: null })
    await Client.signIn(await running.ready())
  })

  it.each(["SIGTERM", "SIGINT"] as const)("%s ends it and its database, and leaves no process", async (signal) => {
    const postgres = await postmasterPid(dataDir())
    // As Ctrl+C does it: to all of the group.
    expect(await running.end(signal, signal === "SIGINT" ? "group" : "process")).toEqual({ code: 0, signal: null })
    expect(isAlive(postgres)).toBe(false)
    expect(processesOf(dataDir())).toEqual([])
    running = startIn(dataDir())
    await Client.signIn(await running.ready())
  })
})

it.each(["127.0.0.1:0", "[::ffff:127.0.0.1]:0"])(
  "the first account needs the token in the printed URL, the same until there is one (%s)",
  async (address) => {
    const start = () => startIn(path.join(base, `token-${address[1]}`), { TROUPE_HTTP_ADDRESS: address })
    const first = start()
    await first.ready()
    const token = setupToken(first)
    await first.end("SIGTERM")
    const run = start()
    const url = await run.ready()
    expect(setupToken(run)).toBe(token)
    for (const given of [{}, { setup_token: "guess" }, { setup_token: token.slice(1) }, { setup_token: `${token}x` }]) {
      const { status, body } = await createOwner(url, given)
      expect([status, body]).toMatchObject([403, { validations: [{ field: "setup_token" }] }])
    }
    const weak = await createOwner(url, { setup_token: token, password: "password123" })
    expect([weak.status, weak.body]).toMatchObject([400, { validations: [{ field: "password" }] }])
    expect((await createOwner(url, { setup_token: token })).status).toBe(201)
    expect((await createOwner(url, { setup_token: token })).status).toBe(409)
    expect(run.stderr).not.toContain(token)
  },
)
