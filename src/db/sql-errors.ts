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
