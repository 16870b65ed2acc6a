import { beforeAll, describe, expect, it } from "vitest"
import { type ChatView, useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { refusal } from "../support/refusal.ts"
import { openGate } from "../support/scripted-provider.ts"

/** What its owner may do to what waits: rewrite it, move it, make it steer; and to go before all of it. */

const engines = useEngines({ TROUPE_IDLE_ACTOR_MS: "60000" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

const text = (words: string) => [{ type: "text" as const, text: words }]
const replies = (...words: ReadonlyArray<string>) =>
  engines.provider.script(...words.map((word) => ({ items: [{ text: word }] })))

const texts = ({ queue }: Pick<ChatView, "queue">) =>
  queue.map(({ content: [part] }) => (part?.type === "text" ? part.text : ""))
const idOf = (view: Pick<ChatView, "queue">, words: string) => view.queue[texts(view).indexOf(words)]?.id ?? 0

/** A turn that has shown `thinking` and goes no further until it is let go, with these messages behind it. */
const busy = async (...backlog: ReadonlyArray<string>) => {
  const gate = openGate()
  engines.provider.script({ items: [{ text: "thinking" }, { gate: gate.wait }, { text: "!" }] })
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.shown("thinking")
  for (const words of backlog) await engine.send(chatId, words)
  await reader.until(({ queue }) => queue.length === backlog.length)
  return { chatId, reader, release: gate.open }
}

const done = (reader: ReturnType<typeof follow>, last: string) =>
  reader.until(({ activity, queue, lines }) => activity === "waiting" && queue.length === 0 && lines.at(-1) === last)

describe("a queued message", () => {
  it("is rewritten in its place, and the model gets the new words", async () => {
    const { chatId, reader, release } = await busy("one", "two")
    const id = idOf(reader.view, "one")
    const changed = await engine.changeQueued(chatId, id, { content: text("better") })
    expect(changed).toMatchObject({ id, kind: "queue", content: text("better") })
    await reader.until((view) => texts(view).join() === "better,two")
    expect(idOf(reader.view, "better")).toBe(id)
    replies("to better", "to two")
    release()
    const { lines } = await done(reader, "assistant: to two")
    expect(lines.slice(2)).toEqual(["user: better", "assistant: to better", "user: two", "assistant: to two"])
  })

  it("goes where it is put, and what goes first is what stands first", async () => {
    const { chatId, reader, release } = await busy("one", "two", "three")
    const id = (words: string) => idOf(reader.view, words)
    await engine.changeQueued(chatId, id("three"), { before: id("one") })
    await reader.until((view) => texts(view).join() === "three,one,two")
    await engine.changeQueued(chatId, id("one"), { before: null })
    await reader.until((view) => texts(view).join() === "three,two,one")
    // Who comes now sees the same.
    const late = follow(engine, chatId)
    await late.until((view) => texts(view).join() === "three,two,one")
    replies("to three", "to two", "to one")
    release()
    const { lines } = await done(reader, "assistant: to one")
    expect(lines.filter((line) => line.startsWith("user:"))).toEqual([
      "user: go",
      "user: three",
      "user: two",
      "user: one",
    ])
  })

  it("steers the turn once it is told to, and waits for its end once it is told that", async () => {
    const { chatId, reader, release } = await busy("one", "two")
    const two = idOf(reader.view, "two")
    await engine.changeQueued(chatId, two, { kind: "steer" })
    await reader.until((view) => texts(view).join() === "two,one")
    expect((await engine.row(chatId)).activity).toBe("running.generating")
    await engine.changeQueued(chatId, two, { kind: "queue" })
    await reader.until((view) => texts(view).join() === "one,two")
    replies("to one", "to two")
    release()
    await done(reader, "assistant: to two")
  })

  it("that has been promoted meanwhile is told from one that was deleted", async () => {
    const { chatId, reader, release } = await busy("one", "two", "three")
    const [one, two] = [idOf(reader.view, "one"), idOf(reader.view, "two")]
    await engine.removeQueued(chatId, two)
    replies("to one", "to three")
    release()
    await done(reader, "assistant: to three")
    const change = { content: text("too late") }
    expect(await refusal(engine.changeQueued(chatId, one, change))).toMatchObject({
      _tag: "CommandRefused",
      reason: "not_allowed",
      message: expect.stringContaining("does not wait any more"),
    })
    for (const gone of [two, 2 ** 40]) {
      expect(await refusal(engine.changeQueued(chatId, gone, change))).toMatchObject({ _tag: "QueuedMessageGone" })
    }
  })

  it("is changed once by a call that is repeated", async () => {
    const { chatId, reader, release } = await busy("one", "two")
    const one = idOf(reader.view, "one")
    const version = async () => (await engine.row(chatId)).snapshot_version
    await engine.changeQueued(chatId, one, { before: null }, "key")
    const after = await version()
    expect(await engine.changeQueued(chatId, one, { before: null }, "key")).toMatchObject({ id: one })
    expect(await version()).toBe(after)
    expect(await refusal(engine.changeQueued(chatId, one, { kind: "steer" }, "key"))).toMatchObject({
      _tag: "KeyReused",
    })
    replies("to two", "to one")
    release()
    await done(reader, "assistant: to one")
  })
})

describe("a message that goes before the others", () => {
  it("stops the turn and is the next that runs, whatever waits and whatever steers", async () => {
    const { chatId, reader, release } = await busy("one", "two")
    await engine.send(chatId, "steering", { busy: "steer" })
    replies("to now", "to one", "to two", "to steering")
    const { queued } = await engine.send(chatId, "now", { busy: "preempt" })
    expect(queued).toMatchObject({ kind: "queue", content: text("now") })
    const { lines } = await done(reader, "assistant: to steering")
    expect(lines.slice(1)).toEqual([
      "assistant: thinking",
      ...["now", "one", "two", "steering"].flatMap((words) => [`user: ${words}`, `assistant: to ${words}`]),
    ])
    const journal = await engines.query<{ event: string }>(
      (sql) => sql`select event from chat_transitions where chat_id = ${chatId}
        and detail ->> 'busy_behavior' = 'preempt' or (chat_id = ${chatId} and event = 'Interrupt') order by version`,
    )
    expect(journal).toEqual([{ event: "SendMessage" }])
    release()
  })

  it("begins its turn at once where the turn has just failed, and what waited goes on waiting", async () => {
    const gate = openGate()
    engines.provider.script({ items: [{ gate: gate.wait }, { event: { error: { message: "no", code: 400 } } }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.activity("running.generating")
    await engine.send(chatId, "one")
    gate.open()
    await reader.activity("error")
    replies("to now", "to one")
    const { message, queued } = await engine.send(chatId, "now", { busy: "preempt" })
    expect([message?.content, queued]).toEqual([text("now"), undefined])
    const { lines } = await done(reader, "assistant: to one")
    expect(lines).toEqual(["user: go", "user: now", "assistant: to now", "user: one", "assistant: to one"])
  })

  it("answers the calls that a pause waits for, before what waits", async () => {
    engines.provider.script({ items: [{ calls: [{ tool: "ask_user", args: {}, id: "theirs" }] }] })
    const chatId = await engine.create("go", {
      more: { unsafe_dynamic_tools: [{ name: "ask_user", input_schema: { type: "object" } }] },
    })
    const reader = follow(engine, chatId)
    await reader.activity("requires_action.client_tools")
    await engine.send(chatId, "later")
    replies("to now", "to later")
    await engine.send(chatId, "now", { busy: "preempt" })
    const { lines } = await done(reader, "assistant: to later")
    expect(lines.slice(1)).toEqual([
      "assistant: <ask_user>",
      "tool: <ask_user failed>",
      ...["now", "later"].flatMap((words) => [`user: ${words}`, `assistant: to ${words}`]),
    ])
  })

  it("is lost in no order of it and the end of the turn", async () => {
    for (let round = 0; round < 6; round += 1) {
      const { chatId, reader, release } = await busy("one")
      // Whether the turn has ended, is being stopped or runs the next message by then is luck.
      engines.provider.script({ items: [{ text: "re" }], repeat: true })
      const [sent] = await Promise.all([
        engine.send(chatId, "now", { busy: "preempt" }),
        Promise.resolve().then(() => release()),
      ])
      expect(sent.message ?? sent.queued).toMatchObject({ content: text("now") })
      const { lines } = await done(reader, "assistant: re")
      expect(lines.filter((line) => line === "user: now" || line === "user: one").toSorted()).toEqual([
        "user: now",
        "user: one",
      ])
      engines.provider.reset()
    }
  })
})
