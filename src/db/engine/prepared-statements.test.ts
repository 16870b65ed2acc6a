import { SqlClient } from "@effect/sql"
import { Effect, Layer, Logger, ManagedRuntime } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { useTransactionPooler } from "../../../test/support/transaction-pooler.ts"
import { readSettings, Settings } from "../../settings.ts"
import { Database } from "./client.ts"
import { PreparedStatements } from "./prepared-statements.ts"
import { inTransaction } from "./transaction.ts"

const database = useTestDatabase({ empty: true, environment: { TROUPE_DATABASE_POOL_SIZE: "2" } })

const query = <A, E>(make: (sql: SqlClient.SqlClient) => Effect.Effect<A, E>) =>
  database.run(Effect.flatMap(SqlClient.SqlClient, make))

/** All on one connection, as long as nothing is asked at the same time. */
const preparedNames = (sql: SqlClient.SqlClient, like: string) =>
  Effect.map(
    sql.unsafe<{ name: string }>(`select name from pg_prepared_statements where statement like '%${like}%'`),
    (rows) => rows.map(({ name }) => name),
  )

describe("a name", () => {
  it("is given to a text that is seen a second time, and is the same for each process", () => {
    const [one, other] = [new PreparedStatements(true, () => undefined), new PreparedStatements(true, () => undefined)]
    expect(one.nameOf("select $1")).toBeUndefined()
    const name = one.nameOf("select $1")
    expect(name).toMatch(/^troupe_[\da-f]{24}$/)
    expect(one.nameOf("select $1")).toBe(name)
    other.nameOf("select $1")
    expect(other.nameOf("select $1")).toBe(name)
  })

  it("is not given to more texts than a server can well remember", () => {
    const statements = new PreparedStatements(true, () => undefined)
    const names = new Set<string | undefined>()
    for (let count = 0; count < 5000; count++) {
      statements.nameOf(`select ${count}`)
      names.add(statements.nameOf(`select ${count}`))
    }
    expect(names.size).toBe(151)
    expect(names).toContain(undefined)
  })

  it("is given to none where statements are not to be prepared", () => {
    const statements = new PreparedStatements(false, () => undefined)
    expect([1, 2, 3].map(() => statements.nameOf("select $1"))).toEqual([undefined, undefined, undefined])
  })
})

describe("a statement that was prepared", () => {
  const ask = (sql: SqlClient.SqlClient) => sql`select ${"asked"}::text as word, 'reused' as kind`

  it("is prepared once", async () => {
    for (let count = 0; count < 4; count++) await query(ask)
    expect(await query((sql) => preparedNames(sql, "reused"))).toHaveLength(1)
  })

  it("is prepared again when the connection has lost it", async () => {
    await query((sql) => sql.unsafe("deallocate all"))
    expect(await query(ask)).toEqual([{ word: "asked", kind: "reused" }])
    expect(await query(ask)).toEqual([{ word: "asked", kind: "reused" }])
    expect(await query((sql) => preparedNames(sql, "reused"))).toHaveLength(1)
  })

  it("is prepared again within a transaction that the loss has spoiled", async () => {
    const [before] = await query((sql) => preparedNames(sql, "reused"))
    const rows = await query((sql) =>
      inTransaction(
        sql,
        Effect.gen(function* () {
          const [still] = yield* preparedNames(sql, "reused")
          // Only the first time: the transaction is run again.
          if (still === before) yield* sql.unsafe("deallocate all")
          return yield* ask(sql)
        }),
      ),
    )
    expect(rows).toEqual([{ word: "asked", kind: "reused" }])
  })

  it("is prepared again when its columns have changed", async () => {
    const all = (sql: SqlClient.SqlClient) => sql`select * from changing where word <> ${"none"}`
    await query((sql) => sql.unsafe("create table changing (word text)"))
    await query((sql) => sql`insert into changing values (${"one"})`)
    for (let count = 0; count < 3; count++) await query(all)
    await query((sql) => sql.unsafe("alter table changing add column number int default 7"))
    expect(await query(all)).toEqual([{ word: "one", number: 7 }])
    expect(await query(all)).toEqual([{ word: "one", number: 7 }])
  })

  it("keeps the failure of a statement that fails for what it says", async () => {
    const divide = (by: number) => query((sql) => Effect.flip(sql`select 1 / ${by}::int as part`))
    for (let count = 0; count < 3; count++)
      expect(await divide(0)).toMatchObject({ cause: { code: "22012", message: "division by zero" } })
  })
})

describe("behind a pooler that gives each transaction another connection", () => {
  const pooler = useTransactionPooler(() => database.url, 3)
  const told: Array<string> = []
  const runtimeFor = (environment: Readonly<Record<string, string>>) =>
    ManagedRuntime.make(
      Layer.unwrapEffect(
        Effect.map(
          Effect.suspend(() => readSettings({ TROUPE_DATABASE_URL: pooler.url, ...environment })),
          (settings) => Layer.provideMerge(Database.layer, Settings.layer(settings)),
        ),
      ).pipe(
        Layer.provideMerge(
          Logger.replace(
            Logger.defaultLogger,
            Logger.make(({ message }) => void told.push(String(message))),
          ),
        ),
      ),
    )

  const askOften = async (runtime: ReturnType<typeof runtimeFor>) => {
    const words: Array<unknown> = []
    for (let count = 0; count < 12; count++) {
      const rows = await runtime.runPromise(
        Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select ${`word ${count}`}::text as word`),
      )
      words.push(rows[0]?.["word"])
    }
    return words
  }
  const all = Array.from({ length: 12 }, (_, count) => `word ${count}`)

  let runtime: ReturnType<typeof runtimeFor>
  beforeAll(() => void (runtime = runtimeFor({ TROUPE_DATABASE_POOL_SIZE: "2" })))
  afterAll(() => runtime.dispose())

  it("every statement is answered, and none is prepared any more once that is known not to hold", async () => {
    expect(await askOften(runtime)).toEqual(all)
    expect(told).toEqual([expect.stringContaining("Set TROUPE_DATABASE_PREPARED_STATEMENTS=off.")])
  })

  it("nothing is prepared where the setting says so", async () => {
    told.length = 0
    const off = runtimeFor({ TROUPE_DATABASE_POOL_SIZE: "2", TROUPE_DATABASE_PREPARED_STATEMENTS: "off" })
    expect(await askOften(off)).toEqual(all)
    expect(told).toEqual([])
    await off.dispose()
  })
})
