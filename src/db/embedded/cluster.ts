import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import path from "node:path"
import type { Binaries } from "./binaries.ts"
import { EmbeddedPostgresError, useOtherDatabase } from "./errors.ts"
import { giveTo, errorCode } from "./files.ts"
import type { Folders } from "./folders.ts"
import { type Launch, launchEnvironment } from "./launch.ts"
import { isAlive } from "./process.ts"

/** The database's superuser, and the owner of everything in it. */
export const superuser = "troupe"

const unfinishedPrefix = "postgres.init-"

/** Removes what starts left that died inside initdb. The name says whose it is. */
const removeAbandoned = async (root: string): Promise<void> => {
  const names = (await readdir(root)).filter((name) => name.startsWith(unfinishedPrefix))
  const abandoned = names.filter((name) => !isAlive(Number.parseInt(name.slice(unfinishedPrefix.length), 10)))
  // An initdb whose starter was killed may still be writing there; then the next start removes the rest.
  await Promise.allSettled(abandoned.map((name) => rm(path.join(root, name), { recursive: true, force: true })))
}

const runInitdb = (binaries: Binaries, launch: Launch, folder: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const command = [
      ...launch.prefix,
      binaries.initdb,
      ...["-D", path.join(folder, "data"), "-U", superuser, "-A", "scram-sha-256"],
      // Many rounds protect passwords that can be guessed. Ours is random, and each round slows every new connection down.
      ...["-c", "scram_iterations=1"],
      ...[
        `--pwfile=${path.join(folder, "password")}`,
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
        "--no-instructions",
      ],
    ]
    const [program = "", ...parameters] = command
    const child = spawn(program, parameters, { stdio: ["ignore", "pipe", "pipe"], env: launchEnvironment(), signal })
    let said = ""
    const hear = (chunk: Buffer) => {
      said = (said + chunk.toString("utf8")).slice(-2000)
    }
    child.stdout.on("data", hear)
    child.stderr.on("data", hear)
    child.once("error", (cause) => reject(cannotRun(binaries.initdb, cause)))
    child.once("close", (code, by) => {
      if (code === 0) return resolve()
      const libraryMissing = said.includes("error while loading shared libraries")
      reject(
        new EmbeddedPostgresError({
          operation: "EmbeddedPostgres.initialize",
          reason: libraryMissing ? "unsupported_platform" : "init_failed",
          message: libraryMissing
            ? `The embedded PostgreSQL lacks a system library: ${reasonIn(said)}. Install it. ${useOtherDatabase}`
            : `Creating the embedded database failed (${by ?? `exit code ${code}`}): ${reasonIn(said)}. ${useOtherDatabase}`,
          log: said,
        }),
      )
    })
  })

/**
 * What went wrong, in the words of initdb or of the server that it runs, without a full stop. The lines after it say what was
 * tidied up.
 */
const reasonIn = (text: string): string => {
  const lines = text.trim().split("\n")
  const reason = lines.find((line) => /\b(FATAL|PANIC|ERROR|error):/.test(line)) ?? lines.at(-1) ?? ""
  return reason.replace(/^.*?\b(FATAL|PANIC|ERROR|error):\s*/, "").replace(/\.$/, "")
}

/** A program that is there and still "not found" lacks its loader: the binaries are built for glibc. */
export const cannotRun = (program: string, cause: Error): EmbeddedPostgresError =>
  errorCode(cause) === "ENOENT"
    ? new EmbeddedPostgresError({
        operation: "EmbeddedPostgres.run",
        reason: "unsupported_platform",
        message:
          "The embedded PostgreSQL does not run on this system (it needs glibc; Alpine has musl). Set TROUPE_DATABASE_URL to a PostgreSQL 15 or newer.",
      })
    : new EmbeddedPostgresError({
        operation: "EmbeddedPostgres.run",
        reason: "binaries_missing",
        message: `${program} cannot be run: ${cause.message}. ${useOtherDatabase}`,
      })

/** The major version of an existing cluster, undefined when there is none. */
const clusterVersion = (folders: Folders): Promise<string | undefined> =>
  readFile(path.join(folders.data, "PG_VERSION"), "utf8").then(
    (text) => text.trim(),
    () => undefined,
  )

const initialize = async (binaries: Binaries, launch: Launch, folders: Folders, signal: AbortSignal): Promise<void> => {
  await removeAbandoned(folders.root)
  const unfinished = path.join(folders.root, `${unfinishedPrefix}${process.pid}-${randomBytes(4).toString("hex")}`)
  await mkdir(unfinished, { mode: 0o700 })
  try {
    await writeFile(path.join(unfinished, "password"), randomBytes(24).toString("base64url"), { mode: 0o600 })
    if (launch.owner !== undefined) await giveTo(unfinished, launch.owner.uid, launch.owner.gid)
    await runInitdb(binaries, launch, unfinished, signal)
    await rename(unfinished, folders.cluster)
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true })
    // Another start on the same folder was first: its cluster is as good as ours.
    if ((await clusterVersion(folders)) === undefined) throw cause
  }
}

/**
 * Sees to it that a cluster is there, of the right version and owner, and gives its password. Two processes may do so at
 * once: the cluster appears by one rename. Rejects with `EmbeddedPostgresError`, and when `signal` is aborted.
 */
export const ensureCluster = async (
  binaries: Binaries,
  launch: Launch,
  folders: Folders,
  signal: AbortSignal,
): Promise<string> => {
  if ((await clusterVersion(folders)) === undefined) await initialize(binaries, launch, folders, signal)
  const version = await clusterVersion(folders)
  if (version !== binaries.major) {
    throw new EmbeddedPostgresError({
      operation: "EmbeddedPostgres.initialize",
      reason: "version_mismatch",
      message: `The database in ${folders.cluster} was made by PostgreSQL ${version}, this release brings ${binaries.major}. Dump it with the release that made it and load the dump, or set TROUPE_DATABASE_URL.`,
    })
  }
  if (launch.owner !== undefined && (await stat(folders.data)).uid !== launch.owner.uid) {
    await giveTo(folders.cluster, launch.owner.uid, launch.owner.gid)
  }
  return (await readFile(folders.password, "utf8")).trim()
}
