import { lstat, readlink, realpath } from "node:fs/promises"
import path from "node:path"
import { Refusal, refuseFileError, systemCode } from "./refusal.ts"

const MAX_LINKS = 40

/** The real path of something that may not exist yet: the existing part is resolved, a dangling link to where it points. */
const realPathOfPossible = async (candidate: string, links = 0): Promise<string> => {
  try {
    return await realpath(candidate)
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error
  }
  const parent = path.dirname(candidate)
  if (parent === candidate) return candidate
  const place = path.join(await realPathOfPossible(parent, links), path.basename(candidate))
  const target = await readlink(place).catch(() => undefined)
  if (target === undefined) return place
  if (links >= MAX_LINKS) throw new Refusal(400, "The symbolic links of the path go round in a circle.")
  return realPathOfPossible(path.resolve(path.dirname(place), target), links + 1)
}

/** Paths of one workspace. Whatever the caller writes, what comes out lies inside the folder, symbolic links resolved. */
export class WorkspacePaths {
  /** The folder, symbolic links resolved. */
  readonly root: string

  private constructor(root: string) {
    this.root = root
  }

  static async of(directory: string): Promise<WorkspacePaths> {
    return new WorkspacePaths(await realpath(directory))
  }

  /** Absolute, `~/...`, or relative to the folder. What it names need not exist. */
  async resolve(given: string): Promise<string> {
    if (given === "") throw new Refusal(400, "The path is empty.")
    if (given.includes("\0")) throw new Refusal(400, "The path contains a NUL character.")
    const expanded = given === "~" ? "." : given.startsWith("~/") ? given.slice(2) : given
    const real = await realPathOfPossible(path.resolve(this.root, expanded)).catch((error: unknown) => {
      throw refuseFileError(error, given)
    })
    if (real !== this.root && !real.startsWith(this.root + path.sep)) {
      throw new Refusal(403, `${given} is outside the workspace. Paths must lie inside ${this.root}.`)
    }
    return real
  }

  /** Like `resolve`, of an existing regular file. */
  async resolveFile(given: string): Promise<string> {
    const real = await this.resolve(given)
    const found = await lstat(real).catch((error: unknown) => {
      throw refuseFileError(error, given)
    })
    if (found.isDirectory()) throw new Refusal(400, `${given} is a folder, not a file.`)
    if (!found.isFile()) throw new Refusal(400, `${given} is not a regular file.`)
    return real
  }
}
