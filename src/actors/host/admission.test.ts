import { Effect, Layer, ManagedRuntime } from "effect"
import { afterEach, describe, expect, it } from "vitest"
import { Admissions } from "../../db/chats/admission.ts"
import { Admission } from "./admission.ts"
import { CapacityLimits } from "./capacity-limits.ts"
import { InstanceId } from "./instance.ts"
import { LocalSlots } from "./local-slots.ts"

const runtimes: Array<ManagedRuntime.ManagedRuntime<Admission, never>> = []
afterEach(async () => {
  for (const runtime of runtimes.splice(0)) await runtime.dispose()
})

/** The doorbell, where `grant` stands for the statement that gives slots away. */
const doorbell = async (grant: (round: number) => Promise<ReadonlyArray<string>>) => {
  let rounds = 0
  const capacity = { deployment: null, perUser: null, perOrganization: null }
  const runtime = ManagedRuntime.make(
    Admission.layer.pipe(
      Layer.provide(LocalSlots.layer),
      Layer.provide(
        Layer.mergeAll(
          Layer.succeed(Admissions, {
            grant: () => Effect.promise(() => grant((rounds += 1))),
            standing: Effect.succeed([]),
            forgotten: () => Effect.succeed([]),
          }),
          Layer.succeed(CapacityLimits, { read: Effect.succeed(capacity), write: () => Effect.void }),
          InstanceId.layer,
        ),
      ),
    ),
  )
  runtimes.push(runtime)
  const admission = await runtime.runPromise(Admission)
  const granted: Array<string> = []
  admission.onGranted((chatId) => void granted.push(chatId))
  return { admission, granted, rounds: () => rounds, end: () => runtime.dispose() }
}

const hold = () => {
  let release: () => void = () => undefined
  const released = new Promise<void>((resolve) => void (release = resolve))
  return { released, release }
}

/** Lets everything run that can. */
const turnOfTheLoop = () => new Promise<void>((resolve) => setImmediate(resolve))

describe("the doorbell of the slots", () => {
  it("is answered with one round, and with one more for all that ring during it", async () => {
    const first = hold()
    const { admission, granted, rounds } = await doorbell(async (round) => {
      if (round === 1) await first.released
      return [`chat ${round}`]
    })
    admission.ring()
    await expect.poll(rounds).toBe(1)
    for (let ring = 0; ring < 5; ring += 1) admission.ring()
    await turnOfTheLoop()
    expect(rounds()).toBe(1)
    first.release()
    await expect.poll(() => granted).toEqual(["chat 1", "chat 2"])
    await turnOfTheLoop()
    expect(rounds()).toBe(2)
    admission.ring()
    await expect.poll(() => granted).toEqual(["chat 1", "chat 2", "chat 3"])
  })

  it("is answered again after a round that failed", async () => {
    const { admission, granted, rounds } = await doorbell((round) =>
      round === 1 ? Promise.reject(new Error("away")) : Promise.resolve(["chat"]),
    )
    admission.ring()
    await expect.poll(rounds).toBe(1)
    admission.ring()
    await expect.poll(() => granted).toEqual(["chat"])
  })

  it("is not answered after the end, not even where a round was under way", async () => {
    const first = hold()
    const { admission, granted, rounds, end } = await doorbell(async () => {
      await first.released
      return ["too late"]
    })
    admission.ring()
    await expect.poll(rounds).toBe(1)
    admission.ring()
    await end()
    first.release()
    admission.ring()
    await turnOfTheLoop()
    expect(rounds()).toBe(1)
    expect(granted).toEqual([])
  })
})
