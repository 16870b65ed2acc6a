import { beforeAll, describe, expect, it } from "vitest"
import { shortCallId } from "../../src/providers/call-names.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import type { ScriptedCall } from "../support/scripted-provider/script.ts"

const engines = useEngines()
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

const read = (path: string, id?: string): ScriptedCall => ({
  tool: "read_file",
  args: { path },
  ...(id !== undefined && { id }),
})

interface CallRow {
  readonly id: string
  readonly provider_call_id: string
  readonly state: string
  readonly answered: boolean
  readonly started: boolean
}

const calls = (chatId: string) =>
  engines.query<CallRow>(
    (
      sql,
    ) => sql`select id, provider_call_id, state, answered_version is not null as answered, started_at is not null as started
      from tool_calls where chat_id = ${chatId} order by message_id, index`,
  )

/** Runs one turn of these calls and a last word. */
const turnOf = async (...toCall: ReadonlyArray<ScriptedCall>) => {
  engines.provider.script({ items: [{ calls: toCall }] }, { items: [{ text: "done" }] })
  const chatId = await engine.create("go")
  const view = await follow(engine, chatId).activity("waiting")
  return { chatId, view }
}

/** What the model was told of each call, in order. */
const results = (view: Awaited<ReturnType<typeof turnOf>>["view"]) =>
  view.transcript.flatMap(({ content }) =>
    content.flatMap((part) =>
      part.type === "tool-result" ? [{ id: part.tool_call_id, error: part.is_error, result: part.result }] : [],
    ),
  )

describe("tool calls", () => {
  it("are recorded before a tool starts, and run side by side", async () => {
    const releases = ["/one", "/two"].map((path) => engines.workspace.hold(path))
    engines.provider.script(
      { items: [{ calls: [read("/one", "a"), read("/two", "b")] }] },
      { items: [{ text: "done" }] },
    )
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    // Both are at work before either has ended.
    await Promise.all([engines.workspace.arrived("/one"), engines.workspace.arrived("/two")])
    expect(await calls(chatId)).toEqual([
      { id: expect.any(String), provider_call_id: "a", state: "started", answered: false, started: true },
      { id: expect.any(String), provider_call_id: "b", state: "started", answered: false, started: true },
    ])
    await reader.activity("running.executing")
    expect(reader.view.lines).toEqual(["user: go", "assistant: <read_file> <read_file>"])
    for (const release of releases) release()
    const view = await reader.activity("waiting")
    expect(view.lines.slice(2)).toEqual(["tool: <read_file done>", "tool: <read_file done>", "assistant: done"])
    const after = await calls(chatId)
    expect(after.map(({ state, answered }) => ({ state, answered }))).toEqual([
      { state: "done", answered: true },
      { state: "done", answered: true },
    ])
  })

  it("have their results shown and stored in the order of the calls, whichever ends first", async () => {
    const releaseFirst = engines.workspace.hold("/slow")
    const releaseSecond = engines.workspace.hold("/quick")
    engines.provider.script(
      { items: [{ calls: [read("/slow", "a"), read("/quick", "b")] }] },
      { items: [{ text: "done" }] },
    )
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await Promise.all([engines.workspace.arrived("/slow"), engines.workspace.arrived("/quick")])
    releaseSecond()
    await expect
      .poll(async () => (await calls(chatId)).map(({ state }) => state), { timeout: 10_000 })
      .toEqual(["started", "done"])
    expect(reader.view.preview.filter(({ role }) => role === "tool")).toEqual([])
    releaseFirst()
    const view = await reader.activity("waiting")
    expect(results(view).map(({ id }) => id)).toEqual(["a", "b"])
    const shown = view.events.flatMap((event) =>
      event.type === "message_part" && event.message_part.part.type === "tool-result"
        ? [event.message_part.part.tool_call_id]
        : [],
    )
    expect(shown).toEqual(["a", "b"])
  })

  it("are shown once more with their results while others still run, to those who come back as well", async () => {
    const release = engines.workspace.hold("/slow")
    engines.provider.script(
      { items: [{ calls: [read("/quick", "a"), read("/slow", "b")] }] },
      { items: [{ text: "done" }] },
    )
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    const shown = ({ preview }: typeof reader.view) => preview.map(({ role, part }) => ({ role, part }))
    await reader.until(({ preview }) => preview.some(({ role }) => role === "tool"))
    const back = follow(engine, chatId, { start: { type: "snapshot", afterId: 0 } })
    await back.until(({ preview }) => preview.some(({ role }) => role === "tool"))
    // The call as it stands in its message, and its result.
    const call = reader.view.transcript.at(-1)?.content[0]
    expect(call).toMatchObject({ type: "tool-call", tool_call_id: "a", args: { path: "/quick" } })
    expect(shown(reader.view)).toEqual([
      { role: "assistant", part: call },
      { role: "tool", part: expect.objectContaining({ type: "tool-result", tool_call_id: "a" }) },
    ])
    expect(shown(back.view)).toEqual(shown(reader.view))
    release()
    const view = await reader.activity("waiting")
    expect(view.lines.slice(1)).toEqual([
      "assistant: <read_file> <read_file>",
      "tool: <read_file done>",
      "tool: <read_file done>",
      "assistant: done",
    ])
  })

  it("that were shown once more are not written twice by an interruption", async () => {
    const release = engines.workspace.hold("/slow")
    engines.provider.script({ items: [{ calls: [read("/quick", "a"), read("/slow", "b")] }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.until(({ preview }) => preview.some(({ role }) => role === "tool"))
    await engine.interrupt(chatId)
    release()
    const { lines } = await reader.activity("waiting")
    expect(lines.slice(1)).toEqual([
      "assistant: <read_file> <read_file>",
      "tool: <read_file done>",
      "tool: <read_file failed>",
    ])
  })

  it("give the model their results in one step", async () => {
    const { view } = await turnOf(read("/x", "a"), read("/y", "b"))
    const request = engines.provider.requests.at(-1)?.body["messages"] as ReadonlyArray<Record<string, unknown>>
    const answered = request.filter(({ role }) => role === "tool").map((message) => message["tool_call_id"])
    expect(answered).toEqual(["a", "b"].map((id) => shortCallId(id, 1, false)))
    expect(view.lines.at(-1)).toBe("assistant: done")
  })

  it("whose arguments are no JSON are answered with an error", async () => {
    const { chatId, view } = await turnOf({ tool: "read_file", args: '{"path": "/x', id: "broken" }, read("/ok", "ok"))
    expect(results(view)).toEqual([
      { id: "broken", error: true, result: { error: expect.stringMatching(/not valid JSON/) } },
      { id: "ok", error: false, result: expect.objectContaining({ content: "/ok" }) },
    ])
    const [broken] = await calls(chatId)
    expect(broken).toMatchObject({ provider_call_id: "broken", started: false, answered: true })
  })

  it("of a tool that does not exist are answered with an error", async () => {
    const { view } = await turnOf({ tool: "no_such_tool", args: {}, id: "a" })
    expect(results(view)).toEqual([{ id: "a", error: true, result: { error: "There is no tool named no_such_tool." } }])
  })

  it("of a tool that is not for this turn are answered with an error of their own", async () => {
    engines.provider.script(
      { items: [{ calls: [{ tool: "edit_files", args: { files: [] }, id: "a" }] }] },
      { items: [{ text: "done" }] },
    )
    const chatId = await engine.create("plan it", { plan: true })
    const view = await follow(engine, chatId).activity("waiting")
    expect(results(view)).toEqual([
      { id: "a", error: true, result: { error: "The tool edit_files is not active in this turn." } },
    ])
  })

  it("of a tool that breaks are answered with an error, and the turn goes on", async () => {
    const { view } = await turnOf(read("/defect", "a"), read("/fine", "b"))
    expect(results(view)).toEqual([
      { id: "a", error: true, result: { error: expect.stringMatching(/failed unexpectedly/) } },
      { id: "b", error: false, result: expect.objectContaining({ content: "/fine" }) },
    ])
    expect(JSON.stringify(results(view))).not.toContain("a defect of the tool")
  })

  it("with the same id twice in one reply are two calls", async () => {
    const { chatId } = await turnOf(read("/x", "a")).then(async (first) => {
      engines.provider.script({ items: [{ calls: [read("/x", "a")] }] }, { items: [{ text: "again" }] })
      await engine.send(first.chatId, "once more")
      await follow(engine, first.chatId).until(({ lines }) => lines.includes("assistant: again"))
      return first
    })
    const rows = await calls(chatId)
    expect(rows.map(({ provider_call_id }) => provider_call_id)).toEqual(["a", "a"])
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2)
  })
})

describe("interrupting tools", () => {
  it("answers the open calls, keeps finished results, and goes on with the next message", async () => {
    const release = engines.workspace.hold("/held")
    engines.provider.script({ items: [{ calls: [read("/ready", "a"), read("/held", "b")] }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await engines.workspace.arrived("/held")
    await expect
      .poll(async () => (await calls(chatId)).map(({ state }) => state), { timeout: 10_000 })
      .toEqual(["done", "started"])
    engines.provider.script({ items: [{ text: "on it" }] })
    await engine.send(chatId, "never mind", { busy: "interrupt" })
    // The tool lets itself be interrupted only when it is let go.
    release()
    const view = await reader.until(({ lines }) => lines.includes("assistant: on it"))
    expect(results(view)).toEqual([
      { id: "a", error: false, result: expect.objectContaining({ content: "/ready" }) },
      {
        id: "b",
        error: true,
        result: expect.objectContaining({ error: expect.stringMatching(/The user stopped this/) }),
      },
    ])
    expect(view.lines.slice(2)).toEqual([
      "tool: <read_file done>",
      "tool: <read_file failed>",
      "user: never mind",
      "assistant: on it",
    ])
    expect((await calls(chatId)).map(({ state }) => state)).toEqual(["done", "canceled"])
  })
})
