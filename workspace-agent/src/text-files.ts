import { randomUUID } from "node:crypto"
import { chmod, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises"
import path from "node:path"
import { Refusal, refuseFileError, systemCode } from "./refusal.ts"
import type { WorkspacePaths } from "./workspace-paths.ts"

const MIB = 1024 * 1024
export const MAX_READ_BYTES = MIB
export const MAX_EDIT_BYTES = 4 * MIB

const sizeText = (bytes: number) => `${(bytes / MIB).toFixed(1)} MiB`

/** Bytes of an existing text file of at most `maxBytes`. `shown` is the path as the caller wrote it. */
const readText = async (file: string, shown: string, maxBytes: number): Promise<Buffer> => {
  const { size } = await stat(file)
  if (size > maxBytes) {
    throw new Refusal(413, `${shown} is too large: ${sizeText(size)}, where ${sizeText(maxBytes)} is the limit.`)
  }
  const bytes = await readFile(file)
  if (bytes.includes(0)) throw new Refusal(415, `${shown} is a binary file, not text.`)
  return bytes
}

export const readTextFile = async (paths: WorkspacePaths, shown: string): Promise<Buffer> => {
  const file = await paths.resolveFile(shown)
  return readText(file, shown, MAX_READ_BYTES).catch((error: unknown) => {
    throw refuseFileError(error, shown)
  })
}

/** The text of a file about to be edited. What is not UTF-8 would not survive the round trip, so it is refused. */
export const readEditableText = async (
  paths: WorkspacePaths,
  shown: string,
): Promise<{ file: string; text: string }> => {
  const file = await paths.resolveFile(shown)
  const bytes = await readText(file, shown, MAX_EDIT_BYTES).catch((error: unknown) => {
    throw refuseFileError(error, shown)
  })
  try {
    return { file, text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    throw new Refusal(415, `${shown} is not UTF-8 text, so it cannot be edited as text.`)
  }
}

/**
 * Writes all of a file or nothing: a temporary file beside it takes its place. The mode of an existing file is kept, missing
 * folders are made. `file` is a resolved path.
 */
export const replaceFile = async (file: string, shown: string, content: string | Buffer): Promise<void> => {
  const temporary = path.join(path.dirname(file), `.${path.basename(file).slice(0, 100)}.${randomUUID()}.tmp`)
  try {
    const existing = await stat(file).catch((error: unknown) => {
      if (systemCode(error) === "ENOENT") return undefined
      throw error
    })
    if (existing?.isDirectory()) throw new Refusal(400, `${shown} is a folder, not a file.`)
    if (existing !== undefined && !existing.isFile()) throw new Refusal(400, `${shown} is not a regular file.`)
    await mkdir(path.dirname(file), { recursive: true, mode: 0o755 })
    const handle = await open(temporary, "wx", 0o644)
    try {
      await handle.writeFile(content)
    } finally {
      await handle.close()
    }
    // Not through open's mode: the umask would take bits away.
    if (existing !== undefined) await chmod(temporary, existing.mode & 0o7777)
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw refuseFileError(error, shown)
  }
}
