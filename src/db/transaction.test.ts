import { SqlClient } from "@effect/sql"
import { Effect, Exit } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { useTestDatabase } from "../../test/support/postgres.ts"
import { afterCommit, afterTransaction, inTransaction } from "./transaction.ts"

const database = useTestDatabase({ empty: true })

beforeAll(() => database.run(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`create table notes (text text)`)))

/** Runs `make` and gives its exit with what the effects it put off have seen: what is committed by then. */
const run = <A, E>(
  make: (sql: SqlClient.SqlClient, look: Effect.Effect<void>, seen: () => number) => Effect.Effect<A, E>,
) =>
  database.run(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`truncate notes`
      const seen: Array<unknown> = []
      const look = sql`select text from notes order by text`.pipe(
        Effect.map((rows) => void seen.push(rows.map(({ text }) => text))),
        Effect.orDie,
      )
      const exit = yield* Effect.exit(make(sql, afterTransaction(look), () => seen.length))
      return { exit, seen }
    }),
  )

const note = (sql: SqlClient.SqlClient, text: string) => sql`insert into notes values (${text})`

describe("afterTransaction", () => {
  it("waits for the commit of the outermost transaction", async () => {
    const { exit, seen } = await run((sql, look, seen) => {
      const inner = inTransaction(sql, Effect.zipRight(note(sql, "inner"), look))
      return inTransaction(
        sql,
        inner.pipe(Effect.zipRight(note(sql, "outer")), Effect.zipRight(Effect.sync(() => seen()))),
      )
    })
    expect(exit).toEqual(Exit.succeed(0))
    expect(seen).toEqual([["inner", "outer"]])
  })

  it("comes after a roll-back too, and keeps the failure", async () => {
    const { exit, seen } = await run((sql, look) =>
      inTransaction(sql, note(sql, "lost").pipe(Effect.zipRight(look), Effect.zipRight(Effect.fail("refused")))),
    )
    expect(exit).toEqual(Exit.fail("refused"))
    expect(seen).toEqual([[]])
  })

  it("does not come after a roll-back where it tells of what was written", async () => {
    const told: Array<string> = []
    const tell = (what: string) => afterCommit(Effect.sync(() => void told.push(what)))
    await run((sql) => inTransaction(sql, tell("lost").pipe(Effect.zipRight(Effect.fail("refused")))))
    await run((sql) => inTransaction(sql, tell("kept")))
    expect(told).toEqual(["kept"])
  })

  it("is at once outside of a transaction", async () => {
    const { exit, seen } = await run((sql, look, seen) =>
      look.pipe(Effect.zipRight(Effect.sync(() => seen())), Effect.zipLeft(note(sql, "later"))),
    )
    expect(exit).toEqual(Exit.succeed(1))
    expect(seen).toEqual([[]])
  })
})
