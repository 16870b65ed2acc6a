import { expect, it } from "vitest"
import type { Attempt, Message } from "../../../src/contract/chats.ts"
import type { Part } from "../../../src/contract/parts.ts"
import { resultsOf, timelineRows } from "./rows.ts"

const at = (second: number) => `2026-06-01T10:00:${String(second).padStart(2, "0")}.5Z`
const say = (text: string): Part => ({ type: "text", text })
const message = (id: number, role: Message["role"], second: number, content: ReadonlyArray<Part>): Message => ({
  id,
  chat_id: "c",
  created_at: at(second),
  role,
  content,
})
const attempt = (number: number, second: number, changes: Partial<Attempt> = {}): Attempt => ({
  history_version: 1,
  attempt: number,
  started_at: at(second),
  ended_at: at(second + 1),
  reason: "retry",
  content: [say("lost")],
  ...changes,
})
const result = { type: "tool-result", tool_call_id: "1", tool_name: "execute", result: { output: "hello" } } as const

const messages = [
  message(1, "user", 10, [say("go")]),
  message(2, "assistant", 20, [say("done")]),
  message(3, "tool", 21, [result]),
  message(4, "assistant", 22, [say(" \n")]),
  message(5, "system", 23, [say("hidden")]),
]
const keys = (attempts: ReadonlyArray<Attempt>) => timelineRows(messages, attempts).map(({ key }) => key)

it("leaves out messages that show nothing of their own", () => {
  expect(keys([])).toEqual(["m1", "m2"])
})

it("puts lost attempts where they happened", () => {
  expect(keys([attempt(1, 12), attempt(2, 14), attempt(3, 30)])).toEqual(["m1", "a1.1", "a1.2", "m2", "a1.3"])
})

it("leaves out the attempt that still stands where it was written", () => {
  const failed = [attempt(1, 12), attempt(2, 30, { reason: "error" })]
  expect(timelineRows(messages, failed, "a1.2").map(({ key }) => key)).toEqual(["m1", "a1.1", "m2"])
})

it.each([
  ["that goes on", { ended_at: null, reason: null }],
  ["whose text became a message", { reason: "interrupt" }],
  ["that showed nothing", { content: [] }],
  [
    "that showed only what became of a call, which is in its message",
    {
      content: [
        { type: "tool-call", tool_call_id: "1", tool_name: "execute", args: {}, created_at: at(20) } as const,
        result,
      ],
    },
  ],
  ["from before the oldest message held", { started_at: at(5) }],
])("leaves out an attempt %s", (_, changes) => {
  expect(keys([attempt(1, 12, changes)])).toEqual(["m1", "m2"])
})

it("finds a result by the id of its call", () => {
  expect(resultsOf(messages).get("1")).toEqual(result)
  expect(resultsOf(messages)).toBe(resultsOf(messages))
})
