import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { expect, it } from "vitest"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { SNAPSHOT_COLUMNS, TRANSITION_COLUMNS } from "./journal.ts"
import { RECEIPT_COLUMNS } from "./receipts.ts"
import { TRACE_QUEUED_COLUMNS } from "./traces.ts"
import { CHAT_COLUMNS, MESSAGE_COLUMNS, QUEUED_COLUMNS, TOOL_CALL_COLUMNS } from "./rows.ts"

const database = useTestDatabase()

interface Column {
  readonly name: string
  readonly type: string
}

/** The columns of a table as the database has them: the name of the type, and `?` where there may be no value. */
const columnsOf = async (table: string): Promise<Readonly<Record<string, string>>> => {
  const rows = await database.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql<Column>`
        select column_name as name, udt_name || case is_nullable when 'YES' then '?' else '' end as type
        from information_schema.columns where table_schema = 'public' and table_name = ${table}`,
    ),
  )
  return Object.fromEntries(rows.map(({ name, type }) => [name, type]))
}

it.each([
  ["chat_messages", MESSAGE_COLUMNS],
  ["chat_queued_messages", QUEUED_COLUMNS],
  ["chat_queued_messages", TRACE_QUEUED_COLUMNS],
  ["tool_calls", TOOL_CALL_COLUMNS],
  ["chat_transitions", TRANSITION_COLUMNS],
  ["chat_snapshots", SNAPSHOT_COLUMNS],
  ["command_receipts", RECEIPT_COLUMNS],
])("a row of %s is what the table has", async (table, columns) => {
  expect(await columnsOf(table)).toMatchObject(columns)
})

it("a row of chats, which is read whole, has all that the table has and nothing else", async () => {
  expect(await columnsOf("chats")).toEqual(CHAT_COLUMNS)
})
