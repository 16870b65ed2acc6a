import { Effect } from "effect"
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import pg from "pg"
import type { TestProject } from "vitest/node"
import { isAlive } from "../../src/db/embedded/process.ts"
import { start } from "../../src/db/embedded/server.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** Where the test files of this run find their server, see postgres.ts. */
    readonly testPostgres: { readonly dataDir: string; readonly url: string | undefined; readonly template: string }
  }
}

/** Of the folders in which test runs keep their servers; the pid of the run follows. */
export const folderPrefix = "troupe-test-"

const hasCluster = (dataDir: string) => existsSync(path.join(dataDir, "postgres"))

/** `start` finds the server that the test files started, and so can stop it. */
const stopServer = async (dataDir: string): Promise<void> => {
  if (hasCluster(dataDir)) await Effect.runPromise(Effect.flatMap(start(dataDir), (server) => server.stop))
  await rm(dataDir, { recursive: true, force: true })
}

/** For an exit that waits for nothing. */
const stopServerNow = (dataDir: string): void => {
  try {
    const pid = Number(readFileSync(path.join(dataDir, "postgres", "data", "postmaster.pid"), "utf8").split("\n")[0])
    process.kill(pid, "SIGQUIT")
  } catch {
    // No server runs.
  }
  rmSync(dataDir, { recursive: true, force: true })
}

/** A run that was killed leaves its server. The folder's name says whose it is. */
const removeAbandoned = async (): Promise<void> => {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(folderPrefix))
  const abandoned = folders.filter((name) => !isAlive(Number.parseInt(name.slice(folderPrefix.length), 10)))
  await Promise.all(abandoned.map((name) => stopServer(path.join(tmpdir(), name))))
}

const dropTemplate = async (url: string, template: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`drop database if exists "${template}" with (force)`)
  await client.end()
}

/**
 * One Postgres server per run: the embedded one in a temporary folder, started by the first test file that asks for a
 * database, or the server of `TROUPE_TEST_DATABASE_URL` (a user who may create databases).
 */
const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const url = process.env["TROUPE_TEST_DATABASE_URL"] || undefined
  await removeAbandoned()
  const dataDir = await mkdtemp(path.join(tmpdir(), `${folderPrefix}${process.pid}-`))
  const template = `troupe_template_${process.pid}_${Date.now()}`
  project.provide("testPostgres", { dataDir, url, template })
  const leave = () => stopServerNow(dataDir)
  process.once("exit", leave)
  return async () => {
    if (url !== undefined) await dropTemplate(url, template)
    await stopServer(dataDir)
    process.off("exit", leave)
  }
}

export default setup
