import { afterEach, beforeAll, describe, expect, it } from "vitest"
import type { CreateChatRequest } from "../../src/contract/chats.ts"
import { shortCallId } from "../../src/providers/call-names.ts"
import type { ChatView } from "../support/chat-view.ts"
import { TestReader, useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { refusal } from "../support/refusal.ts"
import type { ScriptedCall } from "../support/scripted-provider/script.ts"

const DEADLINE_MS = 3_000

const engines = useEngines({ TROUPE_IDLE_ACTOR_MS: "60000" })
const hasty = useEngines({ TROUPE_CLIENT_TOOLS_MS: String(DEADLINE_MS) })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

afterEach(() => {
  engines.workspace.release()
  for (const { provider } of [engines, hasty]) {
    expect(provider.refusals).toEqual([])
    expect(provider.left).toBe(0)
  }
})

const clientTool = (name: string) => ({
  name,
  description: `${name} of the client`,
  input_schema: { type: "object", properties: {} },
})
const declared: Partial<CreateChatRequest> = { unsafe_dynamic_tools: [clientTool("ask_user"), clientTool("open_tab")] }

const ask = (id: string): ScriptedCall => ({ tool: "ask_user", args: { question: id }, id })
const read = (path: string, id: string): ScriptedCall => ({ tool: "read_file", args: { path }, id })

const requiredCalls = (view: ChatView) =>
  view.events.flatMap((event) => (event.type === "action_required" ? [event.action_required.tool_calls] : []))

/** What the model was told, in order. */
const results = (view: ChatView) =>
  view.transcript.flatMap(({ content }) =>
    content.flatMap((part) =>
      part.type === "tool-result" ? [{ id: part.tool_call_id, error: part.is_error, result: part.result }] : [],
    ),
  )

/** A chat that waits for the client's tools. */
const asking = async (...calls: ReadonlyArray<ScriptedCall>) => {
  engines.provider.script({ items: [{ calls }] })
  const chatId = await engine.create("go", { more: declared })
  const reader = follow(engine, chatId)
  await reader.activity("requires_action.client_tools")
  return { chatId, reader }
}

describe("calls that share an id, in rows of before ids were made unique", () => {
  const sharing = async () => {
    const { chatId, reader } = await asking(ask("a"), ask("b"))
    await reader.close()
    await engine.stop()
    await engines.query((sql) => sql`update tool_calls set provider_call_id = 'same' where chat_id = ${chatId}`)
    await engines.query(
      (sql) => sql`update chat_messages set content =
        replace(replace(content::text, '"tool_call_id": "a"', '"tool_call_id": "same"'), '"tool_call_id": "b"', '"tool_call_id": "same"')::jsonb
        where chat_id = ${chatId}`,
    )
    engine = await engines.start()
    engines.provider.script({ items: [{ text: "thanks" }] })
    return chatId
  }

  it.each([
    ["one each, in their order", ["yes", "no"], ["yes", "no"]],
    ["one for both", ["yes"], ["yes", "yes"]],
  ] as const)("take results: %s", async (_, given, expected) => {
    const chatId = await sharing()
    await engine.answer(
      chatId,
      given.map((output) => ({ tool_call_id: "same", output })),
    )
    const view = await follow(engine, chatId).activity("waiting")
    expect(results(view).map(({ result }) => result)).toEqual(expected)
  })

  it("take no more results than there are calls", async () => {
    const chatId = await sharing()
    const three = ["yes", "no", "maybe"].map((output) => ({ tool_call_id: "same", output }))
    expect(await refusal(engine.answer(chatId, three))).toMatchObject({ _tag: "ToolResultsMismatch" })
    await engine.answer(chatId, three.slice(1))
    await follow(engine, chatId).activity("waiting")
  })
})

describe("declaring client tools", () => {
  it("shows them to the model beside the built-in ones, which win on a clash of names", async () => {
    engines.provider.script({ items: [{ text: "hi" }] })
    const chatId = await engine.create("go", {
      more: { unsafe_dynamic_tools: [clientTool("ask_user"), clientTool("read_file")] },
    })
    await follow(engine, chatId).activity("waiting")
    const tools = engines.provider.requests.at(-1)?.body["tools"] as ReadonlyArray<{
      readonly function: { readonly name: string; readonly description: string }
    }>
    const named = (name: string) => tools.filter((tool) => tool.function.name === name)
    expect(named("ask_user").map((tool) => tool.function.description)).toEqual(["ask_user of the client"])
    expect(named("read_file")).toHaveLength(1)
    expect(named("read_file")[0]?.function.description).not.toBe("read_file of the client")
  })

  it("is refused when two have one name", async () => {
    const twice = engine.create("go", { more: { unsafe_dynamic_tools: [clientTool("a"), clientTool("a")] } })
    expect(await refusal(twice)).toMatchObject({ _tag: "InvalidInput", field: "unsafe_dynamic_tools" })
  })

  it("has no effect in a planning turn", async () => {
    engines.provider.script({ items: [{ calls: [ask("a")] }] }, { items: [{ text: "planned" }] })
    const chatId = await engine.create("plan it", { plan: true, more: declared })
    const view = await follow(engine, chatId).activity("waiting")
    expect(results(view)).toEqual([{ id: "a", error: true, result: { error: "There is no tool named ask_user." } }])
    const tools = JSON.stringify(engines.provider.requests.at(-1)?.body["tools"])
    expect(tools).not.toContain("ask_user")
  })

  it("leaves a call of a built-in tool with the same name to the server", async () => {
    engines.provider.script({ items: [{ calls: [read("/built-in", "a")] }] }, { items: [{ text: "done" }] })
    const chatId = await engine.create("go", { more: { unsafe_dynamic_tools: [clientTool("read_file")] } })
    const view = await follow(engine, chatId).activity("waiting")
    expect(requiredCalls(view)).toEqual([])
    expect(results(view)).toEqual([
      { id: "a", error: false, result: expect.objectContaining({ content: "/built-in" }) },
    ])
  })
})

describe("waiting for client tools", () => {
  it("begins when the step's built-in calls are answered, and asks for the others only", async () => {
    const { chatId, reader } = await asking(read("/x", "a"), ask("b"), read("/y", "c"), ask("d"))
    expect(reader.view.lines).toEqual([
      "user: go",
      "assistant: <read_file> <ask_user> <read_file> <ask_user>",
      "tool: <read_file done>",
      "tool: <read_file done>",
    ])
    expect(requiredCalls(reader.view)).toEqual([
      [
        { tool_call_id: "b", tool_name: "ask_user", args: '{"question":"b"}' },
        { tool_call_id: "d", tool_name: "ask_user", args: '{"question":"d"}' },
      ],
    ])
    engines.provider.script({ items: [{ text: "thanks" }] })
    // Out of order: the rows go by the calls all the same.
    await engine.answer(chatId, [
      { tool_call_id: "d", output: ["four"], is_error: true },
      { tool_call_id: "b", output: "two" },
    ])
    const view = await reader.activity("waiting")
    expect(results(view).slice(2)).toEqual([
      { id: "b", error: false, result: "two" },
      { id: "d", error: true, result: ["four"] },
    ])
    expect(view.lines.at(-1)).toBe("assistant: thanks")
    const told = engines.provider.requests.at(-1)?.body["messages"] as ReadonlyArray<Record<string, unknown>>
    const ids = told.filter(({ role }) => role === "tool").map((message) => message["tool_call_id"])
    // The model has them in the order of its calls, whichever came first.
    expect(ids).toEqual(["a", "b", "c", "d"].map((id) => shortCallId(id, 1, false)))
  })

  it("is committed before anybody is told", async () => {
    engines.provider.script({ items: [{ calls: [ask("a")] }] }, { items: [{ text: "thanks" }] })
    const chatId = await engine.create("go", { more: declared })
    let seen: Promise<unknown> | undefined
    const reader = new TestReader(engine, chatId, {
      sink: {
        write: (events) => {
          if (seen === undefined && events.some(({ type }) => type === "action_required")) {
            // In the very moment of the notice.
            seen = engine.answer(chatId, [{ tool_call_id: "a", output: 1 }])
          }
        },
      },
    })
    const counting = follow(engine, chatId)
    await counting.until(({ lines }) => lines.includes("assistant: thanks"))
    await expect(seen).resolves.toBeUndefined()
    await reader.close()
  })

  it("is told to a reader that comes later", async () => {
    const { chatId } = await asking(ask("a"))
    const late = follow(engine, chatId)
    await late.activity("requires_action.client_tools")
    await late.until((view) => requiredCalls(view).length > 0)
    expect(requiredCalls(late.view)).toEqual([[{ tool_call_id: "a", tool_name: "ask_user", args: '{"question":"a"}' }]])
    engines.provider.script({ items: [{ text: "thanks" }] })
    await engine.answer(chatId, [{ tool_call_id: "a", output: 1 }])
    await late.activity("waiting")
  })

  it("does not ask the client about arguments that are no JSON", async () => {
    engines.provider.script(
      { items: [{ calls: [{ tool: "ask_user", args: '{"question', id: "a" }] }] },
      { items: [{ text: "done" }] },
    )
    const chatId = await engine.create("go", { more: declared })
    const view = await follow(engine, chatId).activity("waiting")
    expect(requiredCalls(view)).toEqual([])
    expect(results(view)).toEqual([
      { id: "a", error: true, result: { error: expect.stringMatching(/not valid JSON/) } },
    ])
  })

  it("goes on after a crash", async () => {
    const { chatId, reader } = await asking(read("/x", "a"), ask("b"))
    await reader.close()
    await engine.crash()
    engine = await engines.start()
    const again = follow(engine, chatId)
    await again.activity("requires_action.client_tools")
    engines.provider.script({ items: [{ text: "thanks" }] })
    await engine.answer(chatId, [{ tool_call_id: "b", output: "late but right" }])
    const view = await again.activity("waiting")
    expect(view.lines.slice(2)).toEqual(["tool: <read_file done>", "tool: <ask_user done>", "assistant: thanks"])
  })

  it("ends at the deadline: the model is told that nothing came", async () => {
    const other = await hasty.start()
    hasty.provider.script({ items: [{ calls: [ask("a"), ask("b")] }] }, { items: [{ text: "never mind" }] })
    const chatId = await other.create("go", { more: declared })
    const reader = follow(other, chatId)
    await reader.activity("requires_action.client_tools")
    const { requires_action_deadline_at: deadline } = await other.row(chatId)
    expect(deadline?.getTime()).toBeLessThanOrEqual(Date.now() + DEADLINE_MS)
    const view = await reader.activity("waiting")
    expect(Date.now()).toBeGreaterThanOrEqual(deadline?.getTime() ?? Number.POSITIVE_INFINITY)
    expect(results(view)).toEqual(
      ["a", "b"].map((id) => ({
        id,
        error: true,
        result: expect.objectContaining({ error: "No result arrived in time." }),
      })),
    )
    expect(view.lines.at(-1)).toBe("assistant: never mind")
    expect(await refusal(other.answer(chatId, [{ tool_call_id: "a", output: 1 }]))).toMatchObject({
      _tag: "CommandRefused",
      reason: "not_allowed",
    })
  })
})

describe("results of client tools", () => {
  it("are checked in a fixed order, and a refused submission changes nothing", async () => {
    const { chatId, reader } = await asking(ask("a"), ask("b"))
    const output = 1
    const { snapshot_version: version } = await engine.row(chatId)
    const refused = (...ids: ReadonlyArray<string>) =>
      refusal(
        engine.answer(
          chatId,
          ids.map((tool_call_id) => ({ tool_call_id, output })),
        ),
      )
    expect(await refused()).toMatchObject({ _tag: "InvalidInput", field: "results" })
    expect(await refused("a", "a", "unknown")).toMatchObject({
      field: "results[1].tool_call_id",
      message: "is there twice",
    })
    expect(await refused("a", "unknown")).toMatchObject({
      field: "results",
      message: expect.stringContaining("b is missing"),
    })
    expect(await refused("a", "b", "unknown")).toMatchObject({
      field: "results[2].tool_call_id",
      message: "is not a pending call",
    })
    expect((await engine.row(chatId)).snapshot_version).toBe(version)
    engines.provider.script({ items: [{ text: "thanks" }] })
    await engine.answer(chatId, [
      { tool_call_id: "a", output },
      { tool_call_id: "b", output },
    ])
    await reader.activity("waiting")
    // Not waiting for results comes before everything but emptiness.
    expect(await refused("a", "a", "unknown")).toMatchObject({ _tag: "CommandRefused", reason: "not_allowed" })
    expect(await refused()).toMatchObject({ _tag: "InvalidInput" })
    await engine.patch(chatId, { archived: true })
    expect(await refused()).toMatchObject({ _tag: "CommandRefused", reason: "archived" })
    expect(await refused("a")).toMatchObject({ _tag: "CommandRefused", reason: "archived" })
  })

  it("are taken once: of many submissions at a time the first wins", async () => {
    const { chatId, reader } = await asking(ask("a"))
    engines.provider.script({ items: [{ text: "thanks" }] })
    const submissions = await Promise.allSettled(
      Array.from({ length: 8 }, (_, output) => engine.answer(chatId, [{ tool_call_id: "a", output }])),
    )
    expect(submissions.map(({ status }) => status).toSorted()).toEqual([
      "fulfilled",
      ...Array<string>(7).fill("rejected"),
    ])
    const view = await reader.activity("waiting")
    expect(results(view)).toEqual([
      { id: "a", error: false, result: submissions.findIndex(({ status }) => status === "fulfilled") },
    ])
  })

  it("are not waited for any more once the user goes on", async () => {
    const { chatId, reader } = await asking(ask("a"), read("/x", "b"))
    engines.provider.script({ items: [{ text: "stopped" }] })
    await engine.interrupt(chatId)
    const view = await reader.activity("waiting")
    expect(results(view)).toEqual([
      { id: "b", error: false, result: expect.objectContaining({ content: "/x" }) },
      { id: "a", error: true, result: expect.objectContaining({ error: expect.stringMatching(/stopped/) }) },
    ])
    expect(await refusal(engine.answer(chatId, [{ tool_call_id: "a", output: 1 }]))).toMatchObject({
      _tag: "CommandRefused",
    })
  })
})
