import type { SqlError } from "@effect/sql/SqlError"
import { Cause } from "effect"

/** What a failure of the database says: that it was asked and said no, or that it could not do its work just now. */

/** True when a statement was refused by the unique index or constraint of this name. */
export const isUniqueViolation = (error: SqlError, constraint: string): boolean => {
  const { cause } = error
  return (
    typeof cause === "object" &&
    cause !== null &&
    "code" in cause &&
    cause.code === "23505" &&
    "constraint" in cause &&
    cause.constraint === constraint
  )
}

/** Of Node's sockets: nobody listens, so nothing was sent. */
const UNHEARD_CODES = new Set(["ECONNREFUSED", "ENOENT", "EHOSTUNREACH"])

/** Of Node's sockets: the connection broke. */
const BROKEN_CODES = new Set(["ECONNRESET", "EPIPE", "ETIMEDOUT"])

/** What `pg`, and `@effect/sql-pg` above it, say when they have no connection, so that nothing was sent. */
const UNHEARD_WORDS =
  /^(?:Failed to acquire connection|timeout exceeded when trying to connect|Cannot use a pool after calling end|Client was closed and is not queryable)/

/** What they say when one broke. */
const BROKEN_WORDS = /^(?:Connection terminated|Client has encountered a connection error)/

/** PostgreSQL's of: no connection, and of a server that ends under its statements. What became of those is not known. */
const BROKEN_STATES = /^(?:08|57P0[12]$)/

/**
 * PostgreSQL's of a statement that was rolled back for want of strength, and not for what it says: too many connections, no
 * memory, starting, given up after its time or in favour of another transaction, a lock not to be had, a replica that only
 * reads, an error of the disk other than that it is full.
 */
const WEAK_STATES = /^(?:53|25P03$|25006$|40|55P03$|57014$|57P03$|58030$)/

const FULL_CODES = new Set(["53100", "ENOSPC", "EDQUOT"])

/** Of a transaction that was rolled back for the sake of another one. */
const CONFLICT_CODES = /^(?:40001|40P01)$/

/** Refusals of an asked database: five characters, as the SQL standard has them. */
const SQL_STATE = /^[0-9A-Z]{5}$/

/** The error and what caused it, as far as that goes. */
const chainOf = (error: unknown): ReadonlyArray<Error> => {
  const chain: Array<Error> = []
  for (let at = error; at instanceof Error && chain.length < 5; at = at.cause) chain.push(at)
  return chain
}

const codeOf = (error: Error): string => ("code" in error && typeof error.code === "string" ? error.code : "")

/** The database could not do its work for a reason that passes. */
export interface DatabaseTrouble {
  readonly kind: "disk_full" | "overloaded" | "away"
  /** False: the statement was on its way when the connection broke, and only the rows tell whether it was carried out. */
  readonly untouched: boolean
}

const troubleOfOne = (error: Error): DatabaseTrouble | undefined => {
  const code = codeOf(error)
  if (FULL_CODES.has(code)) return { kind: "disk_full", untouched: true }
  if (UNHEARD_CODES.has(code) || UNHEARD_WORDS.test(error.message)) return { kind: "away", untouched: true }
  if (BROKEN_CODES.has(code) || BROKEN_WORDS.test(error.message)) return { kind: "away", untouched: false }
  if (!SQL_STATE.test(code)) return undefined
  if (BROKEN_STATES.test(code)) return { kind: "away", untouched: false }
  return WEAK_STATES.test(code) ? { kind: "overloaded", untouched: true } : undefined
}

/** Why the same statement may succeed later; undefined when it was refused for what it says, or the failure is not the database's. */
export const troubleOf = (error: unknown): DatabaseTrouble | undefined => {
  for (const at of chainOf(error)) {
    const trouble = troubleOfOne(at)
    if (trouble !== undefined) return trouble
  }
  return undefined
}

/** The same of whatever an effect ended with. */
export const troubleIn = (cause: Cause.Cause<unknown>): DatabaseTrouble | undefined =>
  [...Cause.failures(cause), ...Cause.defects(cause)].map(troubleOf).find((trouble) => trouble !== undefined)

const SENTENCES: Record<DatabaseTrouble["kind"], string> = {
  disk_full: "The server's disk is full.",
  overloaded: "The database is too busy just now.",
  away: "The database cannot be reached just now.",
}

/** In words for people, without what they might do about it. */
export const sentenceOf = ({ kind }: DatabaseTrouble): string => SENTENCES[kind]

/** How long a client should leave the server alone: a disk is not made free within a second. */
export const retryAfterSecondsOf = ({ kind }: DatabaseTrouble): number => (kind === "disk_full" ? 10 : 1)

/** PostgreSQL's of a prepared statement that the connection does not have, or has already: behind a pooler it may be another one. */
const LOST_STATES = /^(?:26000|42P05)$/

/** What it says when the tables have changed since one was prepared, with the SQLSTATE of every unsupported feature. */
const STALE_WORDS = /cached plan must not change result type/

/** True when the connection does not have the prepared statements that it was given. */
export const isLostPlan = (error: unknown): boolean => chainOf(error).some((at) => LOST_STATES.test(codeOf(at)))

/** True when a statement failed only for having been prepared: nothing of it was carried out, and it may be prepared again. */
export const isStalePlan = (error: unknown): boolean =>
  isLostPlan(error) || chainOf(error).some((at) => codeOf(at) === "0A000" && STALE_WORDS.test(at.message))

/** True for a deadlock and the like: nothing is written, and the same transaction may succeed the next time. */
export const isConflict = (error: unknown): boolean =>
  chainOf(error).some((at) => CONFLICT_CODES.test(codeOf(at))) || isStalePlan(error)

/**
 * True when the database was asked and said no for good: for a value that it cannot take, a constraint, a limit. The same
 * statement is refused again.
 */
export const isRefused = (error: unknown): boolean =>
  troubleOf(error) === undefined && chainOf(error).some((at) => SQL_STATE.test(codeOf(at)))

/**
 * True when the server has answered a statement with an error and goes on: the transaction is rolled back, and the connection can be
 * used. Not where it ends its connections: what became of the transaction is then not known.
 */
export const isAsked = (error: unknown): boolean =>
  chainOf(error).some((at) => SQL_STATE.test(codeOf(at)) && !BROKEN_STATES.test(codeOf(at)))

/** True where a text has a character that PostgreSQL cannot store: NUL. */
export const isUnstorable = (error: unknown): boolean => chainOf(error).some((at) => codeOf(at) === "22021")

/** Words of the database are cut here: some of them quote the value that it refused. */
const QUOTED_CHARACTERS = 200

/** What the log may know of a failed statement: never `detail`, which holds the row. */
export const factsOf = (error: unknown): Readonly<Record<string, string>> => {
  const chain = chainOf(error)
  const told = chain.findLast((at) => codeOf(at) !== "") ?? chain.at(-1)
  if (told === undefined) return { message: "unknown" }
  const names = ["code", "constraint", "table", "column"] as const
  const fields = names.flatMap((name) => {
    const value: unknown = Object.getOwnPropertyDescriptor(told, name)?.value
    return typeof value === "string" ? [[name, value] as const] : []
  })
  return { ...Object.fromEntries(fields), message: told.message.slice(0, QUOTED_CHARACTERS) }
}
