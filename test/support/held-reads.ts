import pg from "pg"
import { sends } from "./sent-statements.ts"

/**
 * Keeps statements on their way to the database back until they are let go, as a slow network does. They are carried out then, and
 * see what was committed meanwhile.
 */
export interface HeldReads {
  /** Statements that were sent since, held or not. */
  readonly count: () => number
  readonly letGo: () => void
}

interface Hold {
  readonly matches: (text: string) => boolean
  count: number
  waiting: Array<() => void> | undefined
}

const holds = new Set<Hold>()
const query: (...given: Array<unknown>) => unknown = pg.Client.prototype.query

Object.assign(pg.Client.prototype, {
  query(this: pg.Client, ...given: Array<unknown>): unknown {
    for (const hold of holds) {
      if (typeof given.at(-1) !== "function" || !sends(given, hold.matches)) continue
      hold.count += 1
      if (hold.waiting === undefined) continue
      hold.waiting.push(() => void query.apply(this, given))
      return undefined
    }
    return query.apply(this, given)
  },
})

/** @param held false to count them only */
export const holdReads = (matches: Hold["matches"], held = true): HeldReads => {
  const hold: Hold = { matches, count: 0, waiting: held ? [] : undefined }
  holds.add(hold)
  return {
    count: () => hold.count,
    letGo: () => {
      const waiting = hold.waiting ?? []
      hold.waiting = undefined
      for (const send of waiting) send()
    },
  }
}
