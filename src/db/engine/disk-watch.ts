import { statfsSync } from "node:fs"
import { troubleOf } from "./sql-errors.ts"

/** With less than this left, the next segment of the database's log cannot be written. */
const LEAST_FREE_BYTES = 1024 * 1024

/** A refusal is no news any more after this, where nothing has been written since. */
const REMEMBERED_MS = 60_000

/** Statements that need new space. A row that is only changed often finds some in its page. */
const NEEDS_SPACE = /^\s*(?:insert|with fence)\b/i

/**
 * Knows whether the disk is full: from what the database refuses and what it writes, and, where the database is in a folder of
 * ours, from the file system.
 */
export class DiskWatch {
  readonly #folder: string | undefined
  readonly #onFull: () => void
  #refusedAt: number | undefined

  /** @param folder of the embedded database; undefined where the disk is another machine's. `onFull` is called once for each time. */
  constructor(folder: string | undefined, onFull: () => void) {
    this.#folder = folder
    this.#onFull = onFull
  }

  /** The end of a statement. On the path of each: it looks closer only where there is something to see. */
  note(error: unknown, statement: () => string): void {
    if (error) {
      if (troubleOf(error)?.kind !== "disk_full") return
      if (this.#refusedAt === undefined) this.#onFull()
      this.#refusedAt = performance.now()
    } else if (this.#refusedAt !== undefined && NEEDS_SPACE.test(statement())) {
      this.#refusedAt = undefined
    }
  }

  isFull(): boolean {
    if (this.#refusedAt !== undefined && performance.now() - this.#refusedAt > REMEMBERED_MS)
      this.#refusedAt = undefined
    return this.#refusedAt !== undefined || this.#hasNoRoom()
  }

  #hasNoRoom(): boolean {
    if (this.#folder === undefined) return false
    try {
      const { bavail, bsize } = statfsSync(this.#folder)
      return bavail * bsize < LEAST_FREE_BYTES
    } catch {
      return false
    }
  }
}
