import { chown, lchown, lstat, mkdir, readdir, stat } from "node:fs/promises"
import path from "node:path"

/** The code of a failed system call, such as ENOENT. */
export const errorCode = (cause: unknown): string | undefined =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined

export const exists = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  )

/**
 * Makes a folder with mode 0700, and those above it that are missing. Node's own way never ends where a folder that exists
 * says that it does not when something is made in it, as below `/proc`.
 */
export const makeFolder = async (folder: string): Promise<void> => {
  const isThere = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (isThere) return
  if (path.dirname(folder) !== folder) await makeFolder(path.dirname(folder))
  await mkdir(folder, { mode: 0o700 }).catch((cause: unknown) => {
    // Another start may have been first; a file of that name fails in the next use of it.
    if (errorCode(cause) !== "EEXIST") throw cause
  })
}

/** Gives a folder and all below it to another user; links themselves, not what they point to. */
export const giveTo = async (folder: string, uid: number, gid: number): Promise<void> => {
  await chown(folder, uid, gid)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const inner = path.join(folder, entry.name)
    await (entry.isDirectory() ? giveTo(inner, uid, gid) : lchown(inner, uid, gid))
  }
}
