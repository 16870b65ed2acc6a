import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { childrenOf, processesOf } from "../support/processes.ts"

/** `npm start` as people run it: npm, the shell that npm makes, `start.mjs`, the server, and its database. */

const root = fileURLToPath(new URL("../..", import.meta.url))
const ENDED = { timeout: 30_000, interval: 100 }

let base = ""
const started: Array<ChildProcess> = []

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), "troupe-npm-"))
})
afterAll(async () => {
  for (const child of started) if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM")
  await rm(base, { recursive: true, force: true, maxRetries: 5 })
})

const environmentOf = (dataDir: string) => ({
  PATH: process.env["PATH"],
  HOME: base,
  TROUPE_DATA_DIR: dataDir,
  TROUPE_HTTP_ADDRESS: "127.0.0.1:0",
})

const whenReady = async (said: () => string | Promise<string>): Promise<void> => {
  await expect.poll(said, { timeout: 120_000, interval: 50 }).toMatch(/^Troupe is ready: /m)
}

interface NpmRun {
  readonly dataDir: string
  readonly npm: number
  readonly shell: number
  readonly start: number
  readonly ended: Promise<unknown>
}

const runNpm = async (name: string): Promise<NpmRun> => {
  const dataDir = path.join(base, name)
  const child = spawn("npm", ["start"], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
    env: environmentOf(dataDir),
  })
  started.push(child)
  let said = ""
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()))
  await whenReady(() => said)
  const npm = child.pid ?? 0
  const [below] = childrenOf(npm)
  if (below === undefined) throw new Error("npm has started nothing")
  // Some shells become their last command.
  const start = below.command.startsWith("sh ") ? childrenOf(below.pid)[0]?.pid : below.pid
  return { dataDir, npm, shell: below.pid, start: start ?? 0, ended: once(child, "exit") }
}

describe.runIf(process.platform === "linux")("npm start", () => {
  it.each([
    ["SIGTERM", "npm"],
    ["SIGTERM", "shell"],
    ["SIGTERM", "start"],
    ["SIGKILL", "npm"],
    ["SIGKILL", "shell"],
    ["SIGKILL", "start"],
  ] as const)("ends the server and its database after %s to %s", async (signal, to) => {
    const run = await runNpm(`${signal}-${to}`)
    process.kill(run[to], signal)
    await run.ended
    await expect.poll(() => processesOf(run.dataDir), ENDED).toEqual([])
    // In order: the database wrote its last words.
    expect(await readFile(path.join(run.dataDir, "postgres.log"), "utf8")).toContain("database system is shut down")
  })

  it("goes on when the shell that ran it ends", async () => {
    const dataDir = path.join(base, "outlives")
    const output = path.join(base, "outlives.log")
    const shell = spawn("sh", ["-c", `nohup npm start > ${output} 2>&1 & echo $!`], {
      cwd: root,
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
      env: environmentOf(dataDir),
    })
    const [chunk] = await once(shell.stdout, "data")
    await once(shell, "exit")
    const npm = Number(String(chunk))
    await whenReady(() => readFile(output, "utf8"))
    const [url] = /http:[^\s#]+/.exec(await readFile(output, "utf8")) ?? []
    // Longer than it takes to notice that somebody is gone.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect((await fetch(`${url}healthz`)).status).toBe(200)
    process.kill(npm, "SIGTERM")
    await expect.poll(() => processesOf(dataDir), ENDED).toEqual([])
  })
})
