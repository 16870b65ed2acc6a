import { afterEach, beforeAll, describe, expect, it } from "vitest"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { openGate } from "../support/scripted-provider.ts"

const engines = useEngines()
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

/** A chat whose tool is held. */
const inTool = async () => {
  const release = engines.workspace.hold("/held")
  engines.provider.script({ items: [{ calls: [{ tool: "read_file", args: { path: "/held" }, id: "a" }] }] })
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.activity("running.executing")
  return { chatId, reader, release }
}

const events = async (chatId: string) =>
  (
    await engines.query<{ event: string }>(
      (sql) => sql`select event from chat_transitions where chat_id = ${chatId} order by version`,
    )
  ).map(({ event }) => event)

describe("a steering message", () => {
  it("enters the running turn after its next step, all of them together and in order", async () => {
    const { chatId, reader, release } = await inTool()
    await engine.send(chatId, "later")
    const first = await engine.send(chatId, "left", { busy: "steer" })
    await engine.send(chatId, "and then right", { busy: "steer" })
    expect([first.message, first.queued?.kind]).toEqual([undefined, "steer"])
    await reader.until(({ queue }) => queue.length === 3)
    expect(reader.view.queue.map(({ kind }) => kind)).toEqual(["steer", "steer", "queue"])
    engines.provider.script({ items: [{ text: "turning" }] }, { items: [{ text: "to later" }] })
    release()
    const view = await reader.until(({ lines }) => lines.includes("assistant: to later"))
    expect(view.lines).toEqual([
      "user: go",
      "assistant: <read_file>",
      "tool: <read_file done>",
      "user: left",
      "user: and then right",
      "assistant: turning",
      "user: later",
      "assistant: to later",
    ])
    expect((await events(chatId)).filter((event) => event === "Steer")).toHaveLength(1)
    const asked = engines.provider.requests.at(-2)?.body["messages"] as ReadonlyArray<{
      readonly role: string
      readonly content: unknown
    }>
    // As one message, with a word of the assistant between it and the result.
    expect(asked.map(({ role }) => role).slice(-4)).toEqual(["assistant", "tool", "assistant", "user"])
    expect(asked.at(-1)?.content).toBe("left\n\nand then right")
  })

  it("goes before ordinary ones when the turn ends first", async () => {
    const gate = openGate()
    engines.provider.script({ items: [{ text: "thinking" }, { gate: gate.wait }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.shown("thinking")
    await engine.send(chatId, "ordinary")
    await engine.send(chatId, "steering", { busy: "steer" })
    engines.provider.script({ items: [{ text: "to steering" }] }, { items: [{ text: "to ordinary" }] })
    gate.open()
    const view = await reader.until(({ lines }) => lines.includes("assistant: to ordinary"))
    expect(view.lines).toEqual([
      "user: go",
      "assistant: thinking",
      "user: steering",
      "assistant: to steering",
      "user: ordinary",
      "assistant: to ordinary",
    ])
    expect(await events(chatId)).not.toContain("Steer")
  })

  it("is an ordinary one where no turn runs", async () => {
    engines.provider.script({ items: [{ text: "hi" }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.activity("waiting")
    engines.provider.script({ items: [{ text: "to the next" }] })
    const { message, queued } = await engine.send(chatId, "next", { busy: "steer" })
    expect([message?.role, queued]).toEqual(["user", undefined])
    await reader.until(({ lines }) => lines.includes("assistant: to the next"))
  })

  it("can be deleted and promoted as any other", async () => {
    const { chatId, reader, release } = await inTool()
    await engine.send(chatId, "gone", { busy: "steer" })
    await engine.send(chatId, "now", { busy: "steer" })
    await reader.until(({ queue }) => queue.length === 2)
    const [gone, now] = reader.view.queue.map(({ id }) => id)
    await engine.removeQueued(chatId, gone ?? 0)
    engines.provider.script({ items: [{ text: "to now" }] })
    await engine.promote(chatId, now ?? 0)
    release()
    const view = await reader.until(({ lines }) => lines.includes("assistant: to now"))
    expect(view.lines.slice(2)).toEqual(["tool: <read_file failed>", "user: now", "assistant: to now"])
  })

  it("survives a crash of the step that it steers", async () => {
    const { chatId, reader } = await inTool()
    await engine.send(chatId, "left", { busy: "steer" })
    await reader.close()
    await engine.crash()
    engines.workspace.release()
    engines.provider.script({ items: [{ text: "turning" }] })
    engine = await engines.start()
    const view = await follow(engine, chatId).until(({ lines }) => lines.includes("assistant: turning"))
    expect(view.lines.slice(3)).toEqual(["user: left", "assistant: turning"])
  })
})
