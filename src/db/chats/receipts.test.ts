import { SqlClient } from "@effect/sql"
import { Deferred, Effect, Fiber, Layer, Option, Schedule } from "effect"
import { randomUUID } from "node:crypto"
import { beforeAll, describe, expect, it } from "vitest"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { Receipts } from "./receipts.ts"

const database = useTestDatabase({ environment: { TROUPE_DATABASE_POOL_SIZE: "3" } })
const userId = randomUUID()

beforeAll(() =>
  database.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`insert into users (id, email, username) values (${userId}, 'a@example.com', 'a')`,
    ),
  ),
)

/** As two processes have it: each knows what is under way in itself. */
const twoReplicas = Effect.all([
  Effect.map(Layer.build(Layer.fresh(Receipts.layer)), (context) => Receipts.pipe(Effect.provide(context))),
  Effect.map(Layer.build(Layer.fresh(Receipts.layer)), (context) => Receipts.pipe(Effect.provide(context))),
]).pipe(Effect.flatMap(Effect.all))

const somebodyWaits = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<{ count: number }>`
    select count(*) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`,
).pipe(
  Effect.repeat({ until: ([row]) => row?.count === 1, schedule: Schedule.spaced("10 millis") }),
  Effect.timeout("20 seconds"),
)

const answer = { status: 201, headers: [["x-made", "1"]], body: { text: "\u0000", order: { b: 1, a: 2 } } } as const

/** The first call of a key is held in its transaction until a second one, in another process, waits for it. */
const secondOfTwo = (key: string, outcome: Effect.Effect<void, "refused">) =>
  Effect.gen(function* () {
    const [ours, theirs] = yield* twoReplicas
    const receipt = { userId, scope: "POST /things", key, requestHash: "hash" }
    const [claimed, go] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
    const first = yield* Effect.gen(function* () {
      expect(Option.isNone(yield* ours.claim(receipt))).toBe(true)
      yield* ours.setAnswer(receipt, answer)
      yield* Deferred.succeed(claimed, undefined)
      yield* Deferred.await(go)
      yield* outcome
    }).pipe((held) => ours.exclusively([key], held), Effect.exit, Effect.fork)
    yield* Deferred.await(claimed)
    const second = yield* Effect.fork(theirs.exclusively([key], theirs.claim(receipt)))
    yield* somebodyWaits
    yield* Deferred.succeed(go, undefined)
    yield* Fiber.join(first)
    return yield* Fiber.join(second)
  }).pipe(Effect.scoped)

describe("the second call of a key", () => {
  it("waits for the first, also for that of another process, and finds its answer", async () => {
    const found = Option.getOrThrow(await database.run(secondOfTwo("kept", Effect.void)))
    expect(found.request_hash).toBe("hash")
    // The same text, not only the same value.
    expect(JSON.stringify(found.answer)).toBe(JSON.stringify(answer))
  })

  it("is the first when that one failed", async () => {
    expect(Option.isNone(await database.run(secondOfTwo("failed", Effect.fail("refused"))))).toBe(true)
  })

  it("holds no connection while it waits, so that what the first needs can be had", async () => {
    const most = database.run(
      Effect.gen(function* () {
        const receipts = yield* Receipts
        const sql = yield* SqlClient.SqlClient
        const runtime = yield* Effect.runtime<never>()
        // On a connection of its own, as a cache is filled for all who wait for it.
        const elsewhere = Effect.promise(() => Effect.runPromise(sql`select 1`.pipe(Effect.provide(runtime))))
        const calls = Array.from({ length: 12 }, () => receipts.exclusively(["busy"], elsewhere))
        return yield* Effect.all(calls, { concurrency: "unbounded" })
      }).pipe(Effect.provide(Receipts.layer), Effect.timeout("20 seconds")),
    )
    expect(await most).toHaveLength(12)
  })
})

it("is forgotten after a day", async () => {
  const kept = database.run(
    Effect.gen(function* () {
      const receipts = yield* Receipts
      const sql = yield* SqlClient.SqlClient
      for (const [key, age] of [
        ["old", "24 hours 1 minute"],
        ["young", "23 hours"],
      ] as const) {
        yield* receipts.claim({ userId, scope: "POST /ages", key, requestHash: "hash" })
        yield* sql`update command_receipts set created_at = now() - ${age}::interval where key = ${key}`
      }
      yield* receipts.purge
      return yield* sql`select key from command_receipts where scope = 'POST /ages'`
    }).pipe(Effect.provide(Receipts.layer)),
  )
  expect(await kept).toEqual([{ key: "young" }])
})

it("lets the calls of one name through one by one, also those that come in the same instant", async () => {
  const alone = await database.run(
    Effect.map(Receipts, (receipts) => receipts.alone).pipe(Effect.provide(Receipts.layer)),
  )
  let under = 0
  let most = 0
  const work = Effect.sync(() => {
    under += 1
    most = Math.max(most, under)
  }).pipe(Effect.zipRight(Effect.yieldNow()), Effect.zipRight(Effect.sync(() => void (under -= 1))))
  await Promise.all(Array.from({ length: 5 }, () => Effect.runPromise(alone(["one name"], work))))
  expect(most).toBe(1)
})
