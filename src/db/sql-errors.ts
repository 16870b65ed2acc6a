import type { SqlError } from "@effect/sql/SqlError"

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

/** Of Node's sockets: nobody listens, or the connection broke. */
const SOCKET_CODES = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH"])

/**
 * PostgreSQL's classes and codes of: no connection, too many of them, shutting down or starting, given up after its time or in
 * favour of another transaction.
 */
const AWAY_CODES = /^(?:08|25P03$|40001$|40P01$|53300$|57014$|57P0[123]$)/

/** Of a transaction that was rolled back for the sake of another one. */
const CONFLICT_CODES = /^(?:40001|40P01)$/

/** What `pg`, and `@effect/sql-pg` above it, say of their connections. */
const AWAY_WORDS =
  /^(?:Failed to acquire connection|Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/

/** The error and what caused it, as far as that goes. */
const chainOf = (error: unknown): ReadonlyArray<Error> => {
  const chain: Array<Error> = []
  for (let at = error; at instanceof Error && chain.length < 5; at = at.cause) chain.push(at)
  return chain
}

const codeOf = (error: Error): string => ("code" in error && typeof error.code === "string" ? error.code : "")

/** True for a failure that says that the database could not be asked, and not that the question was wrong. */
export const isDatabaseAway = (error: unknown): boolean =>
  chainOf(error).some((at) => {
    const code = codeOf(at)
    return SOCKET_CODES.has(code) || AWAY_CODES.test(code) || AWAY_WORDS.test(at.message)
  })

/** True for a deadlock and the like: nothing is written, and the same transaction may succeed the next time. */
export const isConflict = (error: unknown): boolean => chainOf(error).some((at) => CONFLICT_CODES.test(codeOf(at)))

/** True where a text has a character that PostgreSQL cannot store: NUL. */
export const isUnstorable = (error: unknown): boolean => chainOf(error).some((at) => codeOf(at) === "22021")
