import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { expect, it } from "vitest"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { sealedColumns } from "./sealed-columns.ts"

/** Columns whose names speak of secrets, and that are none of those that are encrypted. A new one needs its line here, or in SEALED. */
const OTHERS: Readonly<Record<string, string>> = {
  "users.password_hash": "argon2id",
  "api_keys.hashed_secret": "SHA-256 of 192 random bits",
  "api_keys.token_name": "what somebody called it",
  "audit_log.token_id": "the public half",
  "known_keys.key_id": "tells keys apart",
  "command_receipts.key": "chosen by the client to tell its requests apart",
  "site_configs.key": "the name of a setting",
  "providers.central_api_key_enabled": "a switch",
  "providers.allow_user_api_key": "a switch",
  "providers.allow_central_api_key_fallback": "a switch",
}

const SUSPECT = /secret|passw|token|key|credential|private|oauth|refresh|cookie/i
/** Counts of tokens of a model, and the like. */
const NUMBERS = ["integer", "bigint", "numeric", "smallint", "timestamp with time zone"]

const database = useTestDatabase()

it("covers every column of the database that may hold a secret", async () => {
  const columns = await database.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql<{ name: string; type: string }>`
        select table_name || '.' || column_name as name, data_type as type from information_schema.columns
        where table_schema = 'public' order by 1`,
    ),
  )
  const sealed = sealedColumns.map(([, { table, column }]) => `${table}.${column}`)
  const suspects = columns.filter(({ name, type }) => SUSPECT.test(name.split(".")[1] ?? "") && !NUMBERS.includes(type))
  expect(suspects.map(({ name }) => name).toSorted()).toEqual([...sealed, ...Object.keys(OTHERS)].toSorted())
})

it("names columns that are there, with the key and the condition that a rotation goes by", async () => {
  for (const [name, { table, column, live }] of sealedColumns) {
    expect(name).toBe(`${table}:${column}`)
    await database.run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`select id::uuid, ${sql(column)} from ${sql(table)} where ${sql.literal(live)} limit 0`,
      ),
    )
  }
})
