import { beforeAll, describe, expect, it } from "vitest"
import { QUEUE_LIMIT } from "../../src/machines/chat-setup.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { openGate } from "../support/scripted-provider.ts"

const engines = useEngines()
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

interface JournalRow {
  readonly version: number
  readonly event: string
  readonly from_activity: string
  readonly to_activity: string
}

const journal = (chatId: string) =>
  engines.query<JournalRow>(
    (sql) => sql`select version, event, from_activity, to_activity from chat_transitions
      where chat_id = ${chatId} order by version`,
  )

/** A turn that has shown `words` and is held there. */
const heldTurn = async (words: string) => {
  const gate = openGate()
  engines.provider.script({ items: [{ text: words }, { gate: gate.wait }, { text: " and the rest" }] })
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.shown(words)
  return { chatId, reader, release: gate.open }
}

describe("a turn", () => {
  it("goes from the first message to waiting, and the journal tells every step", async () => {
    engines.provider.script({ items: [{ text: ["Hel", "lo"] }] })
    const chatId = await engine.create("hi there")
    const view = await follow(engine, chatId).activity("waiting")
    expect(view.lines).toEqual(["user: hi there", "assistant: Hello"])
    const rows = await journal(chatId)
    expect(rows.map(({ event }) => event)).toEqual(["Create", "FinishTurn"])
    expect(rows.map(({ version }) => version)).toEqual([1, 2])
    expect(rows.map(({ to_activity }) => to_activity)).toEqual(["running.generating", "waiting"])
    expect(rows.slice(1).map(({ from_activity }) => from_activity)).toEqual(
      rows.slice(0, -1).map(({ to_activity }) => to_activity),
    )
    const left = await engines.query(
      (sql) => sql`
      select chat_id from chat_parts where chat_id = ${chatId}
      union all select chat_id from chat_attempts where chat_id = ${chatId}`,
    )
    expect(left).toEqual([])
  })

  it("shows text before the reply is complete", async () => {
    const { reader, release } = await heldTurn("first half")
    expect(reader.view.activity).toBe("running.generating")
    expect(reader.view.lines).toEqual(["user: go"])
    release()
    const view = await reader.activity("waiting")
    expect(view.lines).toEqual(["user: go", "assistant: first half and the rest"])
    expect(view.shown).toBe("")
  })

  it("gives the model the whole conversation", async () => {
    engines.provider.script({ items: [{ text: "one" }] }, { items: [{ text: "two" }] })
    const chatId = await engine.create("say one")
    const reader = follow(engine, chatId)
    await reader.activity("waiting")
    await engine.send(chatId, "say two")
    const view = await reader.until(({ lines }) => lines.includes("assistant: two"))
    expect(view.lines).toEqual(["user: say one", "assistant: one", "user: say two", "assistant: two"])
    const messages = engines.provider.requests.at(-1)?.body["messages"] as ReadonlyArray<{ role: string }>
    expect(messages.map(({ role }) => role).filter((role) => role !== "system")).toEqual(["user", "assistant", "user"])
  })

  it("keeps text that the database cannot hold as it is", async () => {
    engines.provider.script({ items: [{ text: ["nul \u0000 here, ", "half \ud83d of a pair, ", "whole 🙂"] }] })
    const chatId = await engine.create("strange \u0000 text \udc00")
    const view = await follow(engine, chatId).activity("waiting")
    expect(view.lines).toEqual([
      "user: strange \ufffd text \ufffd",
      "assistant: nul \ufffd here, half \ufffd of a pair, whole 🙂",
    ])
  })
})

describe("an Idempotency-Key", () => {
  it("creates one chat, however often and at once the request comes", async () => {
    engines.provider.script({ items: [{ text: "once" }] })
    const ids = await Promise.all([1, 2, 3, 4].map(() => engine.create("with a key", { key: "create" })))
    expect(new Set(ids).size).toBe(1)
    const [chatId = ""] = ids
    await follow(engine, chatId).activity("waiting")
    expect(await engine.create("with a key", { key: "create" })).toBe(chatId)
    const rows = await engines.query<{ n: number }>(
      (sql) => sql`select count(*) as n from command_receipts where key = 'create'`,
    )
    expect(rows).toEqual([{ n: 1 }])
  })

  it("sends one message, and a repeat gets the same answer", async () => {
    engines.provider.script({ items: [{ text: "one" }] }, { items: [{ text: "two" }] })
    const chatId = await engine.create("first")
    const reader = follow(engine, chatId)
    await reader.activity("waiting")
    const sent = await Promise.all([1, 2, 3].map(() => engine.send(chatId, "second", { key: "send" })))
    await reader.until(({ lines }) => lines.includes("assistant: two"))
    const later = await engine.send(chatId, "second", { key: "send" })
    expect(new Set([...sent, later].map(({ message }) => message?.id)).size).toBe(1)
    expect(later.message?.content).toEqual([{ type: "text", text: "second" }])
    expect(reader.view.lines.filter((line) => line === "user: second")).toHaveLength(1)
  })

  it("finds a message that was queued, also after it has left the queue", async () => {
    const { chatId, reader, release } = await heldTurn("busy")
    const first = await engine.send(chatId, "later", { key: "queued" })
    expect(first.queued?.id).toBeGreaterThan(0)
    expect(first.message).toBeUndefined()
    engines.provider.script({ items: [{ text: "done" }] })
    release()
    await reader.until(({ lines }) => lines.includes("assistant: done"))
    const again = await engine.send(chatId, "later", { key: "queued" })
    expect(again.queued?.id).toBe(first.queued?.id)
    expect(reader.view.lines.filter((line) => line === "user: later")).toHaveLength(1)
  })

  it("is refused for another request", async () => {
    engines.provider.script({ items: [{ text: "one" }] }, { items: [{ text: "two" }] })
    const chatId = await engine.create("first")
    const reader = follow(engine, chatId)
    await reader.activity("waiting")
    await engine.send(chatId, "this", { key: "reused" })
    await expect(engine.send(chatId, "that", { key: "reused" })).rejects.toMatchObject({
      name: "(FiberFailure) KeyReused",
    })
    await reader.until(({ lines }) => lines.includes("assistant: two"))
    expect(reader.view.lines).not.toContain("user: that")
  })
})

describe("the queue", () => {
  it("takes messages while a turn runs, up to its limit, and works them off in order", async () => {
    const { chatId, reader, release } = await heldTurn("busy")
    for (let index = 1; index <= QUEUE_LIMIT; index += 1) {
      const sent = await engine.send(chatId, `message ${index}`)
      expect(sent.queued).toBeDefined()
    }
    await expect(engine.send(chatId, "one too many")).rejects.toThrow(/at most 20 messages can wait/)
    await reader.until(({ queue }) => queue.length === QUEUE_LIMIT)
    engines.provider.script(
      ...Array.from({ length: QUEUE_LIMIT }, (_, index) => ({ items: [{ text: `reply ${index + 1}` }] })),
    )
    release()
    const view = await reader.until(
      ({ lines, activity }) => activity === "waiting" && lines.includes(`assistant: reply ${QUEUE_LIMIT}`),
    )
    expect(view.queue).toEqual([])
    const expected = Array.from({ length: QUEUE_LIMIT }, (_, index) => [
      `user: message ${index + 1}`,
      `assistant: reply ${index + 1}`,
    ])
    expect(view.lines.slice(2)).toEqual(expected.flat())
  })

  it("waits after an error; the next message sends the oldest first", async () => {
    const { chatId, reader, release } = await heldTurn("busy")
    release()
    await reader.activity("waiting")
    const gate = openGate()
    engines.provider.script({ items: [{ gate: gate.wait }, { text: "x" }], finish: "content-filter" })
    await engine.send(chatId, "bad")
    await reader.activity("running.generating")
    await engine.send(chatId, "older")
    gate.open()
    await reader.activity("error")
    expect(reader.view.queue).toHaveLength(1)
    engines.provider.script({ items: [{ text: "to older" }] }, { items: [{ text: "to newer" }] })
    await engine.send(chatId, "newer")
    const view = await reader.until(({ lines }) => lines.includes("assistant: to newer"))
    expect(view.lines.slice(-4)).toEqual(["user: older", "assistant: to older", "user: newer", "assistant: to newer"])
    expect(view.error).toBeUndefined()
  })
})

describe("interrupting", () => {
  it("keeps the partial text as a message", async () => {
    const { chatId, reader, release } = await heldTurn("partial")
    await engine.interrupt(chatId)
    const view = await reader.activity("waiting")
    expect(view.lines).toEqual(["user: go", "assistant: partial"])
    expect(view.shown).toBe("")
    expect(await engines.provider.requests.at(-1)?.closed).toBe(false)
    release()
  })

  it("is refused twice and when nothing runs", async () => {
    const { chatId, reader, release } = await heldTurn("partial")
    const both = await Promise.allSettled([engine.interrupt(chatId), engine.interrupt(chatId)])
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"])
    await reader.activity("waiting")
    await expect(engine.interrupt(chatId)).rejects.toThrow(/nothing to interrupt/)
    release()
  })

  it("stores the partial text before the message that interrupted", async () => {
    const { chatId, reader, release } = await heldTurn("partial")
    engines.provider.script({ items: [{ text: "at once" }] })
    const sent = await engine.send(chatId, "stop, do this", { busy: "interrupt" })
    expect(sent.queued).toBeDefined()
    const view = await reader.until(({ lines }) => lines.includes("assistant: at once"))
    expect(view.lines).toEqual(["user: go", "assistant: partial", "user: stop, do this", "assistant: at once"])
    release()
  })

  it("answers the calls that were half received", async () => {
    const gate = openGate()
    engines.provider.script({
      items: [{ text: "calling" }, { calls: [{ tool: "read_file", args: { path: "/a" } }] }, { gate: gate.wait }],
    })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.shown("<read_file>")
    await engine.interrupt(chatId)
    const view = await reader.activity("waiting")
    expect(view.lines).toEqual(["user: go", "assistant: calling <read_file>", "tool: <read_file failed>"])
    gate.open()
    // The provider refuses a history in which a call has no result.
    engines.provider.script({ items: [{ text: "fine" }] })
    await engine.send(chatId, "go on")
    await reader.until(({ lines }) => lines.includes("assistant: fine"))
  })

  it("of a turn that has shown nothing writes nothing", async () => {
    const gate = openGate()
    engines.provider.script({ items: [{ gate: gate.wait }] })
    const arrived = engines.provider.requestArrived(engines.provider.requests.length + 1)
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await arrived
    await engine.interrupt(chatId)
    const view = await reader.activity("waiting")
    expect(view.lines).toEqual(["user: go"])
    gate.open()
  })
})
