import { Effect, Layer, ManagedRuntime } from "effect"
import { afterEach, expect, it } from "vitest"
import { Instances, type Orphan } from "../../db/chats/instances.ts"
import { readSettings, Settings } from "../../settings.ts"
import { Admission } from "./admission.ts"
import { InstanceId } from "./instance.ts"
import { makeSweeper } from "./sweeper.ts"

const runtimes: Array<{ readonly dispose: () => Promise<void> }> = []
afterEach(async () => {
  for (const runtime of runtimes.splice(0)) await runtime.dispose()
})

/** A sweeper whose host writes down what it is asked for. The rows are what the lists of these options say. */
const sweeperOn = async (given: {
  readonly judge?: () => Effect.Effect<void>
  readonly owned?: ReadonlyArray<string>
  readonly orphans?: () => ReadonlyArray<Orphan>
  readonly takeUp?: Effect.Effect<void>
}) => {
  const settings = Effect.map(readSettings({ TROUPE_DATA_DIR: "/nowhere", TROUPE_SWEEP_MS: "1" }), Settings.layer)
  const instances: Instances["Type"] = {
    register: () => Effect.void,
    heartbeat: () => Effect.succeed(true),
    unregister: () => Effect.void,
    removeOthers: () => Effect.void,
    judge: given.judge ?? (() => Effect.void),
    orphans: () => Effect.sync(() => given.orphans?.() ?? []),
    owned: () => Effect.succeed(given.owned ?? []),
  }
  const admission: Admission["Type"] = {
    ring: () => undefined,
    forgotten: Effect.succeed(["forgotten"]),
    onGranted: () => undefined,
  }
  const services = Layer.mergeAll(
    Layer.succeed(Instances, instances),
    Layer.succeed(Admission, admission),
    InstanceId.layer,
    Layer.unwrapEffect(settings),
  )
  const runtime = ManagedRuntime.make(Layer.merge(Layer.orDie(services), Layer.scope))
  runtimes.push(runtime)
  const log: Array<string> = []
  const seen = { atOnce: 0, most: 0 }
  const sweeper = await runtime.runPromise(
    makeSweeper({
      isLookedAfter: (chatId) => chatId === "looked after",
      takeUp: (chatId) =>
        Effect.suspend(() => {
          log.push(chatId)
          seen.atOnce += 1
          seen.most = Math.max(seen.most, seen.atOnce)
          return Effect.ensuring(
            given.takeUp ?? Effect.void,
            Effect.sync(() => void (seen.atOnce -= 1)),
          )
        }),
      admit: (chatId) => void log.push(`admit ${chatId}`),
      trials: {
        add: (suspects) => log.push(...suspects.map(({ id }) => `try ${id}`)),
        begin: () => undefined,
      },
      haltBarred: Effect.sync(() => void log.push("halt barred")),
      endStalled: Effect.sync(() => void log.push("end stalled")),
      stopIdle: Effect.sync(() => void log.push("stop idle")),
    }),
  )
  return { sweeper, log, seen, run: <A, E>(effect: Effect.Effect<A, E>) => runtime.runPromise(effect) }
}

const orphan = (id: string, suspicion = 0): Orphan => ({ id, suspicion, recovery_attempts: 0 })

it("takes up what has no actor and tries the suspects, from the moment on at which it is opened", async () => {
  const { sweeper, log, run } = await sweeperOn({
    owned: ["stranded", "looked after"],
    orphans: () => [orphan("orphan"), orphan("suspect", 2)],
  })
  await new Promise<void>((resolve) => setImmediate(resolve))
  expect(log).toEqual([])
  await run(sweeper.open)
  await expect.poll(() => log.includes("stop idle")).toBe(true)
  expect(log.slice(0, 7)).toEqual([
    ...["stranded", "try suspect", "orphan", "admit forgotten", "halt barred", "end stalled", "stop idle"],
  ])
})

it("sweeps again at once while there is more than one sweep takes up", async () => {
  const all = Array.from({ length: 250 }, (_, index) => orphan(`orphan ${index}`))
  const { sweeper, log, run } = await sweeperOn({ orphans: () => all.splice(0, 200) })
  await run(sweeper.open)
  await expect.poll(() => log.includes("end stalled")).toBe(true)
  expect(log.slice(0, log.indexOf("end stalled")).filter((words) => words.startsWith("orphan"))).toHaveLength(250)
})

it("goes on sweeping after one that failed, and after one that died", async () => {
  let rounds = 0
  const { sweeper, log, run } = await sweeperOn({
    judge: () =>
      Effect.suspend(() => {
        rounds += 1
        return rounds < 3 ? Effect.die(new Error("a mistake")) : Effect.void
      }),
  })
  await run(sweeper.open)
  await expect.poll(() => log.includes("stop idle")).toBe(true)
})

it("takes up a few chats at a time, however many have lost their actor at once", async () => {
  const CHATS = 40
  const { sweeper, log, seen, run } = await sweeperOn({
    takeUp: Effect.sleep("1 milli"),
    owned: Array.from({ length: CHATS }, (_, index) => `stranded ${index}`),
  })
  await run(sweeper.open)
  await run(
    Effect.forEach(
      Array.from({ length: CHATS }, (_, index) => `dropped ${index}`),
      sweeper.restart,
      { concurrency: "unbounded", discard: true },
    ),
  )
  expect(log.filter((words) => words.startsWith("dropped"))).toHaveLength(CHATS)
  expect(seen.most).toBe(8)
})
