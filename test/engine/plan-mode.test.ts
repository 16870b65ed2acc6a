import { afterEach, beforeAll, expect, it } from "vitest"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { refusal } from "../support/refusal.ts"
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

const write = (id: string) => ({ tool: "write_file", args: { path: `/${id}`, content: id }, id })

/** Names of the tools that the model was shown in its latest request. */
const offered = () => {
  const tools = engines.provider.requests.at(-1)?.body["tools"] as ReadonlyArray<{ function: { name: string } }>
  return tools.map((tool) => tool.function.name)
}

const written = () => engines.workspace.written.map(({ path }) => path)

it("a toggle acts from the next turn on", async () => {
  const gate = openGate()
  engines.provider.script(
    { items: [{ text: "now" }, { gate: gate.wait }, { calls: [write("first")] }] },
    { items: [{ text: "written" }] },
  )
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.shown("now")
  await engine.patch(chatId, { plan_mode: "plan" })
  gate.open()
  await reader.activity("waiting")
  expect(written()).toEqual(["/first"])
  expect(offered()).toContain("write_file")

  engines.provider.script({ items: [{ calls: [write("second")] }] }, { items: [{ text: "only planned" }] })
  await engine.send(chatId, "again")
  const view = await reader.until(({ lines }) => lines.includes("assistant: only planned"))
  expect(offered()).not.toContain("write_file")
  expect(view.lines).toContain("tool: <write_file failed>")
  expect(written()).toEqual(["/first"])
})

it("stays as it was when the message that asks for another is refused", async () => {
  const gate = openGate()
  engines.provider.script({ items: [{ text: "busy" }, { gate: gate.wait }] })
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.shown("busy")
  for (let index = 0; index < 20; index += 1) await engine.send(chatId, `message ${index}`)
  expect(await refusal(engine.send(chatId, "one too many", { more: { plan_mode: "plan" } }))).toMatchObject({
    reason: "queue_full",
  })
  expect((await engine.row(chatId)).plan_mode).toBe(false)
  engines.provider.script({ items: [{ text: "edited" }] })
  await engine.edit(chatId, reader.view.transcript[0]?.id ?? 0, "never mind")
  gate.open()
  await reader.until(({ lines }) => lines.at(-1) === "assistant: edited")
})
