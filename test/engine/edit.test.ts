import { afterEach, beforeAll, describe, expect, it } from "vitest"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { refusal } from "../support/refusal.ts"
import { openGate } from "../support/scripted-provider.ts"

const engines = useEngines({ TROUPE_RETRY_BASE_MS: "9000" })
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

type Reader = ReturnType<typeof follow>

const firstUserId = ({ view }: Reader) => view.transcript.find(({ role }) => role === "user")?.id ?? 0

const settled = (reader: Reader, last: string) =>
  reader.until(({ activity, lines }) => activity === "waiting" && lines.at(-1) === last)

const clientTool = { unsafe_dynamic_tools: [{ name: "ask_user", input_schema: { type: "object" } }] }

/** Brings a new chat into a state; the answer lets go of what it held there. */
const states = {
  waiting: async () => {
    engines.provider.script({ items: [{ text: "first" }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.activity("waiting")
    return { chatId, reader, release: () => undefined }
  },
  error: async () => {
    const gate = openGate()
    engines.provider.script({ items: [{ gate: gate.wait }, { event: { error: { message: "no", code: 400 } } }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.activity("running.generating")
    await engine.send(chatId, "queued")
    gate.open()
    await reader.activity("error")
    return { chatId, reader, release: () => undefined }
  },
  "running.generating": async () => {
    const gate = openGate()
    engines.provider.script({ items: [{ text: "partial" }, { gate: gate.wait }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.shown("partial")
    await engine.send(chatId, "queued")
    return { chatId, reader, release: gate.open }
  },
  "running.executing": async () => {
    const release = engines.workspace.hold("/edited")
    engines.provider.script({ items: [{ calls: [{ tool: "read_file", args: { path: "/edited" }, id: "a" }] }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.activity("running.executing")
    await engine.send(chatId, "queued", { busy: "steer" })
    return { chatId, reader, release }
  },
  "running.backing_off": async () => {
    engines.provider.script({ status: 503, message: "busy" })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.activity("running.backing_off")
    return { chatId, reader, release: () => undefined }
  },
  "requires_action.client_tools": async () => {
    engines.provider.script({ items: [{ calls: [{ tool: "ask_user", args: {}, id: "a" }] }] })
    const chatId = await engine.create("go", { more: clientTool })
    const reader = follow(engine, chatId)
    await reader.activity("requires_action.client_tools")
    await engine.send(chatId, "queued")
    return { chatId, reader, release: () => undefined }
  },
  "requires_action.approval": async () => {
    engines.provider.script({ items: [{ calls: [{ tool: "read_file", args: { path: "/a" }, id: "a" }] }] })
    const chatId = await engine.create("go", { more: { tool_policy: [{ pattern: "*", action: "ask" }] } })
    const reader = follow(engine, chatId)
    await reader.activity("requires_action.approval")
    return { chatId, reader, release: () => undefined }
  },
} satisfies Record<string, () => Promise<{ chatId: string; reader: Reader; release: () => void }>>
const stateNames = Object.keys(states) as ReadonlyArray<keyof typeof states>

describe("an edit", () => {
  it.each(stateNames)("while the chat is %s begins a new turn with nothing left of the old one", async (state) => {
    const { chatId, reader, release } = await states[state]()
    const before = reader.view.transcript.map(({ id }) => id)
    engines.provider.script({ items: [{ text: "to the edit" }] })
    const message = await engine.edit(chatId, firstUserId(reader), "edited")
    expect(message.content).toEqual([{ type: "text", text: "edited" }])
    expect(before).not.toContain(message.id)
    release()
    const view = await settled(reader, "assistant: to the edit")
    expect(view.lines).toEqual(["user: edited", "assistant: to the edit"])
    expect(view.queue).toEqual([])
    expect(view.events.some((event) => event.type === "history_reset")).toBe(true)
    expect(view.error).toBeUndefined()
    const sent = engines.provider.requests.at(-1)?.body["messages"] as ReadonlyArray<{ role: string }>
    expect(sent.filter(({ role }) => role !== "system")).toEqual([{ role: "user", content: "edited" }])
    // The calls of the old turn are nobody's business any more.
    const open = await engines.query(
      (sql) => sql`select id from tool_calls where chat_id = ${chatId} and answered_version is null`,
    )
    expect(open).toEqual([])
    expect(await engine.row(chatId)).toMatchObject({
      last_error: null,
      retry_state: null,
      requires_action_deadline_at: null,
    })
  })

  it("of a later message keeps what came before, and the cost of what is gone", async () => {
    engines.provider.script({ items: [{ text: "one" }] }, { items: [{ text: "two" }] })
    const chatId = await engine.create("first")
    const reader = follow(engine, chatId)
    await reader.activity("waiting")
    await engine.send(chatId, "second")
    const { transcript } = await settled(reader, "assistant: two")
    engines.provider.script({ items: [{ text: "two again" }] })
    await engine.edit(chatId, transcript[2]?.id ?? 0, "second, better")
    const view = await settled(reader, "assistant: two again")
    expect(view.lines).toEqual(["user: first", "assistant: one", "user: second, better", "assistant: two again"])
    const removed = await engines.query<{ role: string; output_tokens: number | null }>(
      (sql) => sql`select role, output_tokens from chat_messages
        where chat_id = ${chatId} and removed_version is not null order by id`,
    )
    expect(removed).toEqual([
      { role: "user", output_tokens: null },
      { role: "assistant", output_tokens: 5 },
    ])
    // The parts of the prompt that stayed are those that were sent before.
    const asked = engines.provider.requests.at(-1)?.body["messages"] as ReadonlyArray<{ role: string }>
    expect(asked.filter(({ role }) => role !== "system").map(({ role }) => role)).toEqual(["user", "assistant", "user"])
  })

  it("with a model that cannot be used changes nothing at all", async () => {
    const { chatId, reader, release } = await states["running.generating"]()
    await reader.until(({ queue }) => queue.length === 1)
    const before = await engine.row(chatId)
    const unknown = "00000000-0000-4000-8000-000000000000"
    expect(await refusal(engine.edit(chatId, firstUserId(reader), "x", { model: unknown }))).toMatchObject({
      _tag: "ModelNotUsable",
    })
    expect((await engine.row(chatId)).snapshot_version).toBe(before.snapshot_version)
    expect(reader.view.queue).toHaveLength(1)
    engines.provider.script({ items: [{ text: "to queued" }] })
    release()
    const view = await settled(reader, "assistant: to queued")
    expect(view.lines).toEqual(["user: go", "assistant: partial", "user: queued", "assistant: to queued"])
  })

  it("is of one's own messages only, and of those that are there", async () => {
    engines.provider.script({ items: [{ text: "one" }] })
    const chatId = await engine.create("first")
    const reader = follow(engine, chatId)
    const { transcript } = await reader.activity("waiting")
    const [user, assistant] = transcript.map(({ id }) => id)
    expect(await refusal(engine.edit(chatId, assistant ?? 0, "x"))).toMatchObject({ _tag: "InvalidInput" })
    expect(await refusal(engine.edit(chatId, 999_999_999, "x"))).toMatchObject({ _tag: "MessageGone" })
    engines.provider.script({ items: [{ text: "two" }] })
    await engine.edit(chatId, user ?? 0, "again")
    expect(await refusal(engine.edit(chatId, user ?? 0, "x"))).toMatchObject({ _tag: "MessageGone" })
    await settled(reader, "assistant: two")
    const hidden = await engines.query<{ id: number }>(
      (sql) => sql`select id from chat_messages where chat_id = ${chatId} and role = 'system' limit 1`,
    )
    expect(await refusal(engine.edit(chatId, hidden[0]?.id ?? 0, "x"))).toMatchObject({ _tag: "MessageGone" })
  })
})
