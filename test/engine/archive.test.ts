import { afterEach, beforeAll, describe, expect, it } from "vitest"
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

const chat = async (words = "go") => {
  engines.provider.script({ items: [{ text: "hi" }] })
  const chatId = await engine.create(words)
  await follow(engine, chatId).activity("waiting")
  return chatId
}

/** A root with children, all of them at rest. */
const family = async (children: number) => {
  const root = await chat()
  const ids: Array<string> = []
  for (let index = 0; index < children; index += 1) {
    const child = await chat()
    await engines.query(
      (sql) => sql`update chats set parent_chat_id = ${root}, root_chat_id = ${root} where id = ${child} returning id`,
    )
    ids.push(child)
  }
  return { root, children: ids }
}

const archivedOf = (root: string) =>
  engines.query<{ archived: boolean; epoch: number }>(
    (sql) =>
      sql`select archived, owner_epoch as epoch from chats where id = ${root} or root_chat_id = ${root} order by id`,
  )

describe("archiving", () => {
  it("is of the whole family, journaled, and taken back as a whole", async () => {
    const { root, children } = await family(2)
    const before = await archivedOf(root)
    await engine.patch(root, { archived: true })
    const after = await archivedOf(root)
    expect(after.map(({ archived }) => archived)).toEqual([true, true, true])
    expect(after.map(({ epoch }, index) => epoch > (before[index]?.epoch ?? 0))).toEqual([true, true, true])
    expect(await refusal(engine.patch(root, { archived: true }))).toMatchObject({
      field: "archived",
      message: "is set already",
    })
    expect(await refusal(engine.patch(children[0] ?? "", { archived: false }))).toMatchObject({ field: "archived" })
    const { snapshot_version: version } = await engine.row(root)
    expect(await engine.at(root, version)).toMatchObject({ life: "waiting", context: { archived: true } })
    expect(await engine.at(root, version - 1)).toMatchObject({ life: "waiting", context: { archived: false } })
    await engine.patch(root, { archived: false })
    expect((await archivedOf(root)).map(({ archived }) => archived)).toEqual([false, false, false])
    expect(await refusal(engine.patch(root, { archived: false }))).toMatchObject({ message: "is not set" })
  })

  it("is refused for all when one of the family works", async () => {
    const { root, children } = await family(2)
    const gate = openGate()
    engines.provider.script({ items: [{ text: "working" }, { gate: gate.wait }] })
    const [busy = ""] = children
    await engine.send(busy, "work")
    const reader = follow(engine, busy)
    await reader.shown("working")
    expect(await refusal(engine.patch(root, { archived: true }))).toMatchObject({ _tag: "FamilyActive" })
    expect((await archivedOf(root)).map(({ archived }) => archived)).toEqual([false, false, false])
    gate.open()
    await reader.activity("waiting")
    await engine.patch(root, { archived: true })
    expect((await archivedOf(root)).map(({ archived }) => archived)).toEqual([true, true, true])
  })

  it("stops everything: nothing can be done with an archived chat", async () => {
    const chatId = await chat()
    const [first] = await engines.query<{ id: number }>(
      (sql) => sql`select id from chat_messages where chat_id = ${chatId} and role = 'user'`,
    )
    await engine.patch(chatId, { pin_order: 1 })
    await engine.patch(chatId, { archived: true })
    const archived = { _tag: "CommandRefused", reason: "archived" }
    expect(await refusal(engine.send(chatId, "x"))).toMatchObject(archived)
    expect(await refusal(engine.edit(chatId, first?.id ?? 0, "x"))).toMatchObject(archived)
    expect(await refusal(engine.interrupt(chatId))).toMatchObject(archived)
    expect(await refusal(engine.patch(chatId, { pin_order: 1 }))).toMatchObject({ field: "pin_order" })
    expect((await engine.row(chatId)).pin_order).toBe(0)
    await engine.patch(chatId, { archived: false })
    engines.provider.script({ items: [{ text: "back" }] })
    await engine.send(chatId, "hello again")
    await follow(engine, chatId).until(({ lines }) => lines.includes("assistant: back"))
  })

  it("keeps a failed chat's error and its queue", async () => {
    const gate = openGate()
    engines.provider.script({ items: [{ gate: gate.wait }, { event: { error: { message: "no", code: 400 } } }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.activity("running.generating")
    await engine.send(chatId, "later")
    gate.open()
    await reader.activity("error")
    await engine.patch(chatId, { archived: true })
    await engine.patch(chatId, { archived: false })
    expect(await engine.row(chatId)).toMatchObject({ activity: "error", last_error: expect.anything() })
    engines.provider.script({ items: [{ text: "to later" }] }, { items: [{ text: "to now" }] })
    await engine.send(chatId, "now")
    const view = await follow(engine, chatId).until(({ lines }) => lines.includes("assistant: to now"))
    expect(view.lines.slice(1)).toEqual(["user: later", "assistant: to later", "user: now", "assistant: to now"])
  })

  it("fences out the actor of a child that is alive", async () => {
    const { root, children } = await family(1)
    const [child = ""] = children
    // Behind the back of the server's actors, as another replica would.
    await engines.query(
      (sql) => sql`
      update chats set archived = true, owner_epoch = owner_epoch + 1, owner_instance = null,
        snapshot_version = snapshot_version + 1 where id = ${root} or id = ${child} returning id`,
    )
    expect(await refusal(engine.send(child, "x"))).toMatchObject({ _tag: "CommandRefused", reason: "archived" })
    const messages = await engines.query(
      (sql) => sql`select id from chat_messages where chat_id = ${child} and role = 'user'`,
    )
    expect(messages).toHaveLength(1)
  })
})

describe("attributes", () => {
  const updatedAt = async (chatId: string) => (await engine.row(chatId)).updated_at.getTime()

  it("that are no news leave the time of the last change alone", async () => {
    const chatId = await chat()
    const before = await updatedAt(chatId)
    await engine.patch(chatId, { title: "  A new name " })
    await engine.patch(chatId, { pin_order: 1 })
    await engine.patch(chatId, { plan_mode: "plan" })
    expect(await engine.row(chatId)).toMatchObject({ title: "A new name", plan_mode: true, pin_order: 1 })
    expect(await updatedAt(chatId)).toBe(before)
    await engine.patch(chatId, { labels: { team: "blue" } })
    expect(await updatedAt(chatId)).toBeGreaterThan(before)
    await engine.patch(chatId, { pin_order: 0, plan_mode: "" })
    expect(await engine.row(chatId)).toMatchObject({ plan_mode: false, pin_order: 0, labels: { team: "blue" } })
  })

  it.each([
    [{ title: "   " }, "title"],
    [{ title: "x".repeat(201) }, "title"],
    [{ workspace_id: "11111111-1111-4111-8111-111111111111" }, "workspace_id"],
  ])("refuse %j", async (patch, field) => {
    const chatId = await chat()
    expect(await refusal(engine.patch(chatId, patch))).toMatchObject({ _tag: "InvalidInput", field })
  })

  it("are written one after the other: what comes before a bad one is done", async () => {
    const chatId = await chat()
    const patch = { title: "done", labels: { done: "yes" }, archived: false, pin_order: 1 }
    expect(await refusal(engine.patch(chatId, patch))).toMatchObject({ field: "archived" })
    expect(await engine.row(chatId)).toMatchObject({ title: "done", labels: { done: "yes" }, pin_order: 0 })
  })

  it("count a title of 200 characters, whatever they are made of", async () => {
    const chatId = await chat()
    const title = "🎭".repeat(200)
    await engine.patch(chatId, { title })
    expect((await engine.row(chatId)).title).toBe(title)
  })

  it("number pins without gaps or doubles, and heal what is wrong", async () => {
    await engines.query((sql) => sql`update chats set pin_order = 0 returning id`)
    const chats = [await chat(), await chat(), await chat(), await chat()]
    const [a = "", b = "", c = "", d = ""] = chats
    const pins = async () =>
      (
        await engines.query<{ id: string; pin_order: number }>(
          (sql) => sql`select id, pin_order from chats where pin_order > 0 order by pin_order, id`,
        )
      ).map(({ id, pin_order }) => [["a", "b", "c", "d"][chats.indexOf(id)], pin_order])
    await engine.patch(a, { pin_order: 9 })
    await engine.patch(b, { pin_order: 1 })
    await engine.patch(c, { pin_order: 1 })
    expect(await pins()).toEqual([
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ])
    await engine.patch(c, { pin_order: 1 })
    expect(await pins()).toEqual([
      ["c", 1],
      ["a", 2],
      ["b", 3],
    ])
    await engine.patch(c, { pin_order: 99 })
    expect(await pins()).toEqual([
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ])
    await engines.query((sql) => sql`update chats set pin_order = 7 where id in (${a}, ${b}) returning id`)
    await engine.patch(d, { pin_order: 1 })
    expect((await pins()).map(([, order]) => order)).toEqual([1, 2, 3, 4])
    await engine.patch(b, { archived: true })
    await engine.patch(c, { pin_order: 2 })
    expect((await pins()).map(([, order]) => order)).toEqual([1, 2, 3])
    await Promise.all(
      chats.filter((id) => id !== b).map((id, index) => engine.patch(id, { pin_order: index % 2 === 0 ? 0 : 1 })),
    )
    await Promise.all([a, c, d].map((id) => engine.patch(id, { pin_order: 1 })))
    expect((await pins()).map(([, order]) => order)).toEqual([1, 2, 3])
  })
})

describe("the mode of a message", () => {
  it("counts for the chat at once", async () => {
    const chatId = await chat()
    engines.provider.script({ items: [{ text: "planned" }] })
    await engine.send(chatId, "plan it", { more: { plan_mode: "plan" } })
    await follow(engine, chatId).until(({ lines }) => lines.includes("assistant: planned"))
    expect((await engine.row(chatId)).plan_mode).toBe(true)
  })
})

describe("interrupting with cascade", () => {
  const busy = async (chatId: string) => {
    engines.provider.script({ items: [{ text: "working" }, { silence: true }] })
    await engine.send(chatId, "work")
    const reader = follow(engine, chatId)
    await reader.shown("working")
    return reader
  }

  it("stops the chat and all that work below it, and no others", async () => {
    const { root, children } = await family(3)
    const [first = "", second = "", idle = ""] = children
    await engines.query((sql) => sql`update chats set parent_chat_id = ${first} where id = ${second} returning id`)
    const other = await chat()
    const readers = [await busy(root), await busy(first), await busy(second)]
    const untouched = await busy(other)
    await engine.interrupt(root, undefined, true)
    for (const reader of readers) await reader.activity("waiting")
    expect(untouched.view.activity).toBe("running.generating")
    expect((await engine.row(idle)).snapshot_version).toBe(2)
    await engine.interrupt(other)
    await untouched.activity("waiting")
  })

  it("is enough that one of the family works, once for each key", async () => {
    const { root, children } = await family(1)
    const [child = ""] = children
    const reader = await busy(child)
    expect(await refusal(engine.interrupt(root))).toMatchObject({ _tag: "CommandRefused" })
    // Who is not the first waits for it, and is told the same.
    await Promise.all(Array.from({ length: 5 }, () => engine.interrupt(root, "once", true)))
    await reader.activity("waiting")
    await engine.interrupt(root, "once", true)
    expect(await refusal(engine.interrupt(root, "again", true))).toMatchObject({ _tag: "CommandRefused" })
  })
})
