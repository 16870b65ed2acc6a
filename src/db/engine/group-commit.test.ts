import { SqlClient } from "@effect/sql"
import { Effect, Exit, Fiber, Layer, ManagedRuntime } from "effect"
import pg from "pg"
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { GroupCommit } from "./group-commit.ts"
import { troubleIn } from "./sql-errors.ts"

const database = useTestDatabase({ empty: true })

const layer = Layer.suspend(() => Layer.provideMerge(GroupCommit.layer, database.layer))
let runtime: ManagedRuntime.ManagedRuntime<Layer.Layer.Success<typeof layer>, never>

beforeAll(async () => {
  runtime = ManagedRuntime.make(layer)
  await query((sql) => sql`create table notes (id int primary key, text text, transaction text)`)
})
beforeEach(() => query((sql) => sql`truncate notes`))
afterAll(() => runtime.dispose())

const query = <A, E>(make: (sql: SqlClient.SqlClient) => Effect.Effect<A, E>) =>
  runtime.runPromise(Effect.flatMap(SqlClient.SqlClient, make))

interface Noted {
  readonly id: number
  readonly text: string
}

const note = (sql: SqlClient.SqlClient, id: number, text: unknown = `note ${id}`) =>
  sql<Noted>`
    insert into notes values (${id}, ${text as string}, pg_current_xact_id()::text) returning id, text`

const noteAll = (notes: ReadonlyArray<readonly [id: number, text?: unknown]>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { run } = yield* GroupCommit
    return yield* Effect.forEach(notes, ([id, text]) => Effect.exit(run(note(sql, id, text))), {
      concurrency: "unbounded",
    })
  })

const ids = (count: number, from = 1): ReadonlyArray<readonly [number]> =>
  Array.from({ length: count }, (_, at) => [from + at] as const)

const noted = () => query((sql) => sql<Noted & { readonly transaction: string }>`select * from notes order by id`)

const textsOf = (exits: ReadonlyArray<Exit.Exit<ReadonlyArray<Noted>, unknown>>) =>
  exits.map(Exit.match({ onFailure: () => "failed", onSuccess: (rows) => rows.map(({ text }) => text).join() }))

it("statements that wait at the same time are one transaction, and each is told its own rows", async () => {
  const exits = await runtime.runPromise(noteAll(ids(40)))
  expect(textsOf(exits)).toEqual(ids(40).map(([id]) => `note ${id}`))
  const transactions = new Set((await noted()).map(({ transaction }) => transaction))
  // Two are under way at once; what comes meanwhile goes in groups of sixteen.
  expect(transactions.size).toBeLessThanOrEqual(5)
  expect(transactions.size).toBeGreaterThan(2)
})

it("the same text with several values is prepared once in a group", async () => {
  for (let round = 0; round < 4; round++) {
    const exits = await runtime.runPromise(noteAll(ids(20, 1 + round * 20)))
    expect(exits.filter(Exit.isFailure)).toEqual([])
  }
})

it("one that fails leaves the others as they were", async () => {
  await runtime.runPromise(noteAll([[7, "first"]]))
  const exits = await runtime.runPromise(noteAll(ids(12)))
  expect(textsOf(exits)).toEqual(ids(12).map(([id]) => (id === 7 ? "failed" : `note ${id}`)))
  expect(exits[6]).toMatchObject({ cause: { error: { cause: { code: "23505", constraint: "notes_pkey" } } } })
  expect((await noted()).map(({ text }) => text)).toEqual(ids(12).map(([id]) => (id === 7 ? "first" : `note ${id}`)))
})

it("one that waits for a row of somebody else does not hold the others", async () => {
  const other = new pg.Client({ connectionString: database.url })
  await other.connect()
  await other.query("begin")
  await other.query("insert into notes values (5, 'not yet', '')")
  const all = runtime.runFork(noteAll(ids(10)))
  const others = ids(10).filter(([id]) => id !== 5)
  while ((await noted()).length < others.length) await Effect.runPromise(Effect.yieldNow())
  // The lanes are free as well.
  expect(textsOf(await runtime.runPromise(noteAll(ids(10, 11))))).toEqual(ids(10, 11).map(([id]) => `note ${id}`))
  await other.query("rollback")
  expect(textsOf(await runtime.runPromise(Effect.flatten(Fiber.await(all))))).toEqual(
    ids(10).map(([id]) => `note ${id}`),
  )
  await other.end()
})

it("two that wait for somebody else, each alone, do not hold those that come after them", async () => {
  const other = new pg.Client({ connectionString: database.url })
  await other.connect()
  await other.query("begin")
  await other.query("insert into notes values (1, 'not yet', ''), (2, 'not yet', '')")
  const held = runtime.runFork(noteAll([[1], [2]]))
  expect(textsOf(await runtime.runPromise(noteAll(ids(10, 11))))).toEqual(ids(10, 11).map(([id]) => `note ${id}`))
  await other.query("rollback")
  expect(textsOf(await runtime.runPromise(Effect.flatten(Fiber.await(held))))).toEqual(["note 1", "note 2"])
  await other.end()
})

it("a broken connection leaves the fate of all in doubt, and the next go another way", async () => {
  const other = new pg.Client({ connectionString: database.url })
  await other.connect()
  await other.query("begin")
  await other.query("insert into notes values (1, 'not yet', '')")
  const all = runtime.runFork(noteAll([[1]]))
  const waiting = "select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
  let pid: unknown
  while (pid === undefined) pid = (await other.query<{ pid: number }>(waiting)).rows[0]?.pid
  await other.query("select pg_terminate_backend($1)", [pid])
  const [exit] = await runtime.runPromise(Effect.flatten(Fiber.await(all)))
  expect(exit !== undefined && Exit.isFailure(exit) && troubleIn(exit.cause)).toEqual({
    kind: "away",
    untouched: false,
  })
  await other.query("rollback")
  await other.end()
  expect(textsOf(await runtime.runPromise(noteAll(ids(3))))).toEqual(["note 1", "note 2", "note 3"])
})

it("one that nobody waits for any more is not sent, unless it is on its way", async () => {
  const fiber = runtime.runFork(noteAll(ids(60)))
  await Effect.runPromise(Fiber.interrupt(fiber))
  expect(textsOf(await runtime.runPromise(noteAll([[100]])))).toEqual(["note 100"])
  expect((await noted()).length).toBeLessThan(60)
})

it("values that are more than text and numbers go alone, and are written as ever", async () => {
  const moment = new Date("2026-06-01T10:00:00Z")
  const exits = await runtime.runPromise(noteAll([[1], [2, moment], [3, null], [4]]))
  expect(exits.filter(Exit.isFailure)).toEqual([])
  expect((await noted()).map(({ text }) => text)).toEqual([
    "note 1",
    expect.stringContaining("2026-06-01"),
    null,
    "note 4",
  ])
})

it("large ones and many small ones all arrive", async () => {
  const large = "x".repeat(200_000)
  const exits = await runtime.runPromise(noteAll(ids(30).map(([id]) => [id, id % 3 === 0 ? large : "small"] as const)))
  expect(exits.filter(Exit.isFailure)).toEqual([])
  expect((await noted()).map(({ text }) => text.length)).toEqual(ids(30).map(([id]) => (id % 3 === 0 ? 200_000 : 5)))
})

it("one within a transaction is a part of that", async () => {
  const failed = Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { run } = yield* GroupCommit
    yield* run(note(sql, 1))
    return yield* Effect.fail("not after all")
  })
  const exit = await runtime.runPromise(
    Effect.exit(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.withTransaction(failed))),
  )
  expect(exit).toEqual(Exit.fail("not after all"))
  expect(await noted()).toEqual([])
})
