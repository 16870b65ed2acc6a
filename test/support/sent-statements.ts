import { StatementGroup } from "../../src/db/engine/statement-group.ts"

export interface SentStatement {
  readonly text: string
  readonly values: ReadonlyArray<unknown>
}

const isStatement = (given: unknown): given is { readonly text: string; readonly values?: unknown } =>
  typeof given === "object" && given !== null && "text" in given && typeof given.text === "string"

const listOf = (values: unknown): ReadonlyArray<unknown> => (Array.isArray(values) ? values : [])

/** The statements of one call of `query` of a client: one by itself, one that is prepared, or a group of them. */
export const sentStatements = ([statement, values]: ReadonlyArray<unknown>): ReadonlyArray<SentStatement> => {
  if (statement instanceof StatementGroup) return statement.statements
  if (typeof statement === "string") return [{ text: statement, values: listOf(values) }]
  return isStatement(statement) ? [{ text: statement.text, values: listOf(statement.values) }] : []
}

/** Whether one of them is such a one: for supports that do something to it. */
export const sends = (given: ReadonlyArray<unknown>, matches: (text: string, parameters: string) => boolean): boolean =>
  sentStatements(given).some(({ text, values }) => matches(text, JSON.stringify(values)))
