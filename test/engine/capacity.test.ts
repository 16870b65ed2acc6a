import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { afterEach, beforeAll, describe, expect, it } from "vitest"
import { CapacityLimits } from "../../src/actors/host/capacity-limits.ts"
import { Chats } from "../../src/chats/chats.ts"
import { InstanceId } from "../../src/actors/host/instance.ts"
import { Admissions, type Capacity } from "../../src/db/chats/admission.ts"
import { MemberRepository } from "../../src/db/identity/members.ts"
import { OrganizationRepository } from "../../src/db/identity/organizations.ts"
import { UserRepository } from "../../src/db/identity/users.ts"
import type { Caller } from "../../src/identity/policy.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, type TestEngines, useEngines } from "../support/engine.ts"
import { type Gate, openGate } from "../support/scripted-provider.ts"
import { written } from "../support/written-state.ts"

const engines = useEngines({ TROUPE_RETRY_BASE_MS: "5000" })
/** No sweep comes to help within a test. */
const alone = useEngines({ TROUPE_SWEEP_MS: "60000" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

const UNLIMITED: Capacity = { deployment: null, perUser: null, perOrganization: null }

const limit = (capacity: Partial<Capacity>, on = engine) =>
  on.run(Effect.flatMap(CapacityLimits, ({ write }) => write({ ...UNLIMITED, ...capacity }, on.caller.userId)))

const held = new Map<string, Gate>()

/** A chat whose turn lasts until `end` is called with its words. */
const chat = async (words: string, caller: Caller = engine.caller, on: Engine = engine, of: TestEngines = engines) => {
  const gate = openGate()
  held.set(words, gate)
  of.provider.script({ when: words, items: [{ text: "working" }, { gate: gate.wait }] })
  const [organization] = caller.organizations
  const request = { organization_id: organization?.id ?? "", content: [{ type: "text", text: words }] }
  const { id } = await on.run(Effect.flatMap(Chats, (chats) => chats.create(caller, request)))
  return id
}
const end = (words: string) => held.get(words)?.open()

const someoneElse = async (): Promise<Caller> => {
  const username = `other-${randomUUID().slice(0, 8)}`
  const roles = ["agents-access"]
  return engine.run(
    Effect.gen(function* () {
      const organizations = yield* OrganizationRepository
      const members = yield* MemberRepository
      const organization = yield* organizations.defaultId
      const userId = yield* Effect.flatMap(UserRepository, (users) =>
        users.insert({ email: `${username}@example.com`, username, name: "", passwordHash: null, siteRoles: [] }),
      )
      yield* members.add(organization, userId, roles)
      return { userId, username, siteRoles: [], organizations: [{ id: organization, roles }] }
    }).pipe(Effect.orDie),
  )
}

const running = (chatId: string, on = engine) => follow(on, chatId).activity("running.generating")
const waiting = (chatId: string, on = engine) => follow(on, chatId).activity("waiting")
const activity = async (chatId: string) => (await engine.row(chatId)).activity

/** A round of admissions has been made: a chat of somebody without limits has been through it. */
const oneRound = async () => {
  const word = `probe-${randomUUID()}`
  const probe = await chat(word, await someoneElse())
  await running(probe)
  end(word)
  await waiting(probe)
}

afterEach(async () => {
  await limit({})
  for (const gate of held.values()) gate.open()
  for (const { query, provider } of [engines, alone]) {
    await expect
      .poll(() => query((sql) => sql`select id from chats where status in ('pending', 'running')`), { timeout: 10_000 })
      .toEqual([])
    expect(provider.refusals).toEqual([])
    expect(provider.left).toBe(0)
  }
  held.clear()
})

describe("capacity", () => {
  it("of a user holds his chats back, oldest first, and nobody else's", async () => {
    await limit({ perUser: 1 })
    const first = await chat("a-one")
    await running(first)
    const second = await chat("a-two")
    const third = await chat("a-three")
    await oneRound()
    expect([await activity(second), await activity(third)]).toEqual(["pending", "pending"])
    end("a-one")
    await running(second)
    expect(await activity(third)).toBe("pending")
    end("a-two")
    await running(third)
  })

  it("of the deployment goes to the owner with the fewest running chats, then to the oldest", async () => {
    await limit({ deployment: 1 })
    const busy = await someoneElse()
    const patient = await someoneElse()
    const first = await chat("b-first", busy)
    await running(first)
    const older = await chat("b-older", busy)
    const younger = await chat("b-younger", patient)
    await limit({ deployment: 2 })
    await running(younger)
    expect(await activity(older)).toBe("pending")
    await limit({ deployment: 3 })
    await running(older)
  })

  it("of an organization holds back all of its chats together", async () => {
    await limit({ perOrganization: 1 })
    const first = await chat("c-first")
    await running(first)
    const second = await chat("c-second", await someoneElse())
    const granted = engine.run(
      Effect.gen(function* () {
        const instance = yield* InstanceId
        return yield* (yield* Admissions).grant(instance, { ...UNLIMITED, perOrganization: 1 }, [])
      }),
    )
    expect([await granted, await activity(second)]).toEqual([[], "pending"])
    end("c-first")
    await running(second)
  })

  it("is given first to a chat that had yielded", async () => {
    await limit({ perUser: 1 })
    const first = await chat("d-first")
    await running(first)
    const older = await chat("d-older")
    const yielded = await chat("d-yielded")
    await engines.query((sql) => sql`update chats set yielded = true where id = ${yielded} returning id`)
    end("d-first")
    await running(yielded)
    expect(await activity(older)).toBe("pending")
  })

  it("is not taken by a chat that waits for a person", async () => {
    await limit({ perUser: 1 })
    engines.provider.script({
      when: "e-asks",
      items: [{ calls: [{ tool: "read_file", args: { path: "/x" }, id: "a" }] }],
    })
    const asks = await engine.create("e-asks", { more: { tool_policy: [{ pattern: "*", action: "ask" }] } })
    await follow(engine, asks).activity("requires_action.approval")
    const second = await chat("e-second")
    await running(second)
    // It gets its slot back only when there is one.
    engines.provider.script({ when: "e-asks", items: [{ text: "stopped" }] })
    await engine.interrupt(asks)
    await oneRound()
    expect(await activity(asks)).toBe("pending")
    end("e-second")
    await waiting(asks)
  })

  it("is not taken by a chat that waits for its next attempt", async () => {
    await limit({ perUser: 1 })
    engines.provider.script({ when: "f-busy", status: 503, message: "busy" })
    const backsOff = await engine.create("f-busy")
    await follow(engine, backsOff).activity("running.backing_off")
    const second = await chat("f-second")
    await running(second)
    expect(await activity(backsOff)).toBe("running.backing_off")
    await engine.interrupt(backsOff)
    await waiting(backsOff)
  })

  it("that becomes free goes to the next at once, without a sweep", async () => {
    const other = await alone.start()
    await limit({ perUser: 1 }, other)
    const first = await chat("g-first", other.caller, other, alone)
    await running(first, other)
    const second = await chat("g-second", other.caller, other, alone)
    end("g-first")
    const view = await running(second, other)
    expect(view.activity).toBe("running.generating")
    end("g-second")
    await waiting(second, other)
    await limit({}, other)
  })
})

it("a chat that was given a slot of which nobody was told is admitted by the sweep", async () => {
  await limit({ perUser: 1 })
  const first = await chat("holds the only slot")
  await running(first)
  const second = await chat("has been forgotten")
  await oneRound()
  expect(await activity(second)).toBe("pending")
  // As a grant leaves it whose answer was lost with its connection.
  await engines.query(
    (sql) => sql`update chats set admitted_at = now() - interval '1 minute' where id = ${second} returning id`,
  )
  await running(second)
  expect(await activity(first)).toBe("running.generating")
  end("holds the only slot")
  end("has been forgotten")
  await waiting(second)
})

it("an archived chat that waits is no state of the machine, and keeps no slot and no place from others", async () => {
  const other = await alone.start()
  const words = "was archived by hand"
  const broken = await chat(words, other.caller, other, alone)
  end(words)
  await waiting(broken, other)
  for (const admitted of [false, true]) {
    await alone.query(
      (
        sql,
      ) => sql`update chats set ${sql.update(written("pending"))}, archived = true, pending_since = now() - interval '1 hour',
        admitted_at = case when ${admitted} then now() end where id = ${broken} returning id`,
    )
    for (const kind of ["deployment", "perUser", "perOrganization"] as const) {
      await limit({ [kind]: 1 }, other)
      const sound = await chat(`sound ${kind} ${admitted}`, other.caller, other, alone)
      await running(sound, other)
      end(`sound ${kind} ${admitted}`)
      await waiting(sound, other)
    }
  }
  await limit({}, other)
  const granted = await other.run(
    Effect.gen(function* () {
      const admissions = yield* Admissions
      return [
        yield* admissions.grant(yield* InstanceId, UNLIMITED, []),
        yield* admissions.forgotten(yield* InstanceId, 0),
      ]
    }),
  )
  expect(granted).toEqual([[], []])
  await alone.query(
    (sql) =>
      sql`update chats set ${sql.update(written("waiting"))}, archived = false where id = ${broken} returning id`,
  )
})
