import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { afterEach, describe, expect, it, vi } from "vitest"
import { Slots } from "../../src/actors/chat/slots.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { useHeldChats } from "../support/held-chats.ts"
import { commitsOf, refuseWrites } from "../support/refused-writes.ts"

/** The slot of a turn is given before the commit that begins it. The rows have the last word, and no slot is lost. */

/** No sweep comes to help within a test. */
const engines = useEngines({ TROUPE_SWEEP_MS: "60000", TROUPE_RETRY_BASE_MS: "300" })
const { begin, end, endAll, limit, someoneElse } = useHeldChats(engines)
const follow = useReaders()

afterEach(() => {
  vi.restoreAllMocks()
  engines.provider.reset()
})

const name = () => randomUUID().slice(0, 8)

const activities = async (engine: Engine, ...chatIds: ReadonlyArray<string>) =>
  Promise.all(chatIds.map(async (id) => (await engine.row(id)).activity))

const journalOf = async (chatId: string) =>
  (
    await engines.query<{ event: string }>(
      (sql) => sql`select event from chat_transitions where chat_id = ${chatId} order by version`,
    )
  ).map(({ event }) => event)

const generating = (engine: Engine, chatId: string) => follow(engine, chatId).activity("running.generating")
const waiting = (engine: Engine, chatId: string) => follow(engine, chatId).activity("waiting")

/** A chat whose first turn is over. */
const finished = async (engine: Engine) => {
  const words = name()
  const id = await begin(engine, words)
  await generating(engine, id)
  end(words)
  await waiting(engine, id)
  return id
}

/** The next slots are given whatever the ledger would say, as by a ledger that is wrong. */
const giveWrongly = async (engine: Engine, times: number) => {
  const slots = await engine.run(Slots)
  const take = slots.take
  let left = times
  vi.spyOn(slots, "take").mockImplementation((chat) =>
    Effect.suspend(() => {
      left -= 1
      return left < 0 ? take(chat) : Effect.succeed({ limits: { deployment: 1, perUser: null, perOrganization: null } })
    }),
  )
  return vi.spyOn(slots, "giveBack")
}

describe("a turn for which there is a slot", () => {
  it("begins with the message: no reader sees the chat wait for it", async () => {
    const engine = await engines.start()
    const id = await finished(engine)
    const reader = follow(engine, id)
    await reader.activity("waiting")
    engines.provider.script({ items: [{ text: "one" }] })
    await engine.send(id, "again")
    await reader.until(({ activity, lines }) => activity === "waiting" && lines.includes("assistant: one"))
    const statuses = reader.view.events.flatMap((event) => (event.type === "status" ? [event.status.activity] : []))
    expect(statuses).toEqual(["waiting", "running.generating", "waiting"])
    expect(await journalOf(id)).toEqual(["Create", "FinishTurn", "SendMessage", "FinishTurn"])
    await engine.stop()
  })

  it("goes on with the next message of its queue in one commit, while nobody waits", async () => {
    const engine = await engines.start()
    await limit(engine, { deployment: 1 })
    const words = name()
    const id = await begin(engine, words)
    await generating(engine, id)
    await engine.send(id, "next")
    engines.provider.script({ when: "next", items: [{ text: "second" }] })
    end(words)
    await follow(engine, id).until(
      ({ activity, lines }) => activity === "waiting" && lines.includes("assistant: second"),
    )
    expect(await journalOf(id)).toEqual(["Create", "SendMessage", "FinishTurn", "FinishTurn"])
    await engine.stop()
  })
})

describe("a turn for which there is none", () => {
  it("stands in the line, and a newcomer does not overtake it, not even the chat that has the slot", async () => {
    const engine = await engines.start()
    await limit(engine, { deployment: 1 })
    const [a, b, c] = [name(), name(), name()]
    const first = await begin(engine, a)
    await generating(engine, first)
    await engine.send(first, "and then")
    const second = await begin(engine, b, await someoneElse(engine))
    const third = await begin(engine, c, await someoneElse(engine))
    expect(await activities(engine, second, third)).toEqual(["pending", "pending"])
    end(a)
    await generating(engine, second)
    expect(await activities(engine, first, third)).toEqual(["pending", "pending"])
    engines.provider.script({ when: "and then", items: [{ text: "done" }] })
    endAll()
    for (const id of [first, second, third]) await waiting(engine, id)
    await engine.stop()
  })

  it("comes back from a back-off to the end of a turn that took its slot meanwhile", async () => {
    const engine = await engines.start()
    await limit(engine, { deployment: 1 })
    const id = await finished(engine)
    engines.provider.script({ status: 500, when: "flaky" }, { items: [{ text: "better" }], when: "flaky" })
    await engine.send(id, "flaky")
    await follow(engine, id).activity("running.backing_off")
    const other = name()
    const second = await begin(engine, other, await someoneElse(engine))
    await generating(engine, second)
    await follow(engine, id).activity("pending")
    expect((await journalOf(id)).slice(-2)).toEqual(["RecordRetryState", "Yield"])
    end(other)
    await follow(engine, id).until(
      ({ activity, lines }) => activity === "waiting" && lines.includes("assistant: better"),
    )
    await engine.stop()
  })
})

describe("a slot that was given", () => {
  it("comes back when the commit is refused", async () => {
    const engine = await engines.start()
    const id = await finished(engine)
    await limit(engine, { deployment: 1 })
    const refused = refuseWrites("22P05", commitsOf(id, "SendMessage"))
    await expect(engine.send(id, "something that cannot be kept")).rejects.toThrow(/cannot be kept/)
    refused.lift()
    const words = name()
    const other = await begin(engine, words)
    expect(await activities(engine, id, other)).toEqual(["waiting", "running.generating"])
    end(words)
    await waiting(engine, other)
    await engine.stop()
  })

  it("wakes those who stand in the line when it comes back", async () => {
    const engine = await engines.start()
    const id = await finished(engine)
    await limit(engine, { deployment: 1 })
    const refused = refuseWrites("53300", commitsOf(id, "SendMessage"))
    const sending = engine.send(id, "when there is room").catch((error: unknown) => error)
    await expect.poll(refused.count).toBeGreaterThan(0)
    const words = name()
    const second = await begin(engine, words, await someoneElse(engine))
    expect(await activities(engine, second)).toEqual(["pending"])
    // What cannot be written for want of room is given up at last.
    await sending
    await generating(engine, second)
    refused.lift()
    end(words)
    await waiting(engine, second)
    await engine.stop()
  })

  it.each(["a message", "a new chat"])(
    "is not taken where the rows have no room for it: %s waits in the line",
    async (what) => {
      const engine = await engines.start()
      const id = await finished(engine)
      await limit(engine, { deployment: 1 })
      const words = name()
      const first = await begin(engine, words)
      await generating(engine, first)
      const givenBack = await giveWrongly(engine, 1)
      const next = name()
      engines.provider.script({ when: next, items: [{ text: "done" }] })
      const second = what === "a message" ? id : await engine.create(next)
      if (what === "a message") await engine.send(id, next)
      expect(await activities(engine, first, second)).toEqual(["running.generating", "pending"])
      expect(givenBack).toHaveBeenCalledWith(second)
      end(words)
      await follow(engine, second).until(
        ({ activity, lines }) => activity === "waiting" && lines.includes("assistant: done"),
      )
      await waiting(engine, first)
      await engine.stop()
    },
  )
})

it("a server that starts counts the chats that are at work already", async () => {
  const before = await engines.start()
  await limit(before, { deployment: 1 })
  const words = name()
  const first = await begin(before, words)
  await generating(before, first)
  await before.stop()
  const engine = await engines.start()
  engines.provider.script({ when: words, items: [{ text: "after all" }] })
  const second = await begin(engine, name(), await someoneElse(engine))
  expect(await activities(engine, second)).toEqual(["pending"])
  endAll()
  await waiting(engine, first)
  await waiting(engine, second)
  await engine.stop()
})
