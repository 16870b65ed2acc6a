import pg from "pg"
import { sends } from "./sent-statements.ts"

/**
 * Loses replies of the database, as a connection does that breaks at that moment: the statement is carried out, and whoever
 * sent it is told that the connection is gone.
 */
interface Loss {
  readonly matches: (text: string, parameters: string) => boolean
  readonly lost: () => void
}

const losses: Array<Loss> = []
const query: (...given: Array<unknown>) => unknown = pg.Client.prototype.query

Object.assign(pg.Client.prototype, {
  query(this: pg.Client, ...given: Array<unknown>): unknown {
    const callback = given.at(-1)
    const found = losses.findIndex(({ matches }) => sends(given, matches))
    if (found === -1 || typeof callback !== "function") return query.apply(this, given)
    const [loss] = losses.splice(found, 1)
    const reply = () => {
      callback(new Error("Connection terminated unexpectedly"))
      loss?.lost()
    }
    return query.apply(this, [...given.slice(0, -1), reply])
  },
})

/** Resolves when the reply of the next statement for which this holds has been lost. */
export const loseReply = (matches: Loss["matches"]): Promise<void> =>
  new Promise((lost) => void losses.push({ matches, lost }))

/** The reply to the next commit of this event, of any chat. */
export const loseCommit = (event: string): Promise<void> =>
  loseReply((text, parameters) => text.includes("with fence as") && parameters.includes(`"${event}"`))
