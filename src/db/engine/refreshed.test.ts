import { Effect, Fiber, type Scope, TestClock, TestContext } from "effect"
import { describe, expect, it } from "vitest"
import { refreshed } from "./refreshed.ts"

/** A value that counts how often it was read; `broken` makes the readings fail, `gate` makes them wait. */
const counted = () => {
  const source = { loads: 0, broken: false, gate: Effect.void }
  const load = Effect.suspend(() => {
    source.loads += 1
    const value = source.loads
    return source.broken ? Effect.fail("away") : Effect.as(source.gate, value)
  })
  return { source, load }
}

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) =>
  Effect.runPromise(effect.pipe(Effect.scoped, Effect.provide(TestContext.TestContext)))

describe("a refreshed value", () => {
  it("is read beside those who ask, so that nobody waits for it after a rest", () =>
    run(
      Effect.gen(function* () {
        const { source, load } = counted()
        const { read } = yield* refreshed(load, "2 seconds")
        expect(yield* read).toBe(1)
        yield* TestClock.adjust("10 seconds")
        source.gate = Effect.never
        expect(yield* read).toBeGreaterThan(5)
      }),
    ))

  it("is never older than its greatest age", () =>
    run(
      Effect.gen(function* () {
        const { source, load } = counted()
        const { read } = yield* refreshed(load, "2 seconds")
        yield* read
        source.broken = true
        yield* TestClock.adjust("1900 millis")
        expect(yield* read).toBe(1)
        yield* TestClock.adjust("100 millis")
        expect(yield* Effect.flip(read)).toBe("away")
        source.broken = false
        expect(yield* read).toBe(source.loads)
      }),
    ))

  it("is asked for anew after a change, also where it was being read meanwhile", () =>
    run(
      Effect.gen(function* () {
        const { source, load } = counted()
        const { read, forget } = yield* refreshed(load, "2 seconds")
        const latch = yield* Effect.makeLatch(false)
        source.gate = latch.await
        const early = yield* Effect.fork(read)
        yield* Effect.yieldNow()
        yield* forget
        yield* latch.open
        expect(yield* Fiber.join(early)).toBe(1)
        expect(yield* read).toBe(2)
        expect(yield* read).toBe(2)
      }),
    ))

  it("is read once for all who ask at once", () =>
    run(
      Effect.gen(function* () {
        const { load } = counted()
        const { read } = yield* refreshed(load, "2 seconds")
        expect(yield* Effect.all([read, read, read], { concurrency: "unbounded" })).toEqual([1, 1, 1])
      }),
    ))

  it("leaves the database alone when nobody has asked for long", () =>
    run(
      Effect.gen(function* () {
        const { source, load } = counted()
        const { read } = yield* refreshed(load, "2 minutes")
        yield* TestClock.adjust("1 minute")
        expect(source.loads).toBe(0)
        yield* read
        yield* TestClock.adjust("20 minutes")
        const before = source.loads
        yield* TestClock.adjust("20 minutes")
        expect(source.loads).toBe(before)
        expect(yield* read).toBe(before + 1)
      }),
    ))
})
