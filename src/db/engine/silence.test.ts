import { SqlClient } from "@effect/sql"
import { Effect, Exit, Layer, ManagedRuntime } from "effect"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { useSilentNetwork } from "../../../test/support/silent-network.ts"
import { readSettings, Settings } from "../../settings.ts"
import { Database } from "./client.ts"
import { migrate } from "./migrator.ts"
import { troubleIn } from "./sql-errors.ts"
import { inTransaction } from "./transaction.ts"

/** Connections that a network has forgotten: whatever is sent, nothing comes back, and no error either. */

const database = useTestDatabase({ empty: true })
const network = useSilentNetwork(() => database.url)

const layer = Layer.unwrapEffect(
  Effect.map(
    Effect.suspend(() => readSettings({ TROUPE_DATABASE_URL: network.url, TROUPE_STATEMENT_MS: "200" })),
    (settings) => Layer.provideMerge(Database.layer, Settings.layer(settings)),
  ),
)
let runtime: ManagedRuntime.ManagedRuntime<Layer.Layer.Success<typeof layer>, unknown>

beforeAll(async () => {
  runtime = ManagedRuntime.make(layer)
  await query((sql) => sql`create table notes (text text)`)
})
afterAll(() => runtime.dispose())

const query = <A, E>(make: (sql: SqlClient.SqlClient) => Effect.Effect<A, E>) =>
  runtime.runPromise(Effect.flatMap(SqlClient.SqlClient, make))

const one = (sql: SqlClient.SqlClient) => sql`select 1 as one`

/** Several connections, none of them in use. */
const openIdle = async () => {
  await query((sql) =>
    Effect.all(
      Array.from({ length: 4 }, () => sql`select pg_sleep(0.05)`),
      { concurrency: 4 },
    ),
  )
  return runtime.runPromise(Effect.map(Database, ({ pool }) => pool.totalCount))
}

const silence = Effect.sync(() => void network.silence())

const isAway = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && troubleIn(exit.cause) !== undefined

it("a statement without an answer fails, and none after it meets a connection of that time", async () => {
  const open = await openIdle()
  expect(open).toBeGreaterThan(1)
  expect(network.silence()).toBe(open)
  expect(isAway(await query((sql) => Effect.exit(one(sql))))).toBe(true)
  expect(await query((sql) => Effect.all([one(sql), one(sql)], { concurrency: 2 }))).toEqual([
    [{ one: 1 }],
    [{ one: 1 }],
  ])
  expect(await runtime.runPromise(Effect.map(Database, ({ pool }) => pool.totalCount))).toBeLessThan(open)
})

it("a transaction that falls silent fails, whether at a statement or at its end", async () => {
  const note = (sql: SqlClient.SqlClient, text: string) => sql`insert into notes values (${text})`
  const atBegin = query((sql) => Effect.exit(Effect.zipRight(silence, inTransaction(sql, note(sql, "begin")))))
  expect(isAway(await atBegin)).toBe(true)
  const atStatement = query((sql) =>
    Effect.exit(
      inTransaction(sql, note(sql, "first").pipe(Effect.zipRight(silence), Effect.zipRight(note(sql, "next")))),
    ),
  )
  expect(isAway(await atStatement)).toBe(true)
  const atCommit = query((sql) => Effect.exit(inTransaction(sql, Effect.zipRight(note(sql, "commit"), silence))))
  expect(isAway(await atCommit)).toBe(true)
  const atRollback = query((sql) =>
    Effect.exit(
      inTransaction(sql, note(sql, "rollback").pipe(Effect.zipRight(silence), Effect.zipRight(Effect.fail("no")))),
    ),
  )
  expect(isAway(await atRollback)).toBe(true)
  expect(await query(one)).toEqual([{ one: 1 }])
  expect(await query((sql) => sql`select text from notes`)).toEqual([])
})

it("a migration takes the time it needs", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "troupe-migrations-"))
  await writeFile(path.join(folder, "0001_slow.sql"), "select pg_sleep(2.6)")
  expect(await runtime.runPromise(migrate(folder))).toEqual(["0001_slow"])
  await rm(folder, { recursive: true, force: true })
})

it("the server frees the locks of a transaction that it hears nothing of", async () => {
  expect(await query((sql) => sql`show idle_in_transaction_session_timeout`)).toEqual([
    { idle_in_transaction_session_timeout: "5min" },
  ])
})
