import { afterEach, beforeAll, describe, expect, it } from "vitest"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { httpAnswer, useHostileAgent } from "../support/hostile-agent.ts"
import type { ScriptedCall } from "../support/scripted-provider/script.ts"

const engines = useEngines()
const follow = useReaders()
const agent = useHostileAgent()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

afterEach(() => {
  engines.workspace.instead = undefined
})

const UNREADABLE = "The workspace gave an answer that cannot be understood."

const lookFirst = { success: false, error: expect.stringContaining("Look at the present state"), outcome: "unknown" }

describe("a chat whose workspace answers what nobody understands", () => {
  const calls: ReadonlyArray<readonly [ScriptedCall, unknown]> = [
    [
      { tool: "read_file", args: { path: "/a" } },
      { success: false, error: UNREADABLE },
    ],
    [
      { tool: "process_list", args: {} },
      { success: false, error: UNREADABLE },
    ],
    [
      { tool: "process_output", args: { process_id: "half \ud800 a character" } },
      { success: false, error: UNREADABLE },
    ],
    // These may have acted: the model has to look before it tries again.
    [{ tool: "write_file", args: { path: "/a", content: "x" } }, lookFirst],
    [{ tool: "edit_files", args: { files: [{ path: "/a", edits: [{ search: "x", replace: "y" }] }] } }, lookFirst],
    [{ tool: "execute", args: { command: "true" } }, lookFirst],
    [{ tool: "process_signal", args: { process_id: "p", signal: "kill" } }, lookFirst],
  ]
  it.each(calls)("tells the model of it and goes on: $tool", async (call, result) => {
    engines.workspace.instead = agent.connection()
    agent.answerWith(httpAnswer('{"surprise": true}'))
    engines.provider.script({ items: [{ calls: [call] }] }, { items: [{ text: "I see." }] })
    const chatId = await engine.create("go")
    const view = await follow(engine, chatId).activity("waiting")
    expect(view.lines.slice(2)).toEqual([`tool: <${call.tool} failed>`, "assistant: I see."])
    const told = view.transcript.flatMap(({ content }) => content.filter((part) => part.type === "tool-result"))
    expect(told.map((part) => part.result)).toEqual([result])
  })
})
