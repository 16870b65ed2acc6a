import type { ChatError } from "../../contract/chat-error.ts"
import type { DatabaseTrouble } from "../../db/engine/sql-errors.ts"
import { unexpectedProblem, waitedTooLong } from "../../turn/turn-errors.ts"

/**
 * How often an effect that fails for a reason of ours is begun again, ever later: a few times, and while the database is the
 * reason for as long as a turn may wait.
 */
const RESTARTS = 6
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 16_000
/** A database that is back is to be noticed soon, however long it was away. */
const LONGEST_PAUSE_IN_TROUBLE_MS = 2000

export class EffectRestarts {
  readonly #turnLimitMs: number
  #failures = 0
  #since = 0

  constructor(turnLimitMs: number) {
    this.#turnLimitMs = turnLimitMs
  }

  /** The effect has failed. With an `error` it is not begun again, and the turn ends. */
  failed(trouble: DatabaseTrouble | undefined): {
    readonly failures: number
    readonly delayMs: number
    readonly error: ChatError | undefined
  } {
    if (this.#failures === 0) this.#since = performance.now()
    this.#failures += 1
    const longest = trouble === undefined ? LONGEST_PAUSE_MS : LONGEST_PAUSE_IN_TROUBLE_MS
    const delayMs = Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - 1), longest)
    return { failures: this.#failures, delayMs, error: this.#end(trouble) }
  }

  /** The chat has got on. */
  forget(): void {
    this.#failures = 0
  }

  #end(trouble: DatabaseTrouble | undefined): ChatError | undefined {
    if (trouble === undefined) return this.#failures > RESTARTS ? unexpectedProblem : undefined
    return performance.now() - this.#since > this.#turnLimitMs ? waitedTooLong(trouble) : undefined
  }
}
