import { beforeAll, describe, expect, it } from "vitest"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { refusal } from "../support/refusal.ts"
import { openGate } from "../support/scripted-provider.ts"

/** Chats whose rows somebody has changed to what no transition leads to. */

const engines = useEngines()
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

const chat = async () => {
  engines.provider.script({ items: [{ text: "hi" }] })
  const chatId = await engine.create("go")
  await follow(engine, chatId).activity("waiting")
  return chatId
}

type Damage = (chatId: string) => Promise<unknown>

const set =
  (column: "activity" | "archived", value: string | boolean): Damage =>
  (chatId) =>
    engines.query((sql) => sql`update chats set ${sql(column)} = ${value} where id = ${chatId} returning id`)

const enqueue =
  (count: number): Damage =>
  (chatId) =>
    engines.query(
      (sql) => sql`insert into chat_queued_messages (chat_id, created_version, position, content, created_by)
        select id, snapshot_version, n, '[{"type": "text", "text": "queued"}]', owner_id
        from chats, generate_series(1, ${count}::int) n where id = ${chatId} returning id`,
    )

const all =
  (...damages: ReadonlyArray<Damage>): Damage =>
  async (chatId) => {
    for (const damage of damages) await damage(chatId)
  }

const damages: ReadonlyArray<{ readonly name: string; readonly damage: Damage; readonly queue: number }> = [
  { name: "a state of another version", damage: set("activity", "running.dreaming"), queue: 0 },
  { name: "at rest with a queue", damage: enqueue(2), queue: 2 },
  { name: "archived and at work", damage: all(set("archived", true), set("activity", "running.generating")), queue: 0 },
  { name: "results of no call", damage: set("activity", "requires_action.client_tools"), queue: 0 },
  { name: "an approval of no call", damage: set("activity", "requires_action.approval"), queue: 0 },
]

describe.each(damages)("$name", ({ damage, queue }) => {
  it("is refused by every command, shown by the inspection, and repaired on request", async () => {
    const chatId = await chat()
    await engine.stop()
    await damage(chatId)
    engine = await engines.start()

    const invalid = { _tag: "ChatInvalid", fault: expect.stringMatching(/./) }
    expect(await refusal(engine.send(chatId, "hello?"))).toMatchObject(invalid)
    expect(await refusal(engine.interrupt(chatId))).toMatchObject(invalid)
    expect(await engine.machine(chatId)).toMatchObject({
      fault: expect.stringMatching(/^This chat .+\.$/),
      accepts: ["ReconcileInvalidState"],
    })

    await engine.reconcile(chatId, "once")
    await engine.reconcile(chatId, "once")
    const row = await engine.row(chatId)
    expect(row).toMatchObject({
      activity: "error",
      archived: false,
      last_error: { message: expect.stringMatching(/^This chat .+ so it was stopped/), retryable: false },
    })
    const machine = await engine.machine(chatId)
    expect(machine.fault).toBeUndefined()
    expect(machine.context.queue).toBe(queue)
    expect(await engine.at(chatId, row.snapshot_version)).toMatchObject({ life: "error", context: { queue } })
    // It is a chat like any other again: the backlog goes first.
    const said = Array.from({ length: queue + 1 }, (_, index) => ({ items: [{ text: `answer ${index}` }] }))
    engines.provider.script(...said)
    await engine.send(chatId, "hello?")
    const view = await follow(engine, chatId).until(
      ({ lines, activity }) => activity === "waiting" && lines.at(-1) === `assistant: answer ${queue}`,
    )
    expect(view.lines.filter((line) => line.startsWith("user:"))).toEqual([
      "user: go",
      ...Array.from({ length: queue }, () => "user: queued"),
      "user: hello?",
    ])
  })
})

it("has nothing to do with a sound chat, and leaves it as it is", async () => {
  const chatId = await chat()
  expect(await refusal(engine.reconcile(chatId))).toMatchObject({ _tag: "ChatSound" })
  const gate = openGate()
  engines.provider.script({ items: [{ text: "slowly" }, { gate: gate.wait }, { text: " but surely" }] })
  await engine.send(chatId, "work")
  const reader = follow(engine, chatId)
  await reader.shown("slowly")
  const before = await engine.row(chatId)
  for (let time = 0; time < 4; time += 1) {
    expect(await refusal(engine.reconcile(chatId))).toMatchObject({ _tag: "ChatSound" })
  }
  expect(await engine.row(chatId)).toEqual(before)
  gate.open()
  await reader.until(({ lines }) => lines.at(-1) === "assistant: slowly but surely")
})
