import pg from "pg"
import { vi } from "vitest"
import { type SentStatement, sentStatements } from "./sent-statements.ts"

/** What the database does for the statements that are sent. */

export interface Plan {
  readonly "Node Type": string
  readonly "Relation Name"?: string
  readonly "Index Name"?: string
  readonly "Shared Hit Blocks"?: number
  readonly "Shared Read Blocks"?: number
  readonly Plans?: ReadonlyArray<Plan>
}

export interface Explained {
  readonly Plan: Plan
  readonly "Execution Time": number
}

/** Statements in which one of these words stands that are sent while `work` runs, each once. */
export const recordStatements = async (
  work: () => Promise<unknown>,
  words: ReadonlyArray<string>,
): Promise<ReadonlyArray<SentStatement>> => {
  const query = vi.spyOn(pg.Client.prototype, "query")
  await work()
  const calls: ReadonlyArray<ReadonlyArray<unknown>> = query.mock.calls
  query.mockRestore()
  const found = new Map<string, SentStatement>()
  for (const statement of calls.flatMap(sentStatements)) {
    if (words.some((word) => statement.text.includes(word))) found.set(statement.text, statement)
  }
  return [...found.values()]
}

/** How the database would carry a statement out; with `analyze` it does, and says what that took. */
export const explain = async (
  url: string,
  { text, values }: SentStatement,
  options: ReadonlyArray<"analyze" | "buffers"> = [],
): Promise<Explained> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ "QUERY PLAN": ReadonlyArray<Explained> }>(
      `explain (${["format json", ...options].join(", ")}) ${text}`,
      [...values],
    )
    const explained = rows[0]?.["QUERY PLAN"][0]
    if (explained === undefined) throw new Error("The database has explained nothing")
    return explained
  } finally {
    await client.end()
  }
}

export const planNodes = (plan: Plan): ReadonlyArray<Plan> => [plan, ...(plan.Plans ?? []).flatMap(planNodes)]

/** Pages of the database that a statement looked at, found in its cache or not. */
export const buffersOf = ({ Plan: plan }: Explained): number =>
  (plan["Shared Hit Blocks"] ?? 0) + (plan["Shared Read Blocks"] ?? 0)
