import { SqlClient } from "@effect/sql"
import { Cause, Deferred, Effect, Exit } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { isConflict } from "./sql-errors.ts"
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

describe("a transaction that the database rolls back in favour of another", () => {
  /** Two transactions that lock the same two rows, each in its own order; neither goes on before both have their first. */
  const cross = (afterFirst: (name: string) => Effect.Effect<void>) =>
    database.run(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`truncate notes`
        yield* sql`insert into notes values ('left'), ('right')`
        const both = yield* Deferred.make<void>()
        let begun = 0
        const lock = (text: string) => sql`select text from notes where text = ${text} for update`.pipe(Effect.orDie)
        const walk = (name: string, first: string, second: string) =>
          inTransaction(
            sql,
            Effect.gen(function* () {
              yield* lock(first)
              begun += 1
              if (begun === 2) yield* Deferred.succeed(both, undefined)
              yield* Deferred.await(both)
              yield* afterFirst(name)
              yield* lock(second)
              yield* note(sql, name).pipe(Effect.orDie)
            }),
          )
        yield* Effect.all([walk("there", "left", "right"), walk("back", "right", "left")], { concurrency: 2 })
        const rows = yield* sql<{ text: string }>`select text from notes order by text`
        return { begun, texts: rows.map(({ text }) => text) }
      }),
    )

  it("is run again, and what waits for its end comes once", async () => {
    const told: Array<string> = []
    const tell = (what: string) => Effect.sync(() => void told.push(what))
    const { begun, texts } = await cross((name) =>
      Effect.zipRight(afterCommit(tell(`${name} committed`)), afterTransaction(tell(`${name} ended`))),
    )
    expect(begun).toBe(3)
    expect(texts).toEqual(["back", "left", "right", "there"])
    expect(told.toSorted()).toEqual(["back committed", "back ended", "there committed", "there ended"])
  })

  it("is not run again for ever, nor by the transaction within", async () => {
    let runs = 0
    const refuse = Effect.flatMap(SqlClient.SqlClient, (sql) =>
      inTransaction(
        sql,
        inTransaction(
          sql,
          Effect.sync(() => void (runs += 1)).pipe(
            Effect.zipRight(sql`do $$ begin raise exception 'no' using errcode = '40001'; end $$`),
            Effect.orDie,
          ),
        ),
      ),
    )
    const exit = await database.run(Effect.exit(refuse))
    expect(Exit.isFailure(exit) && [...Cause.defects(exit.cause)].some(isConflict)).toBe(true)
    expect(runs).toBe(5)
  })

  it("is not run again for another failure", async () => {
    let runs = 0
    const { exit } = await run((sql) =>
      inTransaction(sql, Effect.sync(() => void (runs += 1)).pipe(Effect.zipRight(Effect.fail("refused")))),
    )
    expect([exit, runs]).toEqual([Exit.fail("refused"), 1])
  })
})
