import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { messageRow } from "../../test/support/message-row.ts"
import type { Part } from "../contract/parts.ts"
import type { MessageRow } from "../db/chat-rows.ts"
import { buildPrompt } from "./prompt.ts"

const row = (role: MessageRow["role"], ...content: ReadonlyArray<Part>): MessageRow => messageRow(role, content)

const text = (words: string): Part => ({ type: "text", text: words })
const call = (id: string, more: object = {}): Part => ({ type: "tool-call", tool_call_id: id, tool_name: "t", ...more })
const result = (id: string): Part => ({ type: "tool-result", tool_call_id: id, tool_name: "t", result: { id } })

describe("the prompt", () => {
  it("keeps system texts apart from the conversation", () => {
    const prompt = buildPrompt([row("system", text("rules")), row("user", text("hi")), row("system", text("more"))])
    expect(prompt.system).toEqual(["rules", "more"])
    expect(prompt.messages).toEqual([{ role: "user", parts: [text("hi")] }])
  })

  it("leaves out what says nothing, and sources", () => {
    const source: Part = { type: "source", url: "https://example.com" }
    const signed: Part = { type: "reasoning", text: "", provider_metadata: { signature: "s" } }
    const prompt = buildPrompt([
      row("user", text("hi")),
      row("assistant", text("  \n"), { type: "reasoning", text: "" }, signed, source, text("ho")),
      row("assistant", text(" ")),
    ])
    expect(prompt.messages.slice(1)).toEqual([{ role: "assistant", parts: [signed, text("ho")] }])
  })

  it("answers calls that have no result, before the next message and at the end", () => {
    const prompt = buildPrompt([
      row("assistant", call("a"), call("b")),
      row("tool", result("b")),
      row("user", text("hm")),
      row("assistant", call("c")),
    ])
    const ids = prompt.messages.map(({ role, parts }) => [
      role,
      parts.map((part) => ("tool_call_id" in part ? part.tool_call_id : part.type)),
    ])
    expect(ids).toEqual([
      ["assistant", ["a", "b"]],
      ["tool", ["b"]],
      ["tool", ["a"]],
      ["user", ["text"]],
      ["assistant", ["c"]],
      ["tool", ["c"]],
    ])
    expect(prompt.messages[2]?.parts[0]).toMatchObject({ is_error: true })
  })

  it("asks for no result of a call that the provider ran itself", () => {
    const prompt = buildPrompt([row("assistant", call("a", { provider_executed: true }))])
    expect(prompt.messages.map(({ role }) => role)).toEqual(["assistant"])
  })

  it("leaves out results that answer nothing, or answer twice", () => {
    const prompt = buildPrompt([
      row("tool", result("before")),
      row("assistant", call("a")),
      row("tool", result("a"), result("a"), result("other")),
      row("tool", result("a")),
    ])
    expect(prompt.messages).toEqual([
      { role: "assistant", parts: [call("a")] },
      { role: "tool", parts: [result("a")] },
    ])
  })

  it("answers each call exactly once, right after it, whatever the history", () => {
    const ids = fc.constantFrom("a", "b", "c")
    const rows = fc.oneof(
      fc.constant(row("user", text("hi"))),
      fc.uniqueArray(ids).map((found) => row("assistant", text("so"), ...found.map((id) => call(id)))),
      fc.array(ids).map((found) => row("tool", ...found.map(result))),
    )
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 12 }), (history) => {
        const open = new Set<string>()
        const breaches: Array<string> = []
        for (const { role, parts } of buildPrompt(history).messages) {
          if (role !== "tool" && open.size > 0) breaches.push(`a ${role} message before the results`)
          for (const part of parts) {
            if (part.type === "tool-call") open.add(part.tool_call_id)
            if (part.type === "tool-result" && !open.delete(part.tool_call_id))
              breaches.push("a result without its call")
          }
        }
        expect({ breaches, open: [...open] }).toEqual({ breaches: [], open: [] })
      }),
    )
  })
})
