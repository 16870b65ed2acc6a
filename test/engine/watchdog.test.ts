import { beforeAll, expect, it } from "vitest"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { isSaid } from "../support/scripted-provider/asked.ts"

/** Turns in which nothing happens any more are ended, with a reason; those that only take long are not. */

/** Long enough for a busy machine to do what is no stall. */
const STALL_MS = 2_500

const engines = useEngines({ TROUPE_EFFECT_STALL_MS: String(STALL_MS), TROUPE_TOOL_CALL_MS: "60000" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
  // The first call of a model loads the provider's SDK, which a busy machine may take for a stall.
  engines.provider.script({ items: [{ text: "hi" }] })
  await follow(engine, await engine.create("load")).activity("waiting")
})

/** Takes longer than is allowed without a sign of life, but shows something all the time. */
const slowly = Array.from({ length: 14 }, (_, index) => [{ text: `${index} ` }, { pauseMs: STALL_MS / 8 }]).flat()

it("ends a stuck effect, and nothing that lives or waits for somebody", async () => {
  const release = engines.workspace.hold("/long")
  engines.provider.script(
    { when: isSaid("wait for me"), items: [{ calls: [{ tool: "ask", args: {}, id: "a" }] }] },
    { when: isSaid("use a tool"), items: [{ calls: [{ tool: "read_file", args: { path: "/long" }, id: "b" }] }] },
    { when: isSaid("talk slowly"), items: slowly },
    { when: isSaid("get stuck"), items: [{ text: "I " }, { silence: true }] },
  )
  const tools = { unsafe_dynamic_tools: [{ name: "ask", input_schema: { type: "object" } }] }
  const waiting = follow(engine, await engine.create("wait for me", { more: tools }))
  const using = follow(engine, await engine.create("use a tool"))
  const slow = follow(engine, await engine.create("talk slowly"))
  const stuckId = await engine.create("get stuck")
  const stuck = follow(engine, stuckId)

  const view = await stuck.activity("error")
  expect(view.error).toMatchObject({ message: expect.stringMatching(/^Nothing has happened/), retryable: false })
  expect(view.lines).toEqual(["user: get stuck"])
  await slow.activity("waiting")
  expect(slow.view.lines.at(-1)).toMatch(/^assistant: 0 1 .*13 $/)
  expect(waiting.view.activity).toBe("requires_action.client_tools")
  expect(using.view.activity).toBe("running.executing")

  engines.provider.script({ items: [{ text: "read" }] }, { items: [{ text: "fine" }] })
  release()
  await using.until(({ lines }) => lines.at(-1) === "assistant: read")
  await engine.send(stuckId, "and now?")
  await stuck.until(({ lines }) => lines.at(-1) === "assistant: fine")
})
