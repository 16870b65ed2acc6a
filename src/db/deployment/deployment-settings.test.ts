import { Effect, Layer, Logger, TestClock, TestContext } from "effect"
import { describe, expect, it } from "vitest"
import { capacity, deploymentSettings, toolPolicy } from "../../contract/deployment-settings.ts"
import { DeploymentSettings } from "./deployment-settings.ts"
import { SiteConfigs } from "./site-configs.ts"

/** What counts, whatever is stored. The table is one in memory: what is asked of it is counted. */

const SECRET = "not to be logged"
const ODD: ReadonlyArray<unknown> = [null, SECRET, 7, [], [SECRET], { rules: SECRET }, { deployment: SECRET }, [[[]]]]

const withStored = <A>(
  initial: Readonly<Record<string, unknown>>,
  test: (on: {
    readonly settings: DeploymentSettings["Type"]
    readonly stored: Map<string, unknown>
    readonly log: ReadonlyArray<string>
    readonly readings: () => number
    /** Until others' changes are seen. */
    readonly later: Effect.Effect<void>
  }) => Effect.Effect<A>,
) => {
  const stored = new Map(Object.entries(initial))
  const log: Array<string> = []
  let readings = 0
  const configs = Layer.succeed(SiteConfigs, {
    all: Effect.sync(() => {
      readings += 1
      return new Map(stored)
    }),
    lock: (key) => Effect.sync(() => stored.get(key)),
    write: (key, value) => Effect.sync(() => void stored.set(key, JSON.parse(JSON.stringify(value)))),
  })
  const logger = Logger.replace(
    Logger.defaultLogger,
    Logger.map(Logger.logfmtLogger, (line) => void log.push(line)),
  )
  return Effect.runPromise(
    Effect.flatMap(DeploymentSettings, (settings) =>
      test({ settings, stored, log, readings: () => readings, later: TestClock.adjust("3 seconds") }),
    ).pipe(
      Effect.provide(DeploymentSettings.layer.pipe(Layer.provide(configs))),
      Effect.provide(Layer.merge(TestContext.TestContext, logger)),
    ),
  )
}

describe.each(deploymentSettings)("the setting $key", (setting) => {
  it("is its default while nothing is stored", () =>
    withStored({}, ({ settings, log }) =>
      Effect.gen(function* () {
        expect(yield* settings.find(setting)).toEqual({ value: setting.default, isMalformed: false })
        expect(log).toEqual([])
      }),
    ))

  it.each(ODD.filter((value) => setting.decode(value)._tag === "Left").map((odd) => [odd] as const))(
    "counts as one that cannot be read where %j is stored, with one line in the log, and is mended by the next change",
    (odd) =>
      withStored({ [setting.key]: odd }, ({ settings, log, later, stored }) =>
        Effect.gen(function* () {
          for (let reading = 0; reading < 5; reading += 1) {
            expect(yield* settings.find(setting)).toEqual({ value: setting.unreadable, isMalformed: true })
            yield* later
          }
          expect(log).toHaveLength(1)
          expect(log[0]).toContain(`The setting ${setting.key} is stored in a form that cannot be read`)
          expect(log[0]).not.toContain(SECRET)

          yield* settings.write<unknown>(setting, setting.default, "somebody")
          expect(yield* settings.find(setting)).toEqual({ value: setting.default, isMalformed: false })
          expect(log).toHaveLength(1)

          stored.set(setting.key, odd)
          yield* later
          expect(yield* settings.find(setting)).toEqual({ value: setting.unreadable, isMalformed: true })
          expect(log).toHaveLength(2)
        }),
      ),
  )

  it("is stored in a form that is read back as the same", () =>
    withStored({}, ({ settings, stored, log }) =>
      Effect.gen(function* () {
        yield* settings.write<unknown>(setting, setting.default, "somebody")
        expect([...stored.keys()]).toEqual([setting.key])
        expect(yield* settings.find(setting)).toEqual({ value: setting.default, isMalformed: false })
        expect(log).toEqual([])
      }),
    ))
})

describe("all settings", () => {
  it("have keys and routes of their own", () => {
    const keys = deploymentSettings.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
    const names = deploymentSettings.flatMap(({ get, put }) => [get.name, put.name])
    expect(new Set(names).size).toBe(names.length)
  })

  it("share one reading of the table, however often they are asked", () =>
    withStored({}, ({ settings, readings }) =>
      Effect.gen(function* () {
        for (let times = 0; times < 10; times += 1)
          for (const setting of deploymentSettings) yield* settings.find(setting)
        expect(readings()).toBe(1)
      }),
    ))

  it("tell those who wait for a change of theirs, and only those", () =>
    withStored({}, ({ settings }) =>
      Effect.gen(function* () {
        const told: Array<unknown> = []
        yield* settings.onWritten(
          capacity,
          Effect.sync(() => void told.push("capacity")),
        )
        yield* settings.write(toolPolicy, { rules: [] }, "somebody")
        expect(told).toEqual([])
        yield* settings.write(capacity, capacity.default, "somebody")
        expect(told).toEqual(["capacity"])
      }),
    ))
})

describe("what earlier versions have stored", () => {
  it("is read as it was meant", () => {
    const stored = {
      agents_chat_capacity: { perUser: 20, deployment: 2, perOrganization: null },
      agents_tool_policy: [{ pattern: "execute", action: "deny" }],
    }
    return withStored(stored, ({ settings }) =>
      Effect.gen(function* () {
        expect(yield* settings.read(capacity)).toEqual({ deployment: 2, per_user: 20, per_organization: null })
        expect(yield* settings.read(toolPolicy)).toEqual({ rules: [{ pattern: "execute", action: "deny" }] })
      }),
    )
  })

  it("of a tool policy that cannot be read asks before everything", () =>
    withStored({ agents_tool_policy: [{ pattern: "execute", action: "maybe" }] }, ({ settings, log }) =>
      Effect.gen(function* () {
        expect(yield* settings.read(toolPolicy)).toEqual({ rules: [{ pattern: "*", action: "ask" }] })
        expect(log).toEqual([expect.stringContaining("(0.action)")])
      }),
    ))
})
