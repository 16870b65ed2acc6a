import { createHash } from "node:crypto"
import { chmod, lstat, realpath, truncate, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { EmbeddedPostgresError } from "./errors.ts"
import { makeFolder } from "./files.ts"

/** Where the embedded server keeps what, below the data folder. */
export interface Folders {
  readonly root: string
  /** Holds `data` (PostgreSQL's own) and `password`; appears whole, by one rename, when initdb is done. */
  readonly cluster: string
  readonly data: string
  readonly password: string
  readonly log: string
  /** Folder of the Unix socket; undefined on Windows, which has none. */
  readonly socket: string | undefined
}

/** macOS allows 104 bytes for the path of a socket, with the closing zero; Linux 108. */
const longestSocketPath = 103
const socketName = ".s.PGSQL.5432"
const longestLog = 10 * 1024 * 1024

const isLastingSocketFolder = (folder: string) => Buffer.byteLength(path.join(folder, socketName)) <= longestSocketPath

/** A short folder of our own under the system's temporary one, the same at each start. */
const shortSocketFolder = (root: string): string => {
  const name = `troupe-${createHash("sha256").update(root).digest("hex").slice(0, 16)}`
  return (
    [tmpdir(), "/tmp"].map((folder) => path.join(folder, name)).find(isLastingSocketFolder) ?? path.join("/tmp", name)
  )
}

const makeSocketFolder = async (root: string): Promise<string | undefined> => {
  if (process.platform === "win32") return undefined
  const near = path.join(root, "run")
  const folder = isLastingSocketFolder(near) ? near : shortSocketFolder(root)
  await makeFolder(folder)
  const found = await lstat(folder)
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new EmbeddedPostgresError({
      operation: "EmbeddedPostgres.folders",
      reason: "data_folder",
      message: `The folder ${folder} for the database's socket belongs to another user. Remove it, or set TROUPE_DATA_DIR to a shorter path.`,
    })
  }
  await chmod(folder, 0o700)
  return folder
}

/** Makes the data folder (mode 0700 when new) and names what is in it. The paths are real ones, free of links. */
export const makeFolders = async (dataDir: string): Promise<Folders> => {
  await makeFolder(dataDir)
  const root = await realpath(dataDir)
  const cluster = path.join(root, "postgres")
  const log = path.join(root, "postgres.log")
  const { size } = await stat(log).catch(() => ({ size: 0 }))
  if (size > longestLog) await truncate(log)
  return {
    root,
    cluster,
    data: path.join(cluster, "data"),
    password: path.join(cluster, "password"),
    log,
    socket: await makeSocketFolder(root),
  }
}
