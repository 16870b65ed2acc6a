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

/** PostgreSQL's classes and codes of: no connection, too many of them, shutting down or starting, given up after its time. */
const AWAY_CODES = /^(?:08|53300$|57014$|57P0[123]$)/

/** What `pg`, and `@effect/sql-pg` above it, say of their connections. */
const AWAY_WORDS =
  /^(?:Failed to acquire connection|Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/

/** True for a failure that says that the database could not be asked, and not that the question was wrong. */
export const isDatabaseAway = (error: unknown): boolean => {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const code = "code" in at && typeof at.code === "string" ? at.code : ""
    if (SOCKET_CODES.has(code) || AWAY_CODES.test(code) || AWAY_WORDS.test(at.message)) return true
  }
  return false
}
