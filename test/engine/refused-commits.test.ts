import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { loseCommit } from "../support/lost-replies.ts"
import { RawProvider, sse } from "../support/raw-provider.ts"
import { refusal } from "../support/refusal.ts"
import { commitsOf, type RefusedWrites, refuseWrites } from "../support/refused-writes.ts"
import { openGate } from "../support/scripted-provider.ts"

/** The database says no to a commit: for what it says, which is final, or for want of room or strength, which passes. */

const engines = useEngines()
const follow = useReaders()
let engine: Engine
let provider: RawProvider
let model: string
let lifted: Array<RefusedWrites> = []

const refuse: typeof refuseWrites = (code, matches) => {
  const refused = refuseWrites(code, matches)
  lifted.push(refused)
  return refused
}

beforeAll(async () => {
  engine = await engines.start()
  provider = await RawProvider.start()
  model = await engines.addModel({
    provider: "openai-compat",
    display_name: "Raw",
    base_url: `${provider.url}/v1`,
    api_key: "k",
  })
})
afterAll(() => provider.close())
afterEach(() => {
  for (const refused of lifted) refused.lift()
  lifted = []
})

/** A turn that has shown its words and waits; the model is not asked again by anyone. */
const heldTurn = async (words: string) => {
  const gate = openGate()
  engines.provider.script({ items: [{ text: words }, { gate: gate.wait }, { text: " and the rest" }] })
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.shown(words)
  const asked = engines.provider.requests.length
  return { chatId, reader, gate, callsSince: () => engines.provider.requests.length - asked }
}

const keptText = async (chatId: string) => {
  const [kept] = await engines.query<{ text: string | null }>(
    (sql) =>
      sql`select string_agg(part ->> 'text', '' order by attempt, seq) as text from chat_parts where chat_id = ${chatId}`,
  )
  return kept?.text
}

const goesOn = async (chatId: string, reader: ReturnType<typeof follow>) => {
  engines.provider.script({ items: [{ text: "fine" }] })
  await engine.send(chatId, "and now?")
  await reader.until(({ lines, activity }) => activity === "waiting" && lines.at(-1) === "assistant: fine")
}

describe("refused for its content", () => {
  it.each(["22003", "22P02", "23514", "54000", "P0001"])(
    "a reply (%s) ends the turn with the reason: its text is kept, the model is not asked again, and the chat goes on",
    async (code) => {
      const { chatId, reader, gate, callsSince } = await heldTurn("shown")
      const refused = refuse(code, commitsOf(chatId, "FinishTurn"))
      gate.open()
      const view = await reader.activity("error")
      refused.lift()
      expect(view.error?.message).toMatch(/^The database refused to store the model's answer/)
      expect(callsSince()).toBe(0)
      expect(await keptText(chatId)).toBe("shown and the rest")
      expect(engine.log.find((line) => line.includes(chatId) && line.includes(`refused with ${code}`))).toBeDefined()
      await goesOn(chatId, reader)
    },
  )

  it.each([
    [
      "calls of tools",
      "RecordToolCalls",
      { items: [{ calls: [{ tool: "read_file", args: { path: "/a" }, id: "a" }] }] },
    ],
    ["a pause between attempts", "RecordRetryState", { status: 503, message: "busy" }],
  ] as const)("%s end the turn with the reason", async (_, event, step) => {
    engines.provider.script({ items: [{ text: "hi" }] }, step)
    const chatId = await engine.create("hello")
    const reader = follow(engine, chatId)
    await reader.activity("waiting")
    refuse("22003", commitsOf(chatId, event))
    const asked = engines.provider.requests.length
    await engine.send(chatId, "go")
    const view = await reader.activity("error")
    expect(view.error?.message).toMatch(/^The database refused/)
    expect(engines.provider.requests.length - asked).toBe(1)
    await goesOn(chatId, reader)
  })

  it("a result of a tool is replaced by a sentence, and the tool is not run again", async () => {
    refuse("54000", (text, parameters) => text.includes("set result") && !parameters.includes("could not be stored"))
    engines.provider.script(
      { items: [{ calls: [{ tool: "write_file", args: { path: "/large", content: "x" }, id: "a" }] }] },
      { items: [{ text: "I see" }] },
    )
    const chatId = await engine.create("go")
    const view = await follow(engine, chatId).idle()
    expect(view.lines.at(-1)).toBe("assistant: I see")
    const results = view.transcript.flatMap(({ content }) => content.filter((part) => part.type === "tool-result"))
    expect(results).toMatchObject([
      { is_error: true, result: { error: "write_file has run, but its result could not be stored." } },
    ])
    expect(engines.workspace.written.filter(({ path }) => path === "/large")).toHaveLength(1)
  })

  it("a message of a person is refused at once, and the turn beside it goes on", async () => {
    const { chatId, reader, gate, callsSince } = await heldTurn("calm")
    refuse("22P02", commitsOf(chatId, "SendMessage"))
    expect(await refusal(engine.send(chatId, "odd"))).toMatchObject({ _tag: "CommandRefused", reason: "not_storable" })
    gate.open()
    const view = await reader.activity("waiting")
    expect(view.lines).toEqual(["user: go", "assistant: calm and the rest"])
    expect(callsSince()).toBe(0)
  })
})

describe("numbers of a provider that no column takes", () => {
  it.each([10.5, 1e308])("end the turn truly, or are left out: %d", async (tokens) => {
    provider.reset()
    provider.answer(
      sse(
        { id: "c", choices: [{ index: 0, delta: { role: "assistant", content: "counted" } }] },
        { id: "c", choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage: { prompt_tokens: tokens } },
        "[DONE]",
      ),
    )
    const chatId = await engine.create("go", { more: { model_config_id: model } })
    const view = await follow(engine, chatId).until(({ activity }) => activity === "waiting" || activity === "error")
    expect(provider.requests).toHaveLength(1)
    const said = view.activity === "error" ? `assistant: ${await keptText(chatId)}` : view.lines.at(-1)
    expect(said).toBe("assistant: counted")
    expect(view.error?.message ?? "none").toMatch(/^(The database refused|none$)/)
  })
})

describe("refused for want of room or strength", () => {
  it.each([
    ["53100", "The server's disk is full."],
    ["53300", "The database is too busy just now."],
    ["57P03", "The database is too busy just now."],
    ["40001", "The database is too busy just now."],
    ["57P01", "The database cannot be reached just now."],
    ["08006", "The database cannot be reached just now."],
  ])("a reply (%s) is kept in hand until it holds, and the chat says what it waits for", async (code, sentence) => {
    const { chatId, reader, gate, callsSince } = await heldTurn("patient")
    const refused = refuse(code, commitsOf(chatId, "FinishTurn"))
    gate.open()
    const waiting = await reader.until(({ retries }) => retries.length > 0)
    expect(waiting.retries[0]).toMatchObject({ kind: "generic", error: expect.stringContaining(sentence) })
    expect(waiting.activity).toBe("running.generating")
    refused.lift()
    const view = await reader.activity("waiting")
    expect(view.lines).toEqual(["user: go", "assistant: patient and the rest"])
    expect([callsSince(), refused.count() > 2]).toEqual([0, true])
  })

  it("a person is told at once that the disk is full, whatever the chat waits for, and the first message after it is taken", async () => {
    const { chatId, reader, gate } = await heldTurn("full")
    const refused = refuse("53100", commitsOf(chatId))
    gate.open()
    await reader.until(({ retries }) => retries.length > 0)
    const began = performance.now()
    const full = { _tag: "ChatUnavailable", retryAfterSeconds: 10 }
    expect(await refusal(engine.send(chatId, "hello?"))).toMatchObject({
      ...full,
      message: "The server's disk is full. Try again in a moment.",
    })
    expect(await refusal(engine.interrupt(chatId))).toMatchObject(full)
    expect(performance.now() - began).toBeLessThan(5_000)
    refused.lift()
    engines.provider.script({ items: [{ text: "yes" }] })
    await engine.send(chatId, "and now?")
    const view = await reader.until(({ lines }) => lines.at(-1) === "assistant: yes")
    expect(view.lines).toEqual(["user: go", "assistant: full and the rest", "user: and now?", "assistant: yes"])
  })

  it("a person is told when the chat does nothing else, too, and its actor is not lost", async () => {
    engines.provider.script({ items: [{ text: "hi" }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.activity("waiting")
    const epoch = (await engine.machine(chatId)).owner.epoch
    const refused = refuse("53200", commitsOf(chatId))
    expect(await refusal(engine.send(chatId, "hello?"))).toMatchObject({ _tag: "ChatUnavailable", untouched: false })
    refused.lift()
    await goesOn(chatId, reader)
    expect((await engine.machine(chatId)).owner.epoch).toBe(epoch)
  })

  it("a commit of which the answer was lost is carried out once, and the answer is read from the rows", async () => {
    const { chatId, reader, gate, callsSince } = await heldTurn("once")
    const epoch = (await engine.machine(chatId)).owner.epoch
    const lost = loseCommit("FinishTurn")
    gate.open()
    await lost
    const view = await reader.activity("waiting")
    expect(view.lines).toEqual(["user: go", "assistant: once and the rest"])
    expect(callsSince()).toBe(0)
    expect((await engine.machine(chatId)).owner.epoch).toBe(epoch)
  })
})

describe("a tool whose database is away", () => {
  it("is begun when the database is back, and the model reads no advice", async () => {
    const refused = refuse("57P03", (text) => text.includes("update tool_calls t set state = 'started'"))
    engines.provider.script(
      { items: [{ calls: [{ tool: "write_file", args: { path: "/later", content: "x" }, id: "a" }] }] },
      { items: [{ text: "done" }] },
    )
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await expect.poll(refused.count, { timeout: 20_000 }).toBeGreaterThan(3)
    expect(engines.workspace.written.filter(({ path }) => path === "/later")).toEqual([])
    refused.lift()
    const view = await reader.idle()
    expect(view.lines.slice(1)).toEqual(["assistant: <write_file>", "tool: <write_file done>", "assistant: done"])
    expect(engines.workspace.written.filter(({ path }) => path === "/later")).toHaveLength(1)
  })
})
