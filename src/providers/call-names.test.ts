import { expect, test } from "vitest"
import { CallIds, cleanCallId, shortCallId, ToolNames } from "./call-names.ts"

const KNOWN = ["chatcmpl-tool-0123456789abcdef0123456789abcdef", "grep:3", "", "toolu_01", "Abc123xyZ", "日本"]

test("ids of Chat Completions are nine letters and digits, and those that are so already stay", () => {
  const ids = new CallIds(shortCallId)
  const given = KNOWN.map((id) => ids.next(id, false))
  expect(given.every((id) => /^[a-zA-Z0-9]{9}$/.test(id))).toBe(true)
  expect(given[4]).toBe("Abc123xyZ")
  const again = new CallIds(shortCallId)
  expect(KNOWN.map((id) => again.next(id, true))).toEqual(given)
})

test("no two calls have one id, however often theirs was the same", () => {
  for (const form of [shortCallId, cleanCallId]) {
    const ids = new CallIds(form)
    // One that looks like the second of another.
    const given = ["a.b", "a_b", "a_b_2", ...Array.from({ length: 2_000 }, () => "a.b")].map((id) =>
      ids.next(id, false),
    )
    expect(new Set(given).size).toBe(given.length)
    expect(given.every((id) => /^[a-zA-Z0-9_-]{1,64}$/.test(id))).toBe(true)
  }
})

test("an id in which LiteLLM keeps a signature goes back as it was, and to nobody else", () => {
  const id = "call_1__thought__c2lnbmF0dXJl"
  expect(new CallIds(shortCallId).next(id, true)).toBe(id)
  expect(new CallIds(shortCallId).next(id, false)).toMatch(/^[a-zA-Z0-9]{9}$/)
})

test("names are cleaned, cut and never taken for one another or for a real tool", () => {
  const names = new ToolNames(["functions_execute", "x".repeat(100)])
  const given = [
    "execute<|channel|>commentary",
    "functions.execute",
    "functions_execute",
    "functions/execute",
    "",
    "9lives",
    "-",
    "y".repeat(90),
    `${"y".repeat(90)}!`,
    "x".repeat(100),
  ]
  expect(given.map((name) => names.of(name))).toEqual([
    "execute_channel_commentary",
    "functions_execute_2",
    "functions_execute",
    "functions_execute_3",
    "tool",
    "_9lives",
    "_-",
    "y".repeat(64),
    `${"y".repeat(58)}_2`,
    "x".repeat(100),
  ])
  expect(names.of("functions.execute")).toBe("functions_execute_2")
})
