import pg from "pg"
import { sends } from "./sent-statements.ts"

/** Holds replies of the database, as a slow network does: the statement is carried out, and whoever sent it waits. */
interface Hold {
  readonly matches: (text: string, parameters: string) => boolean
  readonly hold: (reply: () => void) => void
}

export interface HeldReply {
  /** Resolves when the database has answered. */
  readonly reached: Promise<void>
  readonly release: () => void
}

const holds: Array<Hold> = []
const query: (...given: Array<unknown>) => unknown = pg.Client.prototype.query

Object.assign(pg.Client.prototype, {
  query(this: pg.Client, ...given: Array<unknown>): unknown {
    const callback = given.at(-1)
    const found = holds.findIndex(({ matches }) => sends(given, matches))
    if (found === -1 || typeof callback !== "function") return query.apply(this, given)
    const [held] = holds.splice(found, 1)
    return query.apply(this, [
      ...given.slice(0, -1),
      (...reply: Array<unknown>) => held?.hold(() => callback(...reply)),
    ])
  },
})

/** The reply to the next statement for which this holds. */
export const holdReply = (matches: Hold["matches"]): HeldReply => {
  let reached: () => void = () => undefined
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => void (open = resolve))
  const hold = (reply: () => void) => {
    reached()
    void opened.then(reply)
  }
  return {
    reached: new Promise((resolve) => {
      reached = resolve
      holds.push({ matches, hold })
    }),
    release: open,
  }
}
