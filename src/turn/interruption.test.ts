import { describe, expect, it } from "vitest"
import type { Part } from "../contract/parts.ts"
import { joinParts, partialMessages } from "./interruption.ts"

const shown = (...parts: ReadonlyArray<Part>) => parts.map((part) => ({ role: "assistant" as const, part }))
const delta = (id: string, args: string): Part => ({
  type: "tool-call",
  tool_call_id: id,
  tool_name: "execute",
  args_delta: args,
})

describe("shown parts", () => {
  it("are joined to the blocks that they came from", () => {
    const parts = joinParts(
      shown(
        { type: "reasoning", text: "let " },
        { type: "reasoning", text: "me see" },
        { type: "text", text: "I " },
        { type: "text", text: "will" },
        { type: "source", url: "https://example.com" },
        { type: "text", text: "look" },
      ),
    )
    expect(parts).toEqual([
      { type: "reasoning", text: "let me see" },
      { type: "text", text: "I will" },
      { type: "source", url: "https://example.com" },
      { type: "text", text: "look" },
    ])
  })

  it("of calls that came interleaved keep to their call", () => {
    const parts = joinParts(shown(delta("a", '{"x"'), delta("b", '{"y": '), delta("a", ": 1}"), delta("b", "2}")))
    expect(parts).toEqual([
      { type: "tool-call", tool_call_id: "a", tool_name: "execute", args: { x: 1 } },
      { type: "tool-call", tool_call_id: "b", tool_name: "execute", args: { y: 2 } },
    ])
  })

  it("of a call that was cut off keep its arguments as text", () => {
    expect(joinParts(shown(delta("a", '{"comm')))).toEqual([
      { type: "tool-call", tool_call_id: "a", tool_name: "execute", args_text: '{"comm' },
    ])
  })

  it("of a call take the whole call for its pieces, and nothing that comes after it", () => {
    const whole: Part = {
      type: "tool-call",
      tool_call_id: "a",
      tool_name: "execute",
      args: { x: 1 },
      created_at: "now",
    }
    expect(joinParts(shown(delta("a", '{"x"'), whole))).toEqual([whole])
    expect(joinParts(shown(whole, whole, delta("a", "{}")))).toEqual([whole])
  })

  it("of tools are left to their calls", () => {
    const result: Part = { type: "tool-result", tool_call_id: "a", tool_name: "execute", result: {} }
    expect(joinParts([{ role: "tool", part: result }])).toEqual([])
  })
})

describe("the messages of an interrupted reply", () => {
  it("are none when nothing was shown", () => {
    expect(partialMessages([], "model", "2026-01-01T00:00:00.000Z")).toEqual([])
  })

  it("answer every call", () => {
    const messages = partialMessages(
      shown({ type: "text", text: "so" }, delta("a", "{}"), delta("b", "{")),
      "model",
      "2026-01-01T00:00:00.000Z",
    )
    expect(messages.map(({ role }) => role)).toEqual(["assistant", "tool", "tool"])
    expect(messages[0]).toMatchObject({ modelConfigId: "model", visibility: "both", finishReason: "interrupted" })
    expect(messages.slice(1).map(({ content }) => content[0])).toEqual(
      ["a", "b"].map((id) =>
        expect.objectContaining({ type: "tool-result", tool_call_id: id, tool_name: "execute", is_error: true }),
      ),
    )
  })

  it("leave out the calls that are in a message already, which were shown again with their results", () => {
    const call: Part = { type: "tool-call", tool_call_id: "a", tool_name: "execute", args: {} }
    const result: Part = { type: "tool-result", tool_call_id: "a", tool_name: "execute", result: {} }
    const again = [...shown(call), { role: "tool" as const, part: result }]
    expect(partialMessages(again, "model", "2026-01-01T00:00:00.000Z", new Set(["a"]))).toEqual([])
  })
})
