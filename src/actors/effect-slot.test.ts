import { Cause, Deferred, Effect, FiberId, Runtime } from "effect"
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
  const slot = new EffectSlot(Runtime.defaultRuntime, (token: EffectToken, cause) => {
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

describe("an effect that shows no progress", () => {
  it("is stalled after its time, unless it has done something", () => {
    const { slot } = slotWith()
    expect(slot.stalled(() => -1)).toBeUndefined()
    slot.start("execute", () => Effect.never)
    expect(slot.stalled((name) => (name === "execute" ? -1 : 1000))).toEqual({ name: "execute" })
    expect(slot.stalled(() => 10_000)).toBeUndefined()
    slot.stop()
    expect(slot.stalled(() => -1)).toBeUndefined()
  })
})
