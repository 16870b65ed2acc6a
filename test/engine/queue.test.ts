import { Effect } from "effect"
import { afterEach, beforeAll, describe, expect, it } from "vitest"
import { QUEUE_LIMIT } from "../../src/machines/chat-setup.ts"
import { ModelCatalog } from "../../src/models/catalog.ts"
import { ModelAdmin } from "../../src/models/admin.ts"
import type { ChatView } from "../support/chat-view.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { refusal } from "../support/refusal.ts"
import { openGate } from "../support/scripted-provider.ts"

const engines = useEngines({ TROUPE_IDLE_ACTOR_MS: "60000" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

afterEach(() => {
  engines.workspace.release()
  expect(engines.provider.refusals).toEqual([])
  expect(engines.provider.left).toBe(0)
})

const queuedTexts = (view: Pick<ChatView, "queue">) =>
  view.queue.map(({ content }) => content.map((part) => (part.type === "text" ? part.text : "")).join(""))

const queuedId = (view: Pick<ChatView, "queue">, words: string) => view.queue[queuedTexts(view).indexOf(words)]?.id ?? 0

const replies = (...words: ReadonlyArray<string>) =>
  engines.provider.script(...words.map((word) => ({ items: [{ text: word }] })))

/** A chat whose turn has shown `words` and goes no further until it is let go. */
const busy = async (words = "thinking") => {
  const gate = openGate()
  engines.provider.script({ items: [{ text: words }, { gate: gate.wait }, { text: "!" }] })
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.shown(words)
  return { chatId, reader, release: gate.open }
}

/** A chat whose turn has failed, with these messages in its queue. */
const failed = async (...backlog: ReadonlyArray<string>) => {
  const gate = openGate()
  engines.provider.script({ items: [{ gate: gate.wait }, { event: { error: { message: "no", code: 400 } } }] })
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.activity("running.generating")
  for (const words of backlog) await engine.send(chatId, words)
  await reader.until(({ queue }) => queue.length === backlog.length)
  gate.open()
  await reader.activity("error")
  return { chatId, reader }
}

/** A chat that waits for its client, with these messages in its queue. */
const paused = async (...backlog: ReadonlyArray<string>) => {
  engines.provider.script({
    items: [
      {
        calls: [
          { tool: "read_file", args: { path: "/x" }, id: "ours" },
          { tool: "ask_user", args: {}, id: "theirs" },
        ],
      },
    ],
  })
  const chatId = await engine.create("go", {
    more: { unsafe_dynamic_tools: [{ name: "ask_user", input_schema: { type: "object" } }] },
  })
  const reader = follow(engine, chatId)
  await reader.activity("requires_action.client_tools")
  for (const words of backlog) await engine.send(chatId, words)
  await reader.until(({ queue }) => queue.length === backlog.length)
  return { chatId, reader }
}

const done = (reader: ReturnType<typeof follow>, last: string) =>
  reader.until(({ activity, queue, lines }) => activity === "waiting" && queue.length === 0 && lines.at(-1) === last)

describe("the queue", () => {
  it("holds 20 messages, steering ones included, and promotes one per turn, oldest first", async () => {
    const { chatId, reader, release } = await busy()
    const words = Array.from({ length: QUEUE_LIMIT }, (_, index) => `message ${index}`)
    for (const word of words) {
      const { message, queued } = await engine.send(chatId, word)
      expect([message, queued?.kind]).toEqual([undefined, "queue"])
    }
    for (const behavior of ["queue", "interrupt", "steer"] as const) {
      expect(await refusal(engine.send(chatId, "one too many", { busy: behavior }))).toMatchObject({
        _tag: "CommandRefused",
        reason: "queue_full",
        message: expect.stringContaining("20"),
      })
    }
    await reader.until((view) => view.queue.length === QUEUE_LIMIT)
    expect(queuedTexts(reader.view)).toEqual(words)
    expect(reader.view.activity).toBe("running.generating")
    replies(...words.map((word) => `to ${word}`))
    release()
    const view = await done(reader, `assistant: to ${words.at(-1)}`)
    expect(view.lines.slice(2)).toEqual(words.flatMap((word) => [`user: ${word}`, `assistant: to ${word}`]))
  })

  it("forgets a message that is deleted, and another that was never there", async () => {
    const { chatId, reader, release } = await busy()
    for (const words of ["one", "two", "three"]) await engine.send(chatId, words)
    await reader.until(({ queue }) => queue.length === 3)
    const two = queuedId(reader.view, "two")
    await engine.removeQueued(chatId, two)
    await reader.until(({ queue }) => queue.length === 2)
    expect(queuedTexts(reader.view)).toEqual(["one", "three"])
    const gone = { _tag: "QueuedMessageGone", queuedMessageId: two }
    expect(await refusal(engine.removeQueued(chatId, two))).toMatchObject(gone)
    expect(await refusal(engine.promote(chatId, two))).toMatchObject(gone)
    replies("to one", "to three")
    release()
    const view = await done(reader, "assistant: to three")
    expect(view.lines.filter((line) => line.startsWith("user:"))).toEqual(["user: go", "user: one", "user: three"])
  })

  it("stores the partial reply before the message that interrupts", async () => {
    const { chatId, reader, release } = await busy("half a thought")
    replies("to the point")
    await engine.send(chatId, "stop that", { busy: "interrupt" })
    const view = await done(reader, "assistant: to the point")
    expect(view.lines).toEqual(["user: go", "assistant: half a thought", "user: stop that", "assistant: to the point"])
    release()
  })

  it("takes every message of one that interrupts behind those that wait", async () => {
    const { chatId, reader, release } = await busy("half")
    await engine.send(chatId, "first")
    replies("to first", "to second")
    await engine.send(chatId, "second", { busy: "interrupt" })
    const view = await done(reader, "assistant: to second")
    expect(view.lines.slice(1)).toEqual([
      "assistant: half",
      "user: first",
      "assistant: to first",
      "user: second",
      "assistant: to second",
    ])
    release()
  })

  it("stands still after an error; the next message joins it, and the oldest runs first", async () => {
    const { chatId, reader } = await failed("one", "two")
    expect(queuedTexts(reader.view)).toEqual(["one", "two"])
    replies("to one", "to two", "to three")
    const { message, queued } = await engine.send(chatId, "three")
    expect(message).toBeUndefined()
    expect(queued?.content).toEqual([{ type: "text", text: "three" }])
    const view = await done(reader, "assistant: to three")
    expect(view.lines).toEqual([
      "user: go",
      ...["one", "two", "three"].flatMap((word) => [`user: ${word}`, `assistant: to ${word}`]),
    ])
    expect((await engine.row(chatId)).last_error).toBeNull()
  })

  it("uses the default model for a message whose model is gone by the time it is promoted", async () => {
    const other = await engine.run(
      Effect.gen(function* () {
        const admin = yield* ModelAdmin
        const [first] = yield* admin.listModelConfigs(engine.caller)
        return yield* admin.createModelConfig(engine.caller, {
          ai_provider_id: first?.ai_provider_id ?? "",
          model: "other",
          context_limit: 1000,
        })
      }),
    )
    const { chatId, reader, release } = await busy()
    await engine.send(chatId, "with the other", { more: { model_config_id: other.id } })
    await engines.query((sql) => sql`update model_configs set deleted = true where id = ${other.id} returning id`)
    await engine.run(Effect.flatMap(ModelCatalog, ({ invalidate }) => invalidate))
    replies("from the default")
    release()
    await done(reader, "assistant: from the default")
    expect(engines.provider.requests.at(-1)?.body["model"]).toBe("scripted")
  })
})

describe("promoting a queued message", () => {
  it("stops the running turn for it", async () => {
    const { chatId, reader, release } = await busy("half")
    for (const words of ["one", "two", "three"]) await engine.send(chatId, words)
    await reader.until(({ queue }) => queue.length === 3)
    replies("to three", "to one", "to two")
    await engine.promote(chatId, queuedId(reader.view, "three"))
    const view = await done(reader, "assistant: to two")
    expect(view.lines.slice(1)).toEqual([
      "assistant: half",
      ...["three", "one", "two"].flatMap((word) => [`user: ${word}`, `assistant: to ${word}`]),
    ])
    release()
  })

  it("that is the next anyway stops the turn and changes no order", async () => {
    const { chatId, reader, release } = await busy("half")
    for (const words of ["one", "two"]) await engine.send(chatId, words)
    await reader.until(({ queue }) => queue.length === 2)
    const { queue_version: before } = await engine.row(chatId)
    replies("to one", "to two")
    await engine.promote(chatId, queuedId(reader.view, "one"))
    const view = await done(reader, "assistant: to two")
    expect(view.lines.slice(1, 3)).toEqual(["assistant: half", "user: one"])
    const moved = await engines.query<{ version: number }>(
      (sql) => sql`select version from chat_transitions where chat_id = ${chatId} and event = 'PromoteQueuedMessage'`,
    )
    expect(before).toBeLessThan(moved[0]?.version ?? 0)
    release()
  })

  it("while the chat wants something writes the results before the message", async () => {
    const { chatId, reader } = await paused("one", "two")
    replies("to two", "to one")
    await engine.promote(chatId, queuedId(reader.view, "two"))
    const view = await done(reader, "assistant: to one")
    expect(view.lines.slice(1, 6)).toEqual([
      "assistant: <read_file> <ask_user>",
      "tool: <read_file done>",
      "tool: <ask_user failed>",
      "user: two",
      "assistant: to two",
    ])
  })

  it("after an error runs it now", async () => {
    const { chatId, reader } = await failed("one", "two")
    replies("to two", "to one")
    await engine.promote(chatId, queuedId(reader.view, "two"))
    const view = await done(reader, "assistant: to one")
    expect(view.lines).toEqual(["user: go", "user: two", "assistant: to two", "user: one", "assistant: to one"])
  })
})

describe("a chat that wants something", () => {
  it("goes on with a message that interrupts, every call answered before it", async () => {
    const { chatId, reader } = await paused()
    replies("after the calls", "to the message")
    await engine.send(chatId, "never mind", { busy: "interrupt" })
    const view = await reader.until(({ activity, queue }) => activity === "waiting" && queue.length === 0)
    const message = view.lines.indexOf("user: never mind")
    expect(view.lines.indexOf("tool: <ask_user failed>")).toBeLessThan(message)
    expect(view.lines.slice(1, 4)).toEqual([
      "assistant: <read_file> <ask_user>",
      "tool: <read_file done>",
      "tool: <ask_user failed>",
    ])
  })

  it("keeps what is sent for later until it has what it wants", async () => {
    const { chatId, reader } = await paused("later")
    replies("thanks", "to later")
    await engine.answer(chatId, [{ tool_call_id: "theirs", output: "here" }])
    const view = await done(reader, "assistant: to later")
    expect(view.lines.slice(2)).toEqual([
      "tool: <read_file done>",
      "tool: <ask_user done>",
      "assistant: thanks",
      "user: later",
      "assistant: to later",
    ])
  })
})

describe("what is not possible", () => {
  it("is refused in the state that does not allow it", async () => {
    replies("hi")
    const chatId = await engine.create("go")
    await follow(engine, chatId).activity("waiting")
    const refused = { _tag: "CommandRefused", reason: "not_allowed" }
    expect(await refusal(engine.interrupt(chatId))).toMatchObject(refused)
    expect(await refusal(engine.promote(chatId, 1))).toMatchObject(refused)
    expect(await refusal(engine.removeQueued(chatId, 1))).toMatchObject(refused)
    expect(await refusal(engine.decide(chatId, []))).toMatchObject(refused)
  })
})
