import { Effect, Fiber, FiberRef, Option } from "effect"
import pg from "pg"
import type { DiskWatch } from "./disk-watch.ts"
import { ConnectionStatements, type PreparedStatements } from "./prepared-statements.ts"
import { StatementGroup } from "./statement-group.ts"

/** The pool, and what is done for every statement that goes through it. */

/** How much longer than the server's limit of a statement we wait for its answer. */
const answerGraceMs = 2000
/** Far longer than a call waits for others within a transaction. The locks of one that we lost are free after it. */
const idleTransactionMs = 300_000
const closeWithin = "5 seconds"

interface Watching {
  readonly disk: DiskWatch
  readonly prepared: PreparedStatements
  /** How long an answer is waited for; 0 waits for ever. */
  readonly limitMs: number
}

const timeLimited = FiberRef.unsafeMake(true)

/** For transactions that have lifted the server's `statement_timeout`: their statements have all the time they need of us, too. */
export const withoutTimeLimit = Effect.locally(timeLimited, false)

/** Calls made while no fiber runs, such as those of the pool itself, are limited. */
const isTimeLimited = () =>
  Option.match(Fiber.getCurrentFiber(), { onNone: () => true, onSome: (fiber) => fiber.getFiberRef(timeLimited) })

/** To its users the same as a connection that the network has broken: who waits for an answer does not know what was done. */
export const breakOff = (client: pg.PoolClient | pg.Client, reason: string) => {
  if (client instanceof pg.Client) client.connection.stream.destroy(new Error(`Connection terminated: ${reason}`))
}

/** The connections that nobody uses just now. */
const idleConnections = (pool: pg.Pool): ReadonlySet<pg.PoolClient> => {
  const idle = new Set<pg.PoolClient>()
  pool.on("release", (_error, client) => void idle.add(client))
  pool.on("acquire", (client) => void idle.delete(client))
  pool.on("remove", (client) => void idle.delete(client))
  return idle
}

/** What stands before the callback of a call of `query`, with the name under which the connection prepares the statement. */
const named = (nameOf: (text: string) => string | undefined, given: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  const [text, values] = given
  if (text instanceof StatementGroup) text.prepareAs(nameOf)
  // Without values it may be several statements in one, which cannot be prepared.
  if (typeof text !== "string" || !Array.isArray(values) || values.length === 0) return given
  const name = nameOf(text)
  return name === undefined ? given : [{ name, text, values }]
}

const textOf = (statement: unknown): string =>
  statement instanceof StatementGroup ? (statement.statements.at(-1)?.text ?? "") : String(statement)

/**
 * Prepares statements, tells the disk's watch of each answer, and calls `onSilence` when a query has none after the time; 0 waits
 * for ever. The server's `statement_timeout` does nothing for a connection that the network has forgotten; `query_timeout` of `pg`
 * gives the caller an error, and the pool the same connection back.
 */
const watchQueries = (
  client: pg.Client,
  { disk, limitMs, onSilence, prepared }: Watching & { readonly onSilence: () => void },
) => {
  const query = (...given: ReadonlyArray<unknown>): unknown => Reflect.apply(pg.Client.prototype.query, client, given)
  const statements = new ConnectionStatements(prepared, client)
  const watched = (...given: ReadonlyArray<unknown>): unknown => {
    const answered = given.at(-1)
    // All who use the pool give a callback.
    if (typeof answered !== "function") return query(...given)
    const attempt = (tries: number): unknown => {
      const timer = limitMs > 0 && isTimeLimited() ? setTimeout(onSilence, limitMs) : undefined
      return query(...named(statements.nameOf, given.slice(0, -1)), (...answer: ReadonlyArray<unknown>) => {
        clearTimeout(timer)
        const [error] = answer
        disk.note(error, () => textOf(given[0]))
        if (error && statements.mayRepeat(error, tries)) attempt(tries + 1)
        else answered(...answer)
      })
    }
    return attempt(1)
  }
  Object.assign(client, { query: watched })
}

/**
 * A statement that nobody waits for any more comes to its end, or to its time limit. `@effect/sql-pg` would cancel it by the
 * number of its server process, and the signal may come late: it then ends the statement of whoever has the connection next.
 */
const leaveToItsEnd = (client: pg.PoolClient) => void Object.assign(client, { processID: undefined })

/**
 * No statement waits for ever: one that finds a row locked for so long fails, and its caller tries again. A connection on which
 * even that is not heard is given up, and with it those that nobody uses: what made it silent has most likely met all.
 */
export const makePool = (
  connection: pg.ClientConfig,
  {
    disk,
    prepared,
    size,
    statementMs,
  }: Omit<Watching, "limitMs"> & { readonly size: number; readonly statementMs: number },
) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const limits = {
        max: size,
        idleTimeoutMillis: 60_000,
        statement_timeout: statementMs,
        idle_in_transaction_session_timeout: idleTransactionMs,
      }
      const pool = new pg.Pool({ ...connection, ...limits })
      const idle = idleConnections(pool)
      const answerMs = statementMs === 0 ? 0 : statementMs + answerGraceMs
      const giveUp = (client: pg.PoolClient) => {
        breakOff(client, `no answer within ${answerMs} ms`)
        for (const other of idle) breakOff(other, "another one gave no answer")
      }
      // A connection that breaks, idle or in use, is replaced; whoever used it gets the error from his query. Without
      // listeners the events would end the process.
      pool.on("error", () => undefined)
      pool.on("connect", (client) => {
        client.on("error", () => undefined)
        leaveToItsEnd(client)
        if (client instanceof pg.Client)
          watchQueries(client, { disk, prepared, limitMs: answerMs, onSilence: () => giveUp(client) })
      })
      return pool
    }),
    (pool) => Effect.promise(() => pool.end()).pipe(Effect.interruptible, Effect.timeoutOption(closeWithin)),
  )
