import pg from "pg"
import { sends } from "./sent-statements.ts"

/**
 * Refuses statements as a database does that has no room, no strength, or no liking for what they say: they are not carried out,
 * and whoever sent one reads the SQLSTATE. Last until they are lifted.
 */
interface Refusal {
  readonly matches: (text: string, parameters: string) => boolean
  readonly code: string
  count: number
}

const refusals = new Set<Refusal>()
const query: (...given: Array<unknown>) => unknown = pg.Client.prototype.query

Object.assign(pg.Client.prototype, {
  query(this: pg.Client, ...given: Array<unknown>): unknown {
    const callback = given.at(-1)
    if (refusals.size > 0 && typeof callback === "function") {
      for (const refusal of refusals) {
        if (!sends(given, refusal.matches)) continue
        refusal.count += 1
        const error = Object.assign(new Error(`refused with ${refusal.code}`), { code: refusal.code })
        setImmediate(() => callback(error))
        return undefined
      }
    }
    return query.apply(this, given)
  },
})

export interface RefusedWrites {
  /** Statements refused by now. */
  readonly count: () => number
  readonly lift: () => void
}

export const refuseWrites = (code: string, matches: Refusal["matches"]): RefusedWrites => {
  const refusal: Refusal = { matches, code, count: 0 }
  refusals.add(refusal)
  return { count: () => refusal.count, lift: () => void refusals.delete(refusal) }
}

/** The commits of one chat that are one of these events; of all events where none is given. */
export const commitsOf = (chatId: string, ...events: ReadonlyArray<string>): Refusal["matches"] => {
  const names = events.map((event) => `"${event}"`)
  return (text, parameters) =>
    text.includes("with fence as") &&
    parameters.includes(chatId) &&
    (names.length === 0 || names.some((name) => parameters.includes(name)))
}
