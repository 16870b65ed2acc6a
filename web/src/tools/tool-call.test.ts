import { describe, expect, it } from "vitest"
import type { ToolCallPart, ToolResultPart } from "../../../src/contract/parts.ts"
import { rendererOf } from "./registry.ts"
import { type CallFacts, toolCall } from "./tool-call.ts"

const call = (changes: Partial<ToolCallPart> = {}): ToolCallPart => ({
  type: "tool-call",
  tool_call_id: "1",
  tool_name: "execute",
  args: { command: "ls\necho" },
  ...changes,
})
const result = (value: unknown, is_error = false): ToolResultPart => ({
  type: "tool-result",
  tool_call_id: "1",
  tool_name: "execute",
  result: value,
  is_error,
})
const { args: _, ...unfinished } = call({ args_text: '{"comm' })

const facts = (result: ToolResultPart | undefined, turnRuns: boolean, more: Partial<CallFacts> = {}): CallFacts => ({
  result,
  turnRuns,
  asked: false,
  denied: false,
  ...more,
})

const seen = (
  part: ToolCallPart,
  answer: ToolResultPart | undefined,
  turnRuns: boolean,
  more: Partial<CallFacts> = {},
) => {
  const renderer = rendererOf(part.tool_name)
  const shown = toolCall(part, facts(answer, turnRuns, more), renderer)
  return { state: shown.state, title: renderer.title(shown), note: renderer.note?.(shown) }
}

describe("a call that is at work", () => {
  const writing = (result_delta: string): ToolResultPart => ({
    type: "tool-result",
    tool_call_id: "1",
    tool_name: "execute",
    result_delta,
    created_at: "2026-06-01T10:00:00.000Z",
  })

  it("has what it has written, and when it began, and no result yet", () => {
    const shown = toolCall(call(), facts(writing("one\n"), true), rendererOf("execute"))
    expect(shown).toMatchObject({ state: "running", output: "one\n", since: "2026-06-01T10:00:00.000Z" })
    expect(shown.result).toBeUndefined()
  })

  it("is one without a result when the turn is over", () => {
    expect(seen(call(), writing("one\n"), false).state).toBe("stopped")
  })
})

describe("a call of execute", () => {
  it.each([
    ["being written", unfinished, undefined, true, { state: "writing", title: "Writing a command" }],
    ["running", call(), undefined, true, { state: "running", title: "Running ls" }],
    ["without a result after the turn", call(), undefined, false, { state: "stopped", title: "Run ls" }],
    [
      "that went well",
      call(),
      result({ success: true, exit_code: 0 }),
      false,
      { state: "done", title: "Ran ls", note: undefined },
    ],
    [
      "that somebody stopped alone",
      call(),
      result({ success: false, stopped_by: "ada", exit_code: 143 }, true),
      true,
      { state: "interrupted", title: "Run ls", note: undefined },
    ],
    [
      "that failed",
      call(),
      result({ success: false, exit_code: 2 }),
      false,
      { state: "failed", title: "Ran ls", note: "exit code 2" },
    ],
    [
      "that outlived its time limit",
      call(),
      result({ success: false, exit_code: -1, background_process_id: "p" }),
      false,
      { note: "still running after its time limit" },
    ],
    [
      "put in the background",
      call(),
      result({ success: true, background_process_id: "p" }),
      false,
      { state: "done", note: "in the background" },
    ],
    [
      "that the user stopped",
      call(),
      result({ error: "Stopped.", canceled: "interrupted" }, true),
      false,
      { state: "interrupted", title: "Run ls" },
    ],
    [
      "that outlived its deadline",
      call(),
      result({ error: "Too late.", canceled: "deadline" }, true),
      false,
      { state: "failed" },
    ],
    ["refused as a whole", call(), result("No workspace.", true), false, { state: "failed", title: "Run ls" }],
  ])("%s", (_name, part, answer, turnRuns, expected) => {
    expect(seen(part, answer, turnRuns)).toMatchObject(expected)
  })
})

describe("a call that a person decides about", () => {
  const denial = result({ error: "This call was denied." }, true)
  it.each([
    ["waits", undefined, { asked: true }, { state: "asked", title: "Run ls" }],
    ["was denied, and the others are not decided", undefined, { denied: true }, { state: "denied", title: "Run ls" }],
    ["was denied here", denial, { denied: true }, { state: "denied", title: "Run ls" }],
    ["was denied elsewhere", result({ error: "Denied.", denied: true }, true), {}, { state: "denied" }],
    ["was denied before results said so", denial, {}, { state: "failed" }],
  ])("%s", (_name, answer, more, expected) => {
    expect(seen(call(), answer, true, more)).toMatchObject(expected)
  })
})

it("that did not happen is not told as if it had", () => {
  const write = call({ tool_name: "write_file", args: { path: "a/never.txt" } })
  expect(seen(write, result({ success: true }), false).title).toBe("Wrote never.txt")
  expect(seen(write, undefined, true).title).toBe("Writing never.txt")
  expect(seen(write, result({ error: "Stopped.", canceled: "interrupted" }, true), false).title).toBe("Write never.txt")
  expect(seen(write, result({ error: "Denied.", denied: true }, true), false).title).toBe("Write never.txt")
  expect(seen(write, result({ error: "No room." }, true), false).title).toBe("Write never.txt")
})

it("shows characters that would hide or turn around others", () => {
  const command = "echo safe #\u202e txt\u202c\u200b done"
  expect(seen(call({ args: { command } }), undefined, true, { asked: true }).title).toBe(
    "Run echo safe #\\u202e txt\\u202c\\u200b done",
  )
})

it.each([null, undefined, 7, "text", [], { path: 3, files: "no", command: {} }])(
  "is shown whatever its arguments and result are: %j",
  (junk) => {
    for (const name of [
      "execute",
      "read_file",
      "write_file",
      "edit_files",
      "process_list",
      "process_output",
      "process_signal",
      "other_tool",
    ]) {
      const renderer = rendererOf(name)
      const shown = toolCall(call({ tool_name: name, args: junk }), facts(result(junk), false), renderer)
      expect(renderer.title(shown)).toMatch(/\S/)
      expect(renderer.title(shown)).not.toMatch(/undefined|\[object/)
      expect(renderer.note?.(shown) ?? "").not.toMatch(/undefined|NaN/)
      expect(typeof renderer.hasBody(shown)).toBe("boolean")
    }
  },
)
