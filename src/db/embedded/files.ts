import { chown, lstat, lchown, readdir } from "node:fs/promises"
import path from "node:path"

/** The code of a failed system call, such as ENOENT. */
export const errorCode = (cause: unknown): string | undefined =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined

export const exists = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  )

/** Gives a folder and all below it to another user; links themselves, not what they point to. */
export const giveTo = async (folder: string, uid: number, gid: number): Promise<void> => {
  await chown(folder, uid, gid)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const inner = path.join(folder, entry.name)
    await (entry.isDirectory() ? giveTo(inner, uid, gid) : lchown(inner, uid, gid))
  }
}
