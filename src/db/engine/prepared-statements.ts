import { createHash } from "node:crypto"
import type pg from "pg"
import { isLostPlan, isStalePlan } from "./sql-errors.ts"

/** Each costs every connection memory on the server, so only so many texts are prepared. */
const MOST_NAMES = 150

/** A server forgets none by itself. When it has so often, something gives us other connections than we think we have. */
const MOST_LOST = 3

/** Texts that were seen once and may be seen again; a list as long as that is begun anew. */
const MOST_SEEN = 2000

/**
 * Which statements are prepared: parsed and planned once per connection instead of each time, which is the largest part of what a
 * small statement costs. One counts as worth it when it is sent a second time. The names are made of the text, since behind a
 * pooler the connections of several processes are one.
 */
export class PreparedStatements {
  #on: boolean
  readonly #onGivenUp: () => void
  readonly #names = new Map<string, string>()
  readonly #seen = new Set<string>()
  #lost = 0

  /** @param onGivenUp told once, when something between us and the database does not let statements be prepared */
  constructor(on: boolean, onGivenUp: () => void) {
    this.#on = on
    this.#onGivenUp = onGivenUp
  }

  nameOf(text: string): string | undefined {
    if (!this.#on) return undefined
    const known = this.#names.get(text)
    if (known !== undefined || this.#names.size >= MOST_NAMES) return known
    if (!this.#seen.delete(text)) {
      if (this.#seen.size >= MOST_SEEN) this.#seen.clear()
      this.#seen.add(text)
      return undefined
    }
    const name = `troupe_${createHash("sha256").update(text).digest("hex").slice(0, 24)}`
    this.#names.set(text, name)
    return name
  }

  /** A connection does not have what was prepared on it. After some of that nothing is prepared any more. */
  lost(): void {
    this.#lost += 1
    if (!this.#on || this.#lost < MOST_LOST) return
    this.#on = false
    this.#onGivenUp()
  }
}

/** The names on one connection. After a statement was lost on it they are other ones, so that each is prepared again. */
export class ConnectionStatements {
  readonly #all: PreparedStatements
  readonly #client: pg.Client
  #losses = 0

  constructor(all: PreparedStatements, client: pg.Client) {
    this.#all = all
    this.#client = client
  }

  readonly nameOf = (text: string): string | undefined => {
    const name = this.#all.nameOf(text)
    return name === undefined || this.#losses === 0 ? name : `${name}_${this.#losses}`
  }

  /**
   * To be told of each failure.
   *
   * @param tries of this statement, the first included
   * @returns whether it may be sent again: nothing of it was carried out, and no transaction around it was spoiled
   */
  mayRepeat(error: unknown, tries: number): boolean {
    if (!isStalePlan(error)) return false
    this.#losses += 1
    if (isLostPlan(error)) this.#all.lost()
    return tries <= MOST_LOST && this.#client.getTransactionStatus() === "I"
  }
}
