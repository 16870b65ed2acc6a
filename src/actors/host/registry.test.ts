import { Deferred, Effect, Exit, Fiber, FiberId, Scope } from "effect"
import { afterEach, describe, expect, it } from "vitest"
import { makeRegistry, type Registry } from "./registry.ts"

interface Fake {
  readonly key: string
  readonly number: number
  readonly end: Effect.Effect<void>
}

const scopes: Array<Scope.CloseableScope> = []
afterEach(async () => {
  for (const scope of scopes.splice(0)) await Effect.runPromise(Scope.close(scope, Exit.void))
})

/** One place in the life of a resource, at which it waits until it is told to go on. */
const gate = () => {
  const reached = Deferred.unsafeMake<void>(FiberId.none)
  const open = Deferred.unsafeMake<void>(FiberId.none)
  return {
    pass: Effect.zipRight(Deferred.succeed(reached, undefined), Deferred.await(open)),
    reached: () => Effect.runPromise(Deferred.await(reached)),
    open: () => void Deferred.unsafeDone(open, Exit.void),
  }
}

/** A registry that writes down what becomes of its resources. `loading` and `ending` are what a load and an end wait for. */
const registryOf = async (
  steps: {
    readonly load?: (key: string, number: number) => Effect.Effect<void, string>
    readonly make?: Effect.Effect<void>
    readonly handOver?: Effect.Effect<void>
    readonly release?: Effect.Effect<void>
  } = {},
) => {
  const scope = await Effect.runPromise(Scope.make())
  scopes.push(scope)
  const log: Array<string> = []
  const note = (words: string) => Effect.sync(() => void log.push(words))
  let loads = 0
  const load = (key: string) =>
    Effect.suspend(() => {
      loads += 1
      const number = loads
      return (steps.load?.(key, number) ?? Effect.void).pipe(Effect.as({ key, number }))
    })
  const registry: Registry<{ readonly key: string; readonly number: number }, Fake, string> = await Effect.runPromise(
    makeRegistry({
      load,
      make: (seed: { readonly key: string; readonly number: number }, end) =>
        Effect.zipRight(steps.make ?? Effect.void, note(`${seed.key}${seed.number} made`)).pipe(
          Effect.zipRight(
            Effect.addFinalizer(() =>
              Effect.zipRight(steps.release ?? Effect.void, note(`${seed.key}${seed.number} ended`)),
            ),
          ),
          Effect.as({ ...seed, end }),
        ),
      handOver: ({ key, number }) =>
        Effect.zipRight(steps.handOver ?? Effect.void, note(`${key}${number} handed over`)),
    }).pipe(Scope.extend(scope)),
  )
  const run = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(effect)
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
  const number = (key = "a") => Effect.map(registry.get(key), (fake) => fake.number)
  return { registry, log, loads: () => loads, run, close, number }
}

const told = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(Effect.flip(effect))

/** Begins it and lets everything run that can. */
const begin = async <A, E>(effect: Effect.Effect<A, E>) => {
  const fiber = Effect.runFork(effect)
  await new Promise<void>((resolve) => setImmediate(resolve))
  return fiber
}

const outcome = <A, E>(fiber: Fiber.Fiber<A, E>) => Effect.runPromise(Fiber.join(fiber))

describe("a registry", () => {
  it("starts a resource once and keeps it", async () => {
    const { registry, run, number, loads } = await registryOf()
    expect(registry.started("a")).toBeUndefined()
    expect(await run(number())).toBe(1)
    expect(await run(number())).toBe(1)
    expect(registry.started("a")?.number).toBe(1)
    expect(await run(number("b"))).toBe(2)
    expect(loads()).toBe(2)
    expect(registry.size()).toBe(2)
    expect(registry.values().map(({ key }) => key)).toEqual(["a", "b"])
  })

  it("has one start for all who ask meanwhile, and it outlives those who are interrupted", async () => {
    const loading = gate()
    const { number, loads, registry } = await registryOf({ load: () => loading.pass })
    const first = await begin(number())
    await loading.reached()
    const second = await begin(number())
    await Effect.runPromise(Fiber.interrupt(first))
    expect(registry.has("a")).toBe(true)
    expect(registry.values()).toEqual([])
    loading.open()
    expect(await outcome(second)).toBe(1)
    expect(loads()).toBe(1)
  })

  it("goes on with a start that nobody waits for any more", async () => {
    const loading = gate()
    const { number, loads, run } = await registryOf({ load: () => loading.pass })
    const only = await begin(number())
    await loading.reached()
    await Effect.runPromise(Fiber.interrupt(only))
    loading.open()
    expect(await run(number())).toBe(1)
    expect(loads()).toBe(1)
  })

  it("tells all who wait of a start that fails, and begins anew for the next", async () => {
    const loading = gate()
    const { number, run, registry } = await registryOf({
      load: (_, nth) => (nth === 1 ? Effect.zipRight(loading.pass, Effect.fail("away")) : Effect.void),
    })
    const waiting = [await begin(Effect.flip(number())), await begin(Effect.flip(number()))]
    loading.open()
    expect(await Promise.all(waiting.map(outcome))).toEqual(["away", "away"])
    expect(registry.size()).toBe(0)
    expect(await run(number())).toBe(2)
  })

  it("survives a resource that cannot be made", async () => {
    let makes = 0
    const make = Effect.suspend(() => {
      makes += 1
      return makes === 1 ? Effect.die("a mistake") : Effect.void
    })
    const { run, number, registry } = await registryOf({ make })
    expect(Exit.isFailure(await run(Effect.exit(number())))).toBe(true)
    expect(registry.size()).toBe(0)
    expect(await run(number())).toBe(2)
  })

  it("makes those who ask during an end wait for it, and gives them the next one", async () => {
    const release = gate()
    const { registry, run, number, log } = await registryOf({ release: release.pass })
    await run(number())
    const forgotten = await begin(registry.forget("a"))
    await release.reached()
    expect(registry.started("a")).toBeUndefined()
    const next = await begin(number())
    expect(log).toEqual(["a1 made"])
    release.open()
    expect(await outcome(next)).toBe(2)
    await outcome(forgotten)
    expect(log).toEqual(["a1 made", "a1 ended", "a2 made"])
  })

  it("forgets what is only starting, once it has started", async () => {
    const loading = gate()
    const { registry, run, number, log } = await registryOf({
      load: (_, nth) => (nth === 1 ? loading.pass : Effect.void),
    })
    await begin(number())
    const forgotten = await begin(registry.forget("a"))
    const next = await begin(number())
    expect(log).toEqual([])
    loading.open()
    await outcome(forgotten)
    expect(await outcome(next)).toBe(2)
    expect(log).toEqual(["a1 made", "a1 ended", "a2 made"])
    await run(registry.forget("never there"))
  })

  it("lets a resource end itself, and never the next one of its key", async () => {
    const { registry, run, number, log } = await registryOf()
    const first = await run(registry.get("a"))
    await run(first.end)
    expect(await run(number())).toBe(2)
    await run(first.end)
    expect(registry.started("a")?.number).toBe(2)
    expect(log).toEqual(["a1 made", "a1 ended", "a2 made"])
  })

  it("stops what is idle and unused, and hands it over", async () => {
    const { registry, run, number, log } = await registryOf()
    await run(Effect.all([number("a"), number("b"), number("c")]))
    await run(registry.stopIdle(60_000, () => true))
    expect(log).toHaveLength(3)
    await run(registry.stopIdle(-1, ({ key }) => key !== "b"))
    expect(log.slice(3).toSorted()).toEqual(["a1 ended", "a1 handed over", "c3 ended", "c3 handed over"])
    expect(registry.values().map(({ key }) => key)).toEqual(["b"])
  })

  it("leaves what is starting alone when it stops what is idle", async () => {
    const loading = gate()
    const { registry, run, number, log } = await registryOf({ load: () => loading.pass })
    const starting = await begin(number())
    await run(registry.stopIdle(-1, () => true))
    loading.open()
    expect(await outcome(starting)).toBe(1)
    expect(log).toEqual(["a1 made"])
  })
})

describe("a registry that is told of a new key", () => {
  it("makes its resource from the seed, and those who ask meanwhile wait for it", async () => {
    const seeding = gate()
    const { registry, number, loads } = await registryOf()
    const created = await begin(registry.create("a", Effect.as(seeding.pass, { key: "a", number: 77 })))
    const asking = await begin(number())
    seeding.open()
    expect(await outcome(created)).toEqual({ key: "a", number: 77 })
    expect(await outcome(asking)).toBe(77)
    expect(loads()).toBe(0)
  })

  it("tells its creator of a failure, and loads it for those who waited", async () => {
    const seeding = gate()
    const { registry, number, run } = await registryOf()
    const created = await begin(Effect.flip(registry.create("a", Effect.zipRight(seeding.pass, Effect.fail("taken")))))
    const asking = await begin(number())
    seeding.open()
    expect(await outcome(created)).toBe("taken")
    expect(await outcome(asking)).toBe(1)
    expect(Exit.isFailure(await run(Effect.exit(registry.create("a", Effect.succeed({ key: "a", number: 2 })))))).toBe(
      true,
    )
  })
})

describe("a registry that closes", () => {
  it("hands over everything, also what is only starting or being created", async () => {
    const [loading, seeding] = [gate(), gate()]
    const { registry, run, number, close, log } = await registryOf({
      load: (key) => (key === "starting" ? loading.pass : Effect.void),
    })
    await run(number("kept"))
    const starting = await begin(Effect.exit(number("starting")))
    const created = await begin(Effect.exit(registry.create("new", Effect.as(seeding.pass, { key: "new", number: 3 }))))
    let isClosed = false
    const closing = close().then(() => void (isClosed = true))
    await new Promise<void>((resolve) => setImmediate(resolve))
    expect(await told(number("late"))).toMatchObject({ _tag: "RegistryClosed" })
    expect(await told(number("kept"))).toMatchObject({ _tag: "RegistryClosed" })
    expect(registry.started("kept")).toBeUndefined()
    loading.open()
    await new Promise<void>((resolve) => setImmediate(resolve))
    expect(isClosed).toBe(false)
    seeding.open()
    await closing
    const lives = ["kept1", "starting2", "new3"].map((name) => log.filter((words) => words.startsWith(`${name} `)))
    expect(lives).toEqual(
      ["kept1", "starting2", "new3"].map((name) => [`${name} made`, `${name} handed over`, `${name} ended`]),
    )
    expect(await outcome(starting)).toEqual(Exit.succeed(2))
    expect(await outcome(created)).toEqual(Exit.succeed({ key: "new", number: 3 }))
    expect(registry.size()).toBe(0)
  })

  it("does not wait for what a start only waits for", async () => {
    const waits = gate()
    const { registry, number, close, log } = await registryOf({
      load: () => Effect.zipRight(waits.pass, Effect.interruptible(Effect.never)),
    })
    const starting = await begin(Effect.flip(number()))
    waits.open()
    await close()
    expect(await outcome(starting)).toMatchObject({ _tag: "RegistryClosed" })
    expect(log).toEqual([])
    expect(registry.size()).toBe(0)
  })

  it("waits for what is ending already, which is not handed over as well", async () => {
    const release = gate()
    const { registry, run, number, close, log } = await registryOf({ release: release.pass })
    await run(number())
    await begin(registry.forget("a"))
    const closing = close()
    release.open()
    await closing
    expect(log).toEqual(["a1 made", "a1 ended"])
  })
})
