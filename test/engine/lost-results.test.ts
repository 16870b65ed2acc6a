import { beforeAll, expect, it } from "vitest"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { loseReply } from "../support/lost-replies.ts"

/** A tool has acted and its result is in the database, but the answer that says so never came. */

const engines = useEngines({ TROUPE_EFFECT_STALL_MS: "3000" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

/** More often than a result is offered to the database by one run of the step, ever later, within those 3 s. */
const LONGER_THAN_PATIENCE = 10

it.each([
  ["once", "/once", 1],
  ["until the step is begun again", "/often", LONGER_THAN_PATIENCE],
] as const)("the tool is not run again, and the turn goes on: %s", async (_, path, times) => {
  engines.provider.script(
    { items: [{ calls: [{ tool: "write_file", args: { path, content: "x" }, id: "a" }] }] },
    { items: [{ text: "done" }] },
  )
  const losses = Array.from({ length: times }, () => loseReply((text) => text.includes("update tool_calls set result")))
  const chatId = await engine.create("go")
  const view = await follow(engine, chatId).idle()
  await Promise.all(losses)
  expect(view.error).toBeUndefined()
  expect(view.lines).toEqual(["user: go", "assistant: <write_file>", "tool: <write_file done>", "assistant: done"])
  expect(engines.workspace.written.filter((write) => write.path === path)).toHaveLength(1)
})
