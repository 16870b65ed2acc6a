import { afterEach, beforeAll, expect, it } from "vitest"
import type { ChatStreamEvent } from "../../src/contract/stream.ts"
import { TestReader } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { openGate } from "../support/scripted-provider.ts"

/** The steps of the machine, as readers who ask for them see them. */

const engines = useEngines()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

afterEach(() => {
  expect(engines.provider.refusals).toEqual([])
  expect(engines.provider.left).toBe(0)
})

/** A reader that also keeps the names of the transitions it was told of. */
const inspector = (chatId: string) => {
  const steps: Array<string> = []
  const reader = new TestReader(engine, chatId, { sink: { inspects: true } })
  const { apply } = reader.view
  reader.view.apply = (event: ChatStreamEvent) => {
    if (event.type === "transition") steps.push(`${event.transition.version} ${event.transition.event}`)
    apply.call(reader.view, event)
  }
  return { steps, reader }
}

it("come live, in order, one for each version", async () => {
  const gate = openGate()
  engines.provider.script(
    { items: [{ text: "now" }, { gate: gate.wait }, { text: " then" }] },
    { items: [{ text: "b" }] },
  )
  const chatId = await engine.create("go")
  const { steps, reader } = inspector(chatId)
  await reader.shown("now")
  gate.open()
  await reader.activity("waiting")
  await engine.send(chatId, "more")
  await reader.until(({ lines }) => lines.includes("assistant: b"))
  const versions = await engines.query<{ step: string }>(
    (sql) => sql`select version || ' ' || event as step from chat_transitions
      where chat_id = ${chatId} and version > 1 order by version`,
  )
  expect(versions).toHaveLength(3)
  expect(steps.filter((step) => Number.parseInt(step, 10) > 1)).toEqual(versions.map(({ step }) => step))
  await reader.close()
  expect(reader.view.breaches).toEqual([])
})
