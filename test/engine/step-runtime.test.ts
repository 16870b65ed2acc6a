import { beforeAll, expect, it } from "vitest"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { eventually } from "../support/eventually.ts"
import { openGate } from "../support/scripted-provider.ts"

/**
 * `runtime_ms` of an assistant message: its attempts, the waits between them, and its tools. Tests do not wait; they make the
 * beginning of something an hour earlier in the rows.
 */

const engines = useEngines({ TROUPE_IDLE_ACTOR_MS: "60000" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

const HOUR = 3_600_000
const MINUTE = 60_000

/** The chat has come into this activity an hour before. */
const enteredAnHourAgo = (chatId: string, activity: string) =>
  engines.query(
    (sql) => sql`update chat_transitions set created_at = created_at - interval '1 hour'
      where chat_id = ${chatId} and to_activity = ${activity} and from_activity <> ${activity} returning version`,
  )

const runtimes = (chatId: string) =>
  engines.query<{ readonly role: string; readonly runtime_ms: number | null }>(
    (sql) => sql`select role, runtime_ms from chat_messages where chat_id = ${chatId} and role <> 'system' order by id`,
  )

/** Hours of the assistant messages, each with less than a minute over. */
const hours = async (chatId: string) => {
  const rows = await runtimes(chatId)
  expect(rows.filter(({ role, runtime_ms }) => role !== "assistant" && runtime_ms !== null)).toEqual([])
  return rows
    .filter(({ role }) => role === "assistant")
    .map(({ runtime_ms }) => runtime_ms ?? Number.NaN)
    .map((ms) => (ms % HOUR < MINUTE ? Math.floor(ms / HOUR) : ms))
}

const slowRead = { calls: [{ tool: "read_file", args: { path: "/slow" }, id: "slow" }] }

/** A chat whose tool has been held for an hour. */
const longTool = async (on = engine) => {
  const letGo = engines.workspace.hold("/slow")
  engines.provider.script({ items: [slowRead] })
  const chatId = await on.create("go")
  await follow(on, chatId).activity("running.executing")
  await engines.workspace.arrived("/slow")
  expect(await enteredAnHourAgo(chatId, "running.executing")).toHaveLength(1)
  return { chatId, letGo }
}

it("begins with the first attempt, and counts the waits and what was tried in vain", async () => {
  const gate = openGate()
  engines.provider.script({ status: 500, message: "no" }, { items: [{ text: "well" }, { gate: gate.wait }] })
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.shown("well")
  await engines.query(
    (sql) => sql`update chat_attempts set started_at = started_at - interval '1 hour'
      where chat_id = ${chatId} and attempt = 1 returning attempt`,
  )
  gate.open()
  await reader.activity("waiting")
  expect(await hours(chatId)).toEqual([1])
})

it("does not count what a chat waited for a slot", async () => {
  const gate = openGate()
  engines.provider.script({ items: [{ text: "well" }, { gate: gate.wait }] })
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.shown("well")
  await engines.query(
    (sql) => sql`insert into chat_attempts (chat_id, history_version, attempt, started_at, ended_at, reason)
      select id, history_version, 0, now() - interval '3 hours', now() - interval '2 hours', 'yield'
      from chats where id = ${chatId} returning attempt`,
  )
  gate.open()
  await reader.activity("waiting")
  expect(await hours(chatId)).toEqual([1])
})

it("goes on while the tools run, and ends with them", async () => {
  const { chatId, letGo } = await longTool()
  engines.provider.script({ items: [{ text: "read" }] })
  letGo()
  await follow(engine, chatId).until(
    ({ lines, activity }) => lines.at(-1) === "assistant: read" && activity === "waiting",
  )
  expect(await hours(chatId)).toEqual([1, 0])
})

it("ends where the user stops the tools", async () => {
  const { chatId } = await longTool()
  await engine.interrupt(chatId)
  await follow(engine, chatId).activity("waiting")
  expect(await hours(chatId)).toEqual([1])
})

it("is kept of a step that an edit takes away", async () => {
  const { chatId } = await longTool()
  const [first] = await engines.query<{ id: number }>(
    (sql) => sql`select id from chat_messages where chat_id = ${chatId} and role = 'user'`,
  )
  engines.provider.script({ items: [{ text: "better" }] })
  await engine.edit(chatId, first?.id ?? 0, "go on")
  await follow(engine, chatId).until(({ lines }) => lines.at(-1) === "assistant: better")
  expect(await hours(chatId)).toEqual([1, 0])
})

it("is of a reply that was cut short as well", async () => {
  const gate = openGate()
  engines.provider.script({ items: [{ text: "half" }, { gate: gate.wait }] })
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.shown("half")
  await engines.query(
    (sql) => sql`update chat_attempts set started_at = started_at - interval '1 hour' where chat_id = ${chatId}
      returning attempt`,
  )
  await engine.interrupt(chatId)
  await reader.activity("waiting")
  gate.open()
  expect(await hours(chatId)).toEqual([1])
})

it("does not count the time that a person takes for an approval", async () => {
  engines.provider.script({ items: [slowRead] })
  const chatId = await engine.create("go", { more: { tool_policy: [{ pattern: "read_file", action: "ask" }] } })
  const reader = follow(engine, chatId)
  await reader.activity("requires_action.approval")
  await enteredAnHourAgo(chatId, "requires_action.approval")
  const letGo = engines.workspace.hold("/slow")
  const [{ id } = { id: "" }] = await engine.approvals(chatId)
  engines.provider.script({ items: [{ text: "read" }] })
  await engine.decide(chatId, [{ id, decision: "approve" }])
  await engines.workspace.arrived("/slow")
  letGo()
  await reader.until(({ lines, activity }) => lines.at(-1) === "assistant: read" && activity === "waiting")
  expect(await hours(chatId)).toEqual([0, 0])
})

it("is completed by whoever takes the chat over after a crash", async () => {
  const crashing = await engines.start()
  const { chatId, letGo } = await longTool(crashing)
  await crashing.crash()
  letGo()
  engines.provider.script({ items: [{ text: "after all" }] })
  await engines.query((sql) => sql`update chats set owner_instance = null where id = ${chatId} returning id`)
  // The engine of the file takes it; a reader elsewhere would hear of it only when asked.
  const activity = async () =>
    (await engines.query<{ activity: string }>((sql) => sql`select activity from chats where id = ${chatId}`))[0]
  await eventually(activity, { activity: "waiting" })
  expect(await hours(chatId)).toEqual([1, 0])
})
