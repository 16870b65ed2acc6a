import { afterEach, beforeAll, expect, it, vi } from "vitest"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"

/** A workspace decides by the age of a call whether it can know what became of it. */

const engines = useEngines()
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

afterEach(() => {
  vi.restoreAllMocks()
})

const HOUR_MS = 3_600_000

it.each([
  ["behind", -HOUR_MS],
  ["ahead of", HOUR_MS],
])("a repeat is as old as its call, on a server whose clock is %s the database's", async (name, skewMs) => {
  const path = `/aged ${name}`
  const release = engines.workspace.hold(path)
  engines.provider.script(
    { items: [{ calls: [{ tool: "write_file", args: { path, content: "x" }, id: "a" }] }] },
    { items: [{ text: "done" }] },
  )
  const chatId = await engine.create("go")
  await engines.workspace.arrived(path)
  const arrivedAt = performance.now()
  await engine.crash()
  const clock = Date.now
  vi.spyOn(Date, "now").mockImplementation(() => clock() + skewMs)
  const before = engines.workspace.written.length
  release()
  const startedAt = performance.now()
  engine = await engines.start()
  await follow(engine, chatId).activity("waiting")
  const repeat = engines.workspace.written.slice(before).findLast((write) => write.path === path)
  expect(repeat?.identity.callAgeMs).toBeGreaterThanOrEqual(startedAt - arrivedAt)
  expect(repeat?.identity.callAgeMs).toBeLessThan(HOUR_MS)
})
