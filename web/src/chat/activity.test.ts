import { describe, expect, it } from "vitest"
import type { Message } from "../../../src/contract/chats.ts"
import type { Part } from "../../../src/contract/parts.ts"
import { type ChatStream, emptyStream } from "../stream/state.ts"
import { clockTime } from "../chats/time.ts"
import { toolActivity, turnSoFar, writingActivity } from "./activity.ts"

const call = (id: string, command: string): Part => ({
  type: "tool-call",
  tool_call_id: id,
  tool_name: "execute",
  args: { command },
  created_at: "2026-06-01T10:00:09Z",
})
const message = (id: number, role: Message["role"], ...content: ReadonlyArray<Part>): Message => ({
  id,
  chat_id: "c",
  created_at: `2026-06-01T10:00:0${id}Z`,
  role,
  content,
})
const result = (id: string): Part => ({ type: "tool-result", tool_call_id: id, tool_name: "execute", result: {} })
const asked = message(1, "user", { type: "text", text: "go" })
const stream = (changes: Partial<ChatStream>): ChatStream => ({ ...emptyStream, ...changes })

describe("what a turn does", () => {
  it("is the command that runs, since it began, and how many more", () => {
    const called = message(2, "assistant", call("a", "npm test"), call("b", "ls"), call("c", "pwd"))
    expect(toolActivity(stream({ messages: [asked, called] }))).toEqual({
      words: "Running npm test and 2 more",
      since: "2026-06-01T10:00:09Z",
    })
    const answered = message(3, "tool", result("a"), result("c"))
    expect(toolActivity(stream({ messages: [asked, called, answered] })).words).toBe("Running ls")
  })

  it.each<[string, Part]>([
    ["Writing the answer", { type: "text", text: "so" }],
    ["Thinking", { type: "reasoning", text: "hm" }],
    ["Writing a command", { type: "tool-call", tool_call_id: "a", tool_name: "execute", args_text: '{"com' }],
  ])("is %s", (words, part) => {
    const preview = [part, result("x")]
    expect(writingActivity(stream({ messages: [asked], preview }))).toEqual({ words, since: "2026-06-01T10:00:01Z" })
  })
})

it("a step is counted until its tools have answered", () => {
  const called = message(2, "assistant", call("a", "ls"))
  const answered = message(3, "tool", result("a"))
  const stepOf = (...messages: ReadonlyArray<Message>) => turnSoFar(stream({ messages })).step
  expect([stepOf(asked), stepOf(asked, called), stepOf(asked, called, answered)]).toEqual([1, 1, 2])
})

it.each([
  [0, "0:00"],
  [7_400, "0:07"],
  [72_000, "1:12"],
  [3_729_000, "1:02:09"],
  [-5, "0:00"],
])("tells %d ms as %s", (ms, text) => {
  expect(clockTime(ms)).toBe(text)
})
