import { Effect } from "effect"
import { afterEach, beforeAll, describe, expect, it } from "vitest"
import type { ToolAction, ToolPolicyRule } from "../../src/contract/tool-policy.ts"
import { ToolPolicies } from "../../src/turn/tool-policies.ts"
import type { ChatView } from "../support/chat-view.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { refusal } from "../support/refusal.ts"
import type { ScriptedCall } from "../support/scripted-provider/script.ts"

const engines = useEngines({ TROUPE_IDLE_ACTOR_MS: "60000" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

const deploymentPolicy = (...rules: ReadonlyArray<ToolPolicyRule>) =>
  engine.run(Effect.flatMap(ToolPolicies, (policies) => policies.setDeployment(rules, engine.caller.userId)))

afterEach(async () => {
  engines.workspace.release()
  await deploymentPolicy()
  expect(engines.provider.refusals).toEqual([])
  expect(engines.provider.left).toBe(0)
})

const rule = (pattern: string, action: ToolAction): ToolPolicyRule => ({ pattern, action })
const asksWrites = [rule("write_file", "ask")]

const read = (path: string, id: string): ScriptedCall => ({ tool: "read_file", args: { path }, id })
const write = (path: string, id: string): ScriptedCall => ({ tool: "write_file", args: { path, content: id }, id })

const results = (view: ChatView) =>
  view.transcript.flatMap(({ content }) =>
    content.flatMap((part) =>
      part.type === "tool-result" ? [{ id: part.tool_call_id, error: part.is_error, result: part.result }] : [],
    ),
  )
const written = () => engines.workspace.written.map(({ path }) => path)

/** A chat of this policy that waits for an approval. */
const asked = async (toolPolicy: ReadonlyArray<ToolPolicyRule>, ...calls: ReadonlyArray<ScriptedCall>) => {
  engines.provider.script({ items: [{ calls }] })
  const chatId = await engine.create("go", { more: { tool_policy: toolPolicy } })
  const reader = follow(engine, chatId)
  await reader.activity("requires_action.approval")
  const approvals = await engine.approvals(chatId)
  const idOf = (call: string) => approvals.find(({ tool_call_id }) => tool_call_id === call)?.id ?? "none"
  return { chatId, reader, approvals, idOf }
}

describe("an asked call", () => {
  it("waits, while the others of its step run at once", async () => {
    const { chatId, reader, approvals, idOf } = await asked(
      asksWrites,
      read("/one", "a"),
      write("/ask-1", "b"),
      read("/two", "c"),
    )
    expect(approvals).toEqual([
      {
        id: expect.any(String),
        tool_call_id: "b",
        tool_name: "write_file",
        args: '{"path":"/ask-1","content":"b"}',
        reason: "The tool policy of this chat asks a person before write_file runs.",
      },
    ])
    const told = reader.view.events.filter((event) => event.type === "approval_required")
    expect(told.map((event) => event.approval_required.approvals)).toEqual([approvals])
    expect(reader.view.events.some((event) => event.type === "action_required")).toBe(false)
    const states = await engines.query<{ provider_call_id: string; state: string }>(
      (sql) => sql`select provider_call_id, state from tool_calls where chat_id = ${chatId} order by index`,
    )
    expect(states.map(({ state }) => state)).toEqual(["done", "planned", "done"])
    // Nothing of the step is in the transcript before all of it is.
    expect(reader.view.lines).toEqual(["user: go", "assistant: <read_file> <write_file> <read_file>"])
    expect(written()).not.toContain("/ask-1")

    engines.provider.script({ items: [{ text: "done" }] })
    await engine.decide(chatId, [{ id: idOf("b"), decision: "approve" }])
    const view = await reader.activity("waiting")
    expect(written().filter((path) => path === "/ask-1")).toEqual(["/ask-1"])
    expect(results(view).map(({ id, error }) => [id, error])).toEqual([
      ["a", false],
      ["b", false],
      ["c", false],
    ])
    expect(view.lines.at(-1)).toBe("assistant: done")
    expect(await engine.approvals(chatId)).toEqual([])
  })

  it("may be decided in parts, and the step goes on with the last decision", async () => {
    const { chatId, reader, idOf } = await asked(asksWrites, write("/part-1", "a"), write("/part-2", "b"))
    await engine.decide(chatId, [{ id: idOf("b"), decision: "approve" }])
    expect((await engine.row(chatId)).activity).toBe("requires_action.approval")
    expect((await engine.approvals(chatId)).map(({ tool_call_id }) => tool_call_id)).toEqual(["a"])
    expect(written()).not.toContain("/part-2")
    expect(await refusal(engine.decide(chatId, [{ id: idOf("b"), decision: "deny" }]))).toMatchObject({
      _tag: "InvalidInput",
      field: "decisions[0].id",
    })
    engines.provider.script({ items: [{ text: "done" }] })
    await engine.decide(chatId, [{ id: idOf("a"), decision: "approve" }])
    const view = await reader.activity("waiting")
    expect(results(view).map(({ id }) => id)).toEqual(["a", "b"])
    expect(
      written()
        .filter((path) => path.startsWith("/part-"))
        .toSorted(),
    ).toEqual(["/part-1", "/part-2"])
  })

  it("that is denied does not run, and the reason reaches the model", async () => {
    const { chatId, reader, idOf } = await asked(asksWrites, write("/denied", "a"), read("/one", "b"))
    engines.provider.script({ items: [{ text: "understood" }] })
    await engine.decide(chatId, [{ id: idOf("a"), decision: "deny", reason: "Not in this repository." }])
    const view = await reader.activity("waiting")
    expect(results(view)[0]).toEqual({
      id: "a",
      error: true,
      result: { error: "This call was denied. Not in this repository.", denied: true },
    })
    expect(JSON.stringify(engines.provider.requests.at(-1)?.body["messages"])).toContain("Not in this repository.")
    expect(written()).not.toContain("/denied")
  })

  it("is refused what does not fit, and nothing changes", async () => {
    const { chatId, reader, idOf } = await asked(asksWrites, write("/fits", "a"))
    const { snapshot_version: version } = await engine.row(chatId)
    const unknown = "11111111-1111-4111-8111-111111111111"
    expect(await refusal(engine.decide(chatId, [{ id: unknown, decision: "approve" }]))).toMatchObject({
      _tag: "InvalidInput",
      field: "decisions[0].id",
      message: "is no call that waits for approval",
    })
    const twice = [idOf("a"), idOf("a")].map((id) => ({ id, decision: "approve" as const }))
    expect(await refusal(engine.decide(chatId, twice))).toMatchObject({
      field: "decisions[1].id",
      message: "is there twice",
    })
    expect((await engine.row(chatId)).snapshot_version).toBe(version)
    engines.provider.script({ items: [{ text: "done" }] })
    await engine.decide(chatId, [{ id: idOf("a"), decision: "deny" }])
    await reader.activity("waiting")
    expect(await refusal(engine.decide(chatId, [{ id: idOf("a"), decision: "approve" }]))).toMatchObject({
      _tag: "CommandRefused",
      reason: "not_allowed",
    })
  })

  it("with arguments that are no JSON is answered, not asked about", async () => {
    const broken: ScriptedCall = { tool: "write_file", args: '{"path": "/br', id: "a" }
    const { chatId, reader, approvals, idOf } = await asked(asksWrites, broken, write("/whole", "b"))
    expect(approvals.map(({ tool_call_id }) => tool_call_id)).toEqual(["b"])
    engines.provider.script({ items: [{ text: "done" }] })
    await engine.decide(chatId, [{ id: idOf("b"), decision: "deny" }])
    const view = await reader.activity("waiting")
    expect(results(view)).toEqual([
      { id: "a", error: true, result: { error: expect.stringMatching(/not valid JSON/) } },
      { id: "b", error: true, result: { error: expect.stringMatching(/^This call was denied/), denied: true } },
    ])
  })

  it("is still asked about after a crash, and what ran does not run again", async () => {
    const { chatId, reader, idOf } = await asked(
      [rule("write_file", "ask")],
      read("/before", "a"),
      write("/after-crash-1", "b"),
      write("/after-crash-2", "c"),
    )
    await engine.decide(chatId, [{ id: idOf("c"), decision: "deny", reason: "One is enough." }])
    await reader.close()
    await engine.crash()
    engine = await engines.start()
    const again = follow(engine, chatId)
    await again.until((view) => view.events.some((event) => event.type === "approval_required"))
    expect((await engine.approvals(chatId)).map(({ tool_call_id }) => tool_call_id)).toEqual(["b"])
    engines.provider.script({ items: [{ text: "done" }] })
    await engine.decide(chatId, [{ id: idOf("b"), decision: "approve" }])
    const view = await again.activity("waiting")
    expect(results(view).map(({ id, error }) => [id, error])).toEqual([
      ["a", false],
      ["b", false],
      ["c", true],
    ])
    expect(written().filter((path) => path.startsWith("/after-crash"))).toEqual(["/after-crash-1"])
  })

  it("is given up when the user interrupts, and what ran keeps its result", async () => {
    const { chatId, reader } = await asked(asksWrites, read("/kept", "a"), write("/given-up", "b"))
    engines.provider.script({ items: [{ text: "stopped" }] })
    await engine.interrupt(chatId)
    const view = await reader.activity("waiting")
    expect(results(view)).toEqual([
      { id: "a", error: false, result: expect.objectContaining({ content: "/kept" }) },
      { id: "b", error: true, result: expect.objectContaining({ error: expect.stringMatching(/stopped/) }) },
    ])
    expect(written()).not.toContain("/given-up")
  })

  it("of a client's tool goes to the client once it is approved", async () => {
    const tool = { name: "ask_user", input_schema: { type: "object" } }
    engines.provider.script({
      items: [
        {
          calls: [
            { tool: "ask_user", args: {}, id: "a" },
            { tool: "ask_user", args: { no: true }, id: "b" },
          ],
        },
      ],
    })
    const chatId = await engine.create("go", {
      more: { unsafe_dynamic_tools: [tool], tool_policy: [rule("ask_*", "ask")] },
    })
    const reader = follow(engine, chatId)
    await reader.activity("requires_action.approval")
    const [first, second] = await engine.approvals(chatId)
    expect(await refusal(engine.answer(chatId, [{ tool_call_id: "a", output: 1 }]))).toMatchObject({
      _tag: "CommandRefused",
    })
    await engine.decide(chatId, [
      { id: first?.id ?? "", decision: "approve" },
      { id: second?.id ?? "", decision: "deny", reason: "no" },
    ])
    await reader.activity("requires_action.client_tools")
    engines.provider.script({ items: [{ text: "done" }] })
    await engine.answer(chatId, [{ tool_call_id: "a", output: "yes" }])
    const view = await reader.activity("waiting")
    expect(results(view).toSorted((x, y) => x.id.localeCompare(y.id))).toEqual([
      { id: "a", error: false, result: "yes" },
      { id: "b", error: true, result: { error: "This call was denied. no", denied: true } },
    ])
  })
})

describe("the tool policy", () => {
  it("of the deployment is stricter than the chat's, and counts from the next step", async () => {
    await deploymentPolicy(rule("write_file", "deny"))
    engines.provider.script({ items: [{ calls: [write("/forbidden", "a")] }] }, { items: [{ text: "done" }] })
    const chatId = await engine.create("go", { more: { tool_policy: [rule("*", "auto")] } })
    const view = await follow(engine, chatId).activity("waiting")
    expect(results(view)).toEqual([
      {
        id: "a",
        error: true,
        result: {
          error: "This call was denied. The tool policy of this deployment does not allow write_file.",
          denied: true,
        },
      },
    ])
    expect(written()).not.toContain("/forbidden")
    await deploymentPolicy()
    engines.provider.script({ items: [{ calls: [write("/allowed", "b")] }] }, { items: [{ text: "now" }] })
    await engine.send(chatId, "again")
    await follow(engine, chatId).until(({ lines }) => lines.includes("assistant: now"))
    expect(written()).toContain("/allowed")
  })

  it("that cannot be read asks about everything", async () => {
    await engines.query(
      (sql) => sql`insert into site_configs (key, value) values ('agents_tool_policy', '{"rules": 7}'::jsonb)
        on conflict (key) do update set value = excluded.value returning key`,
    )
    const { chatId, reader, approvals, idOf } = await asked([], read("/careful", "a"))
    expect(approvals[0]?.reason).toContain("this deployment")
    engines.provider.script({ items: [{ text: "done" }] })
    await engine.decide(chatId, [{ id: idOf("a"), decision: "approve" }])
    const view = await reader.activity("waiting")
    expect(results(view)).toEqual([{ id: "a", error: false, result: expect.anything() }])
  })
})
