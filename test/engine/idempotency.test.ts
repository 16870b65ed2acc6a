import { Effect } from "effect"
import { afterEach, beforeAll, describe, expect, it } from "vitest"
import { ChatFeed } from "../../src/actors/streams/chat-feed.ts"
import { messageToWire, queuedToWire } from "../../src/actors/streams/chat-wire.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { refusal } from "../support/refusal.ts"
import { openGate } from "../support/scripted-provider.ts"

const engines = useEngines({ TROUPE_IDLE_ACTOR_MS: "60000" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
  // Turns that nobody ends but the calls.
  engines.provider.script({
    repeat: true,
    when: ({ body }) => /stay busy|"role":"tool"/.test(JSON.stringify(body["messages"])),
    items: [{ text: "thinking" }, { silence: true }],
  })
})

afterEach(() => {
  engines.workspace.release()
  expect(engines.provider.refusals).toEqual([])
  expect(engines.provider.left).toBe(0)
})

const clientTool = { unsafe_dynamic_tools: [{ name: "ask_user", input_schema: { type: "object" } }] }

/** A chat in a turn that goes on for ever, with two messages in its queue. */
const busy = async () => {
  const chatId = await engine.create("stay busy")
  const reader = follow(engine, chatId)
  await reader.shown("thinking")
  await engine.send(chatId, "one")
  await engine.send(chatId, "two")
  const view = await reader.until(({ queue }) => queue.length === 2)
  return { chatId, userMessage: view.transcript[0]?.id ?? 0, queued: view.queue.map(({ id }) => id) }
}

const asking = async (more: Parameters<Engine["create"]>[1]) => {
  engines.provider.script({ items: [{ calls: [{ tool: "ask_user", args: {}, id: "a" }] }] })
  const chatId = await engine.create("go", more)
  await follow(engine, chatId).until(({ activity }) => activity.startsWith("requires_action"))
  return chatId
}

interface Call {
  readonly chatId: string
  /** The call, with a key. */
  readonly run: (key: string) => Promise<unknown>
  /** The same call and key, with something else in it; undefined where there is nothing that could differ. */
  readonly other: ((key: string) => Promise<unknown>) | undefined
}

/** Every mutating call, on a chat on which it is possible. */
const calls: Readonly<Record<string, () => Promise<Call>>> = {
  send: async () => {
    const { chatId } = await busy()
    return {
      chatId,
      run: (key) => engine.send(chatId, "three", { key }).then(({ queued }) => queued && queuedToWire(queued)),
      other: (key) => engine.send(chatId, "four", { key }),
    }
  },
  interrupt: async () => {
    const { chatId } = await busy()
    return { chatId, run: (key) => engine.interrupt(chatId, key).then(() => "interrupted"), other: undefined }
  },
  edit: async () => {
    const { chatId, userMessage } = await busy()
    return {
      chatId,
      run: (key) => engine.edit(chatId, userMessage, "stay busy here", { key }).then(messageToWire),
      other: (key) => engine.edit(chatId, userMessage, "stay busy there", { key }),
    }
  },
  "delete from the queue": async () => {
    const { chatId, queued } = await busy()
    return { chatId, run: (key) => engine.removeQueued(chatId, queued[0] ?? 0, key), other: undefined }
  },
  promote: async () => {
    const { chatId, queued } = await busy()
    return { chatId, run: (key) => engine.promote(chatId, queued[1] ?? 0, key), other: undefined }
  },
  "tool results": async () => {
    const chatId = await asking({ more: clientTool })
    return {
      chatId,
      run: (key) => engine.answer(chatId, [{ tool_call_id: "a", output: 1 }], key),
      other: (key) => engine.answer(chatId, [{ tool_call_id: "a", output: 2 }], key),
    }
  },
  approvals: async () => {
    const chatId = await asking({ more: { ...clientTool, tool_policy: [{ pattern: "*", action: "ask" }] } })
    const [{ id } = { id: "" }] = await engine.approvals(chatId)
    return {
      chatId,
      run: (key) => engine.decide(chatId, [{ id, decision: "deny" }], key),
      other: (key) => engine.decide(chatId, [{ id, decision: "approve" }], key),
    }
  },
}

/** Times that somebody has done something to the chat. */
const doings = async (chatId: string) =>
  (
    await engines.query<{ event: string }>(
      (sql) => sql`select event from chat_transitions where chat_id = ${chatId} and actor_user_id is not null
        order by version`,
    )
  ).map(({ event }) => event)

describe("a call with an Idempotency-Key", () => {
  it.each(Object.keys(calls))("(%s) is carried out once and answered alike each time", async (name) => {
    const made = await calls[name]?.()
    if (made === undefined) throw new Error("no such call")
    const { chatId, run, other } = made
    const before = await doings(chatId)
    // Some at the same time, one later.
    const answers = await Promise.all([run("key"), run("key"), run("key"), run("key")])
    answers.push(await run("key"))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect((await doings(chatId)).length).toBe(before.length + 1)
    const reused = other === undefined ? { _tag: "KeyReused" } : await refusal(other("key"))
    expect(reused).toMatchObject({ _tag: "KeyReused" })
    expect((await doings(chatId)).length).toBe(before.length + 1)
  })

  it("is another call with another key", async () => {
    const { chatId } = await busy()
    const first = await engine.send(chatId, "three", { key: "first" })
    const second = await engine.send(chatId, "three", { key: "second" })
    expect(second.queued?.id).toBeGreaterThan(first.queued?.id ?? Number.POSITIVE_INFINITY)
  })

  it("archives a chat once", async () => {
    engines.provider.script({ items: [{ text: "hi" }] })
    const chatId = await engine.create("go")
    await follow(engine, chatId).activity("waiting")
    const archive = (archived: boolean) => engine.patch(chatId, { archived, title: "archived" }, "patch")
    await Promise.all([archive(true), archive(true), archive(true)])
    await archive(true)
    expect(await doings(chatId)).toEqual(["Create", "SetArchived"])
    expect(await refusal(archive(false))).toMatchObject({ _tag: "KeyReused", key: "patch" })
    expect(await refusal(engine.patch(chatId, { archived: true }, "another"))).toMatchObject({ field: "archived" })
  })

  it("sets the mode once, whatever it is set to later", async () => {
    engines.provider.script({ items: [{ text: "hi" }] })
    const chatId = await engine.create("go")
    await follow(engine, chatId).activity("waiting")
    const plan = () => engine.patch(chatId, { title: "planned", plan_mode: "plan" }, "patch")
    await Promise.all([plan(), plan(), plan()])
    await engine.patch(chatId, { title: "at work", plan_mode: "" }, "another")
    await plan()
    expect(await doings(chatId)).toEqual(["Create", "SetMode", "SetMode"])
    expect(await engine.row(chatId)).toMatchObject({ title: "at work" })
    expect(await refusal(engine.patch(chatId, { plan_mode: "plan" }, "another"))).toMatchObject({ _tag: "KeyReused" })
  })

  it("sends a message that sets the mode once", async () => {
    engines.provider.script({ items: [{ text: "hi" }] })
    const chatId = await engine.create("go")
    await follow(engine, chatId).activity("waiting")
    const plan = () => engine.send(chatId, "stay busy", { key: "plan", more: { plan_mode: "plan" } })
    const sent = await Promise.all([plan(), plan(), plan(), plan(), plan()])
    expect(new Set(sent.map(({ message }) => message?.id)).size).toBe(1)
    expect(await doings(chatId)).toEqual(["Create", "SetMode", "SendMessage"])
  })

  it("changes all attributes or none", async () => {
    engines.provider.script({ items: [{ text: "hi" }] })
    const chatId = await engine.create("go")
    await follow(engine, chatId).activity("waiting")
    const { title } = await engine.row(chatId)
    const half = { title: "half done", archived: false, plan_mode: "plan" } as const
    const news: Array<string> = []
    const unsubscribe = await engine.run(
      Effect.map(ChatFeed, (feed) => feed.subscribe(engine.caller.userId, ({ kind }) => news.push(kind))),
    )
    expect(await refusal(engine.patch(chatId, half, "patch"))).toMatchObject({ field: "archived" })
    expect(await refusal(engine.patch(chatId, { archived: true, pin_order: 1 }, "pin"))).toMatchObject({
      field: "pin_order",
    })
    expect(news).toEqual([])
    expect(await engine.row(chatId)).toMatchObject({ title })
    expect(await doings(chatId)).toEqual(["Create"])
    await engine.patch(chatId, { title: "half done", archived: true }, "patch")
    expect(await engine.row(chatId)).toMatchObject({ title: "half done", archived: true })
    expect(news).toEqual(["title_change", "deleted"])
    unsubscribe()
  })

  it("makes one chat", async () => {
    engines.provider.script({ items: [{ text: "hi" }] })
    const ids = await Promise.all(Array.from({ length: 4 }, () => engine.create("once", { key: "create" })))
    ids.push(await engine.create("once", { key: "create" }))
    expect(new Set(ids).size).toBe(1)
    expect(await refusal(engine.create("twice", { key: "create" }))).toMatchObject({ _tag: "KeyReused" })
    await follow(engine, ids[0] ?? "").activity("waiting")
    const rows = await engines.query((sql) => sql`select id from chat_messages where content::text like '%once%'`)
    expect(rows).toHaveLength(1)
  })

  it("leaves no receipt when it is refused, and may be tried again", async () => {
    engines.provider.script({ items: [{ text: "hi" }] })
    const chatId = await engine.create("go")
    await follow(engine, chatId).activity("waiting")
    expect(await refusal(engine.interrupt(chatId, "early"))).toMatchObject({ _tag: "CommandRefused" })
    const gate = openGate()
    engines.provider.script({ items: [{ text: "on it" }, { gate: gate.wait }] })
    await engine.send(chatId, "work")
    await follow(engine, chatId).shown("on it")
    await engine.interrupt(chatId, "early")
    gate.open()
    await follow(engine, chatId).activity("waiting")
    expect(await doings(chatId)).toEqual(["Create", "SendMessage", "Interrupt"])
  })

  it("gives the same answer for a queued message that is long gone", async () => {
    const gate = openGate()
    engines.provider.script({ items: [{ text: "thinking" }, { gate: gate.wait }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.shown("thinking")
    const first = await engine.send(chatId, "later", { key: "later" })
    engines.provider.script({ items: [{ text: "to later" }] })
    gate.open()
    await reader.until(({ lines }) => lines.includes("assistant: to later"))
    const again = await engine.send(chatId, "later", { key: "later" })
    expect([again.message, again.queued?.id]).toEqual([undefined, first.queued?.id])
    await reader.close()
    await engine.crash()
    engine = await engines.start()
    const afterCrash = await engine.send(chatId, "later", { key: "later" })
    expect(afterCrash.queued?.id).toBe(first.queued?.id)
  })
})
