import { Deferred, Effect, Exit, Fiber, Scope, TestClock, TestContext } from "effect"
import { expect, it } from "vitest"
import { makeFork } from "./forks.ts"

it("what is left at the end of the scope is interrupted, also where the scope was made in an uninterruptible region", async () => {
  const ended: Array<string> = []
  const life = Effect.gen(function* () {
    const fork = yield* makeFork
    fork(Effect.never.pipe(Effect.onInterrupt(() => Effect.sync(() => void ended.push("interrupted")))))
    fork(Effect.sync(() => void ended.push("took its first steps at once")))
    expect(ended).toEqual(["took its first steps at once"])
  })
  await Effect.runPromise(Effect.uninterruptible(Effect.scoped(life)))
  expect(ended).toEqual(["took its first steps at once", "interrupted"])
})

it("one that cannot be ended holds the end of the scope no longer than finalizers may take", async () => {
  const life = Effect.gen(function* () {
    const scope = yield* Scope.make()
    const fork = yield* makeFork.pipe(Scope.extend(scope))
    const hangs = yield* Deferred.make<void>()
    const fiber = fork(Effect.never.pipe(Effect.onInterrupt(() => Deferred.await(hangs))))
    const closing = yield* Effect.fork(Effect.uninterruptible(Scope.close(scope, Exit.void)))
    yield* TestClock.adjust("4 seconds")
    expect(closing.unsafePoll()).toBeNull()
    yield* TestClock.adjust("1 seconds")
    yield* Fiber.join(closing)
    expect(fiber.unsafePoll()).toBeNull()
    yield* Deferred.succeed(hangs, undefined)
    yield* Fiber.await(fiber)
  })
  await Effect.runPromise(life.pipe(Effect.provide(TestContext.TestContext)))
})
