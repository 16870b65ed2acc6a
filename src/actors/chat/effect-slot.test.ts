import { Cause, Deferred, Effect, FiberId } from "effect"
import { describe, expect, it } from "vitest"
import { EffectSlot, type EffectToken } from "./effect-slot.ts"

interface Ended {
  readonly name: string
  readonly why: string
}

const slotWith = () => {
  const ended: Array<Ended> = []
  let tell: (() => void) | undefined
  const first = new Promise<void>((resolve) => {
    tell = resolve
  })
  const slot = new EffectSlot(Effect.runFork, (token: EffectToken, cause) => {
    ended.push({ name: token.name, why: Cause.pretty(cause) })
    tell?.()
  })
  return { slot, ended, first }
}

describe("an effect that has ended while the chat is still in its state", () => {
  it.each([
    ["by failing", Effect.die("broken"), "broken"],
    ["without a word", Effect.void, "it ended without a word"],
    ["by being interrupted from within", Effect.interrupt, "interrupted"],
  ])("is told of: %s", async (_, effect, why) => {
    const { slot, ended, first } = slotWith()
    slot.start("generate", () => effect)
    await first
    expect(ended).toEqual([{ name: "generate", why: expect.stringContaining(why) }])
  })

  it("is not one that was stopped, or replaced by another", async () => {
    const { slot, ended, first } = slotWith()
    slot.start("generate", () => Effect.never)
    slot.stop()
    slot.start("execute", () => Effect.never)
    slot.stop()
    slot.start("backOff", () => Effect.die("the one"))
    await first
    expect(ended.map(({ name }) => name)).toEqual(["backOff"])
  })

  it("waits until the one before it has wound up", async () => {
    const { slot } = slotWith()
    const order: Array<string> = []
    const began = Deferred.unsafeMake<void>(FiberId.none)
    const done = new Promise<void>((resolve) => {
      slot.start("generate", () =>
        Deferred.succeed(began, undefined).pipe(
          Effect.zipRight(Effect.never),
          Effect.onInterrupt(() => Effect.yieldNow().pipe(Effect.zipRight(Effect.sync(() => order.push("wound up"))))),
        ),
      )
      void Effect.runPromise(Deferred.await(began)).then(() => {
        slot.stop()
        slot.start("execute", () => Effect.sync(() => void order.push("begun")).pipe(Effect.tap(() => resolve())))
      })
    })
    await done
    expect(order).toEqual(["wound up", "begun"])
    slot.stop()
  })
})

/** An effect that never ends by itself; once stopped, it winds up when the test says so. */
const slowToEnd = (order: Array<string>, name: string) => {
  const began = Deferred.unsafeMake<void>(FiberId.none)
  const mayEnd = Deferred.unsafeMake<void>(FiberId.none)
  const ended = Deferred.unsafeMake<void>(FiberId.none)
  const effect = (token: EffectToken) =>
    Deferred.succeed(began, undefined).pipe(
      Effect.zipRight(Effect.never),
      Effect.onInterrupt(() =>
        Deferred.await(mayEnd).pipe(
          Effect.zipRight(Effect.sync(() => void order.push(`${name} wound up for the ${token.stopping}`))),
          Effect.zipRight(Deferred.succeed(ended, undefined)),
        ),
      ),
    )
  return {
    effect,
    began: () => Effect.runPromise(Deferred.await(began)),
    end: () => Effect.runPromise(Deferred.succeed(mayEnd, undefined).pipe(Effect.zipRight(Deferred.await(ended)))),
  }
}

/** Turns of the event loop: time enough for what waits for nothing. */
const turns = async () => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}

describe("a stopped effect that has not wound up", () => {
  it("is waited for by every later one, also when one in between was stopped while it waited", async () => {
    const { slot } = slotWith()
    const order: Array<string> = []
    const first = slowToEnd(order, "first")
    slot.start("execute", first.effect)
    await first.began()
    slot.stop()
    slot.start("finishInterruption", () => Effect.sync(() => void order.push("second begun")))
    slot.stop()
    await turns()
    const third = new Promise<void>((resolve) => {
      slot.start("generate", () =>
        Effect.sync(() => {
          order.push("third begun")
          resolve()
        }).pipe(Effect.zipRight(Effect.never)),
      )
    })
    await turns()
    expect(order).toEqual([])
    await first.end()
    await third
    expect(order).toEqual(["first wound up for the user", "third begun"])
    slot.stop()
  })

  it("keeps the reason of its own stop, and a closed slot starts nothing more", async () => {
    const { slot, ended } = slotWith()
    const order: Array<string> = []
    const [first, second] = [slowToEnd(order, "first"), slowToEnd(order, "second")]
    slot.start("execute", first.effect)
    await first.began()
    slot.stop()
    slot.close()
    await first.end()
    slot.start("generate", () => Effect.sync(() => void order.push("begun")))
    expect(slot.busy).toBe(false)
    await Effect.runPromise(slot.woundUp())
    expect(order).toEqual(["first wound up for the user"])

    const { slot: other } = slotWith()
    other.start("execute", second.effect)
    await second.began()
    other.close()
    other.stop()
    await second.end()
    expect(order.at(-1)).toBe("second wound up for the shutdown")
    expect(ended).toEqual([])
  })
})

describe("an effect that shows no progress", () => {
  it("is stalled after its time, unless it has done something", () => {
    const { slot } = slotWith()
    expect(slot.stalled(() => -1)).toBeUndefined()
    slot.start("execute", () => Effect.never)
    expect(slot.stalled((name) => (name === "execute" ? -1 : 1000))).toMatchObject({ name: "execute" })
    expect(slot.stalled(() => 10_000)).toBeUndefined()
    slot.stop()
    expect(slot.stalled(() => -1)).toBeUndefined()
  })
})
