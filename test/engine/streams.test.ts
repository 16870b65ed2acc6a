import fc from "fast-check"
import { Effect } from "effect"
import { beforeAll, describe, expect, it, vi } from "vitest"
import { messageToWire } from "../../src/actors/streams/chat-wire.ts"
import type { Part } from "../../src/contract/parts.ts"
import { ChatReads } from "../../src/db/chats/reads.ts"
import { canonical, ChatView, TestReader, useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { openGate } from "../support/scripted-provider.ts"
import { record, rounds, seed } from "../support/soak.ts"

// Every delta is a part of its own, so that there is much to cut between.
const engines = useEngines({ TROUPE_COALESCE_MS: "0" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

const deltas = (word: string, count: number) => Array.from({ length: count }, (_, index) => `${word}${index} `)

const LAST = "that is all"

/** Text, calls, a retry, a queue, an interruption and an edit: everything a stream has to tell. */
const eventfulChat = async () => {
  const held = openGate()
  const edited = openGate()
  const call = (path: string) => ({ tool: "read_file", args: { path } })
  engines.provider.script(
    { items: [{ text: deltas("lost", 6) }, { cut: "reset" }] },
    { items: [{ reasoning: "hm" }, { text: deltas("look", 8) }, { calls: [call("/one"), call("/two")] }] },
    { items: [{ text: deltas("found", 8) }] },
    { items: [{ text: deltas("long", 8) }, { gate: held.wait }] },
    { items: [{ text: deltas("quick", 8) }] },
    { items: [{ text: deltas("wrong", 4) }, { gate: edited.wait }] },
    { items: [{ text: [...deltas("right", 8), LAST] }] },
  )
  const chatId = await engine.create("begin")
  const run = async () => {
    const control = follow(engine, chatId)
    await control.until(
      ({ lines, activity }) => activity === "waiting" && lines.some((line) => line.includes("found7")),
    )
    await engine.send(chatId, "at length")
    await control.shown("long7")
    const queued = await engine.send(chatId, "waits in the queue")
    await control.until(({ queue }) => queue.length === 1)
    await engine.removeQueued(chatId, queued.queued?.id ?? 0)
    await engine.send(chatId, "be quick", { busy: "interrupt" })
    held.open()
    await control.until(
      ({ lines, activity }) => activity === "waiting" && lines.some((line) => line.includes("quick7")),
    )
    await engine.send(chatId, "to be edited")
    await control.shown("wrong3")
    const target = control.view.transcript.findLast(({ role }) => role === "user")
    await engine.edit(chatId, target?.id ?? 0, "edited")
    edited.open()
    await control.until(isOver)
    return control.view
  }
  return { chatId, run }
}

const isOver = ({ lines, activity, shown }: ChatView): boolean =>
  activity === "waiting" && shown === "" && (lines.at(-1) ?? "").endsWith(LAST)

/** Events that a connection lives for at least once in a while: a change that is cut off is sent again from its beginning. */
const LONG_ENOUGH = 60

/** A reader whose connection breaks after so many events, again and again, and that always comes back with its cursor. */
const fragileReader = async (chatId: string, lengths: ReadonlyArray<number>) => {
  const view = new ChatView()
  let cuts = 0
  for (;;) {
    const reader = new TestReader(engine, chatId, { view })
    reader.cutAfter(lengths[cuts % lengths.length] ?? 1)
    await reader.until((now) => reader.isCut || isOver(now))
    await reader.close()
    if (isOver(view)) return { view, cuts }
    cuts += 1
  }
}

const storedMessages = async (chatId: string) => {
  const { rows } = await engine.run(Effect.flatMap(ChatReads, (reads) => reads.messages(chatId, { limit: 200 })))
  return rows.map(messageToWire).toReversed()
}

/** Texts of the logged parts of attempts that became no message, by the name that the view gives them. */
const storedParts = async (chatId: string) => {
  const rows = await engines.query<{ name: string; part: Part }>(
    (sql) => sql`select history_version || '.' || attempt || '.' || seq as name, part from chat_parts
      where chat_id = ${chatId}`,
  )
  return new Map(rows.map(({ name, part }) => [name, canonical(part)]))
}

/** Names of parts that both have and that are not the same. */
const differing = (some: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>) =>
  [...some].filter(([name, text]) => (others.get(name) ?? text) !== text).map(([name]) => name)

const CUTS = rounds({ test: 1_000, soak: 10_000 })
/** Two dozen readers of a chat are cut off about 350 times; where the machine is slow, there is less to cut between. */
const MOST_CHATS = CUTS / 100
const TIMEOUT = rounds({ test: 120_000, soak: 900_000 })

// A seed of one's own repeats a run: TROUPE_TEST_SEED=... npx vitest run test/engine/streams.test.ts
describe(`readers whose connection breaks (seed ${seed})`, () => {
  it("miss nothing, get no part twice, and end with what is stored", { timeout: TIMEOUT }, async () => {
    const startedAt = performance.now()
    const cutLengths = fc.array(
      fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: 1, max: 4 }) },
        { weight: 1, arbitrary: fc.integer({ min: 5, max: 30 }) },
      ),
      { minLength: 12, maxLength: 24 },
    )
    let total = 0
    let chatsRead = 0
    await fc.assert(
      fc.asyncProperty(fc.array(cutLengths, { minLength: 24, maxLength: 24 }), async (readers) => {
        if (total >= CUTS) return
        chatsRead += 1
        const { chatId, run } = await eventfulChat()
        const [control, ...fragile] = await Promise.all([
          run(),
          ...readers.map((lengths) => fragileReader(chatId, [...lengths, LONG_ENOUGH])),
        ])
        const stored = await storedMessages(chatId)
        const parts = await storedParts(chatId)
        expect(control.transcript).toEqual(stored)
        // The attempt that a retry replaced.
        expect(parts.size).toBeGreaterThanOrEqual(6)
        for (const { view, cuts } of fragile) {
          total += cuts
          expect(view.breaches).toEqual([])
          expect(view.transcript).toEqual(stored)
          expect(view.queue).toEqual([])
          expect(view.error).toBeUndefined()
          expect(differing(view.parts, control.parts)).toEqual([])
          expect(differing(view.parts, parts)).toEqual([])
        }
      }),
      { seed, numRuns: MOST_CHATS, endOnFailure: true },
    )
    expect(total).toBeGreaterThanOrEqual(CUTS)
    record("readers that are cut off at random", {
      cuts: total,
      chats: chatsRead,
      seconds: Math.round((performance.now() - startedAt) / 1000),
    })
  })
})

describe("a first snapshot", () => {
  it("of the last messages only holds no others", async () => {
    engines.provider.script(...["one", "two", "three"].map((word) => ({ items: [{ text: word }] })))
    const chatId = await engine.create("1")
    const whole = follow(engine, chatId)
    await whole.activity("waiting")
    for (const [index, word] of ["two", "three"].entries()) {
      await engine.send(chatId, String(index + 2))
      await whole.until(({ lines, activity }) => lines.includes(`assistant: ${word}`) && activity === "waiting")
    }
    const tail = new TestReader(engine, chatId, { start: { type: "snapshot", afterId: 0, tail: 2 } })
    expect((await tail.activity("waiting")).lines).toEqual(["user: 3", "assistant: three"])
    await tail.close()
    const afterId = whole.view.transcript[3]?.id ?? 0
    const after = new TestReader(engine, chatId, { start: { type: "snapshot", afterId } })
    expect((await after.activity("waiting")).lines).toEqual(["user: 3", "assistant: three"])
    await after.close()
  })

  it("for a position from another life of the database begins again", async () => {
    engines.provider.script({ items: [{ text: "one" }] })
    const chatId = await engine.create("1")
    await follow(engine, chatId).activity("waiting")
    const view = new ChatView()
    const cursor = { version: 999, historyVersion: 998, attempt: 1, seq: 5 }
    const foreign = new TestReader(engine, chatId, { view, start: { type: "cursor", cursor } })
    await foreign.activity("waiting")
    expect(view.lines).toEqual(["user: 1", "assistant: one"])
    expect(view.events[0]).toMatchObject({ type: "history_reset", history_reset: { from_id: 1 } })
    await foreign.close()
  })
})

describe("a slow reader", () => {
  it("is sent nothing more until it has taken what it has, and is then brought up to date", async () => {
    const gates = [openGate(), openGate()]
    const [first, second] = gates
    engines.provider.script({
      items: [
        { text: "seen " },
        { gate: first!.wait },
        { text: deltas("missed", 200) },
        { gate: second!.wait },
        { text: "end" },
      ],
    })
    const chatId = await engine.create("go")
    let full = false
    let drained: (() => void) | undefined
    const sink = {
      bufferedBytes: () => (full ? 2 * 1024 * 1024 : 0),
      onDrain: (callback: () => void) => {
        drained = callback
      },
    }
    const slow = new TestReader(engine, chatId, { sink })
    const quick = follow(engine, chatId)
    await Promise.all([slow.shown("seen"), quick.shown("seen")])
    full = true
    const before = slow.view.events.length
    first!.open()
    await quick.shown("missed199")
    expect(slow.view.events).toHaveLength(before)
    expect(drained).toBeDefined()
    full = false
    drained?.()
    await slow.shown("missed199")
    second!.open()
    const view = await slow.activity("waiting")
    expect(view.breaches).toEqual([])
    expect(view.transcript).toEqual(await storedMessages(chatId))
    // It got the same parts, once each.
    const text = (reader: TestReader) => [...reader.view.parts].toSorted()
    await quick.activity("waiting")
    expect(text(slow)).toEqual(text(quick))
    await slow.close()
  })
})

describe("a reader whose server dies", () => {
  it("goes on at the next one from where it was", async () => {
    const gate = openGate()
    engines.provider.script({ items: [{ text: deltas("shown", 5) }, { gate: gate.wait }] })
    const chatId = await engine.create("go")
    const view = new ChatView()
    const before = new TestReader(engine, chatId, { view })
    await before.shown("shown4")
    await engine.crash()
    await before.close()
    gate.open()
    engines.provider.script({ items: [{ text: deltas("again", 5) }] })
    engine = await engines.start()
    const after = new TestReader(engine, chatId, { view })
    await after.activity("waiting")
    await after.close()
    expect(view.breaches).toEqual([])
    expect(view.transcript).toEqual(await storedMessages(chatId))
    expect(view.lines).toEqual(["user: go", `assistant: ${deltas("again", 5).join("")}`])
  })
})

it("text that a reader has read beside an older state is not told again with the next change", async () => {
  const said = openGate()
  const end = openGate()
  engines.provider.script(
    { items: [{ gate: said.wait }, { text: "once" }, { gate: end.wait }] },
    { items: [{ text: "x" }] },
  )
  const chatId = await engine.create("go")
  const control = follow(engine, chatId)
  await control.activity("running.generating")
  const reads = await engine.run(ChatReads)
  const parts = reads.partTexts
  const reached = openGate()
  const read = openGate()
  const held = vi
    .spyOn(reads, "partTexts")
    .mockImplementationOnce((...given) =>
      Effect.sync(() => reached.open()).pipe(
        Effect.zipRight(Effect.promise(() => read.wait)),
        Effect.zipRight(Effect.suspend(() => parts(...given))),
      ),
    )
  // The state is read, the text not yet; then both move on.
  const reader = follow(engine, chatId)
  await reached.wait
  held.mockRestore()
  await engine.send(chatId, "later")
  said.open()
  await control.shown("once")
  const logged = async () =>
    (await engines.query((sql) => sql`select seq from chat_parts where chat_id = ${chatId}`)).length
  await expect.poll(logged).toBe(1)
  read.open()
  await reader.until(({ queue, shown }) => queue.length === 1 && shown !== "")
  end.open()
  await reader.until(({ lines, activity }) => activity === "waiting" && lines.includes("assistant: x"))
  expect(reader.view.breaches).toEqual([])
})
