import { Effect, Redacted } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, watch, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import pg from "pg"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { Connection } from "./connection.ts"
import { isPostmasterOf } from "./postmaster.ts"
import { isAlive } from "./process.ts"
import { type EmbeddedServer, start, type StartOptions } from "./server.ts"

const program = fileURLToPath(new URL("../../../test/support/start-embedded.ts", import.meta.url))

/** A data folder after a first start, to be copied: initdb is the slow part. */
let used = ""
let folder = ""
let servers: Array<EmbeddedServer> = []
let children: Array<ChildProcess> = []

beforeAll(async () => {
  used = await mkdtemp(path.join(tmpdir(), "troupe-embedded-"))
  await Effect.runPromise(Effect.flatMap(start(used), (server) => server.stop))
})

afterAll(() => rm(used, { recursive: true, force: true }))

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "troupe-embedded-"))
})

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL")
  for (const server of servers) await Effect.runPromise(server.stop)
  children = []
  servers = []
  await rm(folder, { recursive: true, force: true })
})

const startHere = async (dataDir: string, options: StartOptions = {}): Promise<EmbeddedServer> => {
  const server = await Effect.runPromise(start(dataDir, options))
  servers.push(server)
  return server
}

const copyCluster = (dataDir: string) =>
  cp(path.join(used, "postgres"), path.join(dataDir, "postgres"), { recursive: true })

/** The same on a data folder that has a cluster already. */
const startUsed = async (dataDir: string): Promise<EmbeddedServer> => {
  await copyCluster(dataDir)
  return startHere(dataDir)
}

const startElsewhere = async (dataDir: string) => {
  const child = spawn(process.execPath, ["--import", "tsx", program, dataDir], { stdio: ["pipe", "pipe", "inherit"] })
  children.push(child)
  const [line] = await once(createInterface(child.stdout), "line")
  const { pid, reused }: { pid: number; reused: boolean } = JSON.parse(line)
  return { child, pid, reused }
}

const query = async (connection: Connection, text: string): Promise<ReadonlyArray<Record<string, unknown>>> => {
  const client = new pg.Client({ ...connection, password: Redacted.value(connection.password) })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

const settingsQuery = `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
  current_setting('listen_addresses') as addresses, current_setting('shared_buffers') as buffers,
  current_setting('password_encryption') as passwords, current_setting('server_encoding') as encoding,
  (select datcollate from pg_database where datname = current_database()) as collation, current_database() as database`

const dataOf = (dataDir: string) => path.join(dataDir, "postgres", "data")
const noServerFile = (dataDir: string) => readdir(dataOf(dataDir)).then((names) => !names.includes("postmaster.pid"))

describe("start", () => {
  it("makes a durable server that only this user reaches, and stops it", async () => {
    const dataDir = path.join(folder, "new", "data")
    const server = await startHere(dataDir)
    expect(server.reused).toBe(false)
    expect(await query(server.connection, settingsQuery)).toEqual([
      {
        fsync: "on",
        commit: "on",
        addresses: "",
        buffers: "32MB",
        passwords: "scram-sha-256",
        encoding: "UTF8",
        collation: "C",
        database: "troupe",
      },
    ])
    const modes = await Promise.all(
      [dataDir, server.connection.host, path.join(dataDir, "postgres", "password")].map(async (name) =>
        ((await stat(name)).mode & 0o777).toString(8),
      ),
    )
    expect(modes).toEqual(["700", "700", "600"])
    const wrong = { ...server.connection, password: Redacted.make("guess") }
    await expect(query(wrong, "select 1")).rejects.toThrow("password authentication failed")

    await Effect.runPromise(server.stop)
    expect(isAlive(server.pid)).toBe(false)
    expect(await noServerFile(dataDir)).toBe(true)
  })

  it("keeps the data from one start to the next", async () => {
    const first = await startUsed(folder)
    await query(first.connection, "create table kept as select 7 as number")
    await Effect.runPromise(first.stop)
    const second = await startHere(folder)
    expect(second.reused).toBe(false)
    expect(await query(second.connection, "select number from kept")).toEqual([{ number: 7 }])
  })

  it("starts and stops where it cannot be interrupted, as resources do", async () => {
    await copyCluster(folder)
    const runs = Effect.acquireUseRelease(
      start(folder),
      ({ pid }) => Effect.succeed([pid, isAlive(pid)] as const),
      ({ stop }) => stop,
    )
    const [pid, alive] = await Effect.runPromise(runs)
    expect([alive, isAlive(pid)]).toEqual([true, false])
  })

  it("stops although a client is connected, within a moment", async () => {
    const server = await startUsed(folder)
    const client = new pg.Client({ ...server.connection, password: Redacted.value(server.connection.password) })
    client.on("error", () => undefined)
    await client.connect()
    const dropped = new Promise((resolve) => client.once("end", resolve))
    await Effect.runPromise(server.stop)
    await dropped
    expect(isAlive(server.pid)).toBe(false)
  })

  it("runs the server in a session of its own, which Ctrl+C in ours does not reach", async () => {
    const server = await startUsed(folder)
    // After the name in brackets: state, parent, process group, session.
    const groups = async (pid: number) =>
      (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ").slice(2, 4)
    expect(await groups(server.pid)).toEqual([String(server.pid), String(server.pid)])
    expect(await groups(process.pid)).not.toEqual([String(server.pid), String(server.pid)])
  })

  it("lets all that start at once on a new folder share one server", async () => {
    const starts = await Promise.all([
      ...Array.from({ length: 2 }, () => startHere(folder).then(({ pid, reused }) => ({ pid, reused }))),
      startElsewhere(folder),
    ])
    expect(new Set(starts.map(({ pid }) => pid)).size).toBe(1)
    expect(starts.filter(({ reused }) => !reused)).toHaveLength(1)
    expect((await readdir(folder)).toSorted()).toEqual(["postgres", "postgres.log", "run"])
  })

  it("says who else uses the server", async () => {
    const server = await startUsed(folder)
    const connect = async (name: string) => {
      const client = new pg.Client({
        ...server.connection,
        password: Redacted.value(server.connection.password),
        application_name: name,
      })
      await client.connect()
      return client
    }
    const clients = await Promise.all(["troupe 1", "troupe 2", "troupe 2", "psql"].map(connect))
    expect(await Effect.runPromise(server.otherUsers("troupe 1"))).toBe(2)
    await Promise.all(clients.map((client) => client.end()))
    await Effect.runPromise(server.stop)
    expect(await Effect.runPromise(server.otherUsers("troupe 1"))).toBe(0)
  })
})

describe("after a crash", () => {
  it("takes over the server that a killed process left", async () => {
    await copyCluster(folder)
    const { child, pid } = await startElsewhere(folder)
    child.kill("SIGKILL")
    await once(child, "exit")
    expect(await isPostmasterOf(pid, dataOf(folder))).toBe(true)
    const server = await startHere(folder)
    expect(server).toMatchObject({ pid, reused: true })
    await Effect.runPromise(server.stop)
    await Effect.runPromise(server.ended)
    // Its parent is the system's first process now, which may take its time to reap it.
    expect(await isPostmasterOf(pid, dataOf(folder))).toBe(false)
    expect(await noServerFile(folder)).toBe(true)
  })

  it("starts again at once when the server itself was killed, with everything committed", async () => {
    const first = await startUsed(folder)
    await query(first.connection, "create table kept as select 7 as number")
    process.kill(first.pid, "SIGKILL")
    const second = await startHere(folder)
    expect(second.reused).toBe(false)
    expect(await query(second.connection, "select number from kept")).toEqual([{ number: 7 }])
    await Effect.runPromise(first.ended)
  })

  it("waits for a server that is just stopping, and starts a new one", async () => {
    const first = await startUsed(folder)
    process.kill(first.pid, "SIGINT")
    const second = await startHere(folder)
    expect(second.pid).not.toBe(first.pid)
    expect(await query(second.connection, "select 1 as one")).toEqual([{ one: 1 }])
  })

  it("is not misled by a process that got the pid of a server that was killed", async () => {
    const first = await startUsed(folder)
    const file = path.join(dataOf(folder), "postmaster.pid")
    const content = await readFile(file, "utf8")
    await Effect.runPromise(first.stop)
    await writeFile(file, content.replace(/^\d+/, String(process.pid)))
    const second = await startHere(folder)
    expect(second.reused).toBe(false)
    expect(await query(second.connection, "select 1 as one")).toEqual([{ one: 1 }])
  })

  it("begins anew when a process is killed inside initdb", async () => {
    const child = spawn(process.execPath, ["--import", "tsx", program, folder], { stdio: "ignore" })
    const ended = once(child, "exit")
    for await (const { filename } of watch(folder)) if (filename?.startsWith("postgres.init-")) break
    child.kill("SIGKILL")
    await ended
    expect((await startHere(folder)).reused).toBe(false)
  })

  it("begins anew when a process died inside initdb, and removes what it left", async () => {
    const dead = spawn(process.execPath, ["--version"], { stdio: "ignore" })
    await once(dead, "exit")
    const abandoned = path.join(folder, `postgres.init-${dead.pid}-0a0a0a0a`)
    await mkdir(path.join(abandoned, "data"), { recursive: true })
    await writeFile(path.join(abandoned, "data", "PG_VERSION"), "18\n")
    await startHere(folder)
    expect((await readdir(folder)).toSorted()).toEqual(["postgres", "postgres.log", "run"])
  })
})

describe("folders", () => {
  it("keeps the socket's path short when the data folder's is long", async () => {
    const dataDir = path.join(folder, "a".repeat(60), "b".repeat(60))
    const { connection } = await startUsed(dataDir)
    expect(connection.host.length).toBeLessThan(90)
    expect((await stat(connection.host)).mode & 0o777).toBe(0o700)
    expect(await query(connection, "select 1 as one")).toEqual([{ one: 1 }])
    expect((await startHere(dataDir)).reused).toBe(true)
    await rm(connection.host, { recursive: true })
  })

  it("takes a path with spaces, commas and quotation marks", async () => {
    const dataDir = path.join(folder, `my "data", all of it`)
    const { pid } = await startUsed(dataDir)
    expect(await startHere(dataDir)).toMatchObject({ pid, reused: true })
  })

  it("empties a log of more than 10 MiB", async () => {
    const log = path.join(folder, "postgres.log")
    await writeFile(log, "old")
    await truncate(log, 10 * 1024 * 1024 + 1)
    await startUsed(folder)
    expect((await stat(log)).size).toBeLessThan(10_000)
  })
})

describe("errors", () => {
  const fails = (dataDir: string, options: StartOptions = {}) => Effect.runPromise(Effect.flip(start(dataDir, options)))

  it("tells what the server said when it does not start", async () => {
    await copyCluster(folder)
    const error = await fails(folder, { settings: { shared_buffers: "many" } })
    expect(error).toMatchObject({ _tag: "EmbeddedPostgresError", reason: "start_failed" })
    expect(error.message).toContain('invalid value for parameter "shared_buffers": "many"')
    expect(error.log).toContain("FATAL")
  })

  it("refuses the data of another major version", async () => {
    await Effect.runPromise((await startUsed(folder)).stop)
    await writeFile(path.join(dataOf(folder), "PG_VERSION"), "17\n")
    const error = await fails(folder)
    expect(error.reason).toBe("version_mismatch")
    expect(error.message).toContain("made by PostgreSQL 17, this release brings 18")
  })

  it("names the setting when the data folder cannot be made", async () => {
    const file = path.join(folder, "file")
    await writeFile(file, "")
    const error = await fails(path.join(file, "data"))
    expect(error.reason).toBe("data_folder")
    expect(error.message).toContain("Set TROUPE_DATA_DIR")
  })

  it("does not overwrite a folder that is not its own", async () => {
    await mkdir(path.join(folder, "postgres"))
    await writeFile(path.join(folder, "postgres", "letter.txt"), "mine")
    const error = await fails(folder)
    expect(error.reason).toBe("data_folder")
    expect((await readdir(folder)).filter((name) => name.startsWith("postgres.init-"))).toEqual([])
    expect(await readFile(path.join(folder, "postgres", "letter.txt"), "utf8")).toBe("mine")
  })
})
