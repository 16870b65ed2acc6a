import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Part } from "../contract/parts.ts"
import type { PromptMessage } from "../providers/provider.ts"
import { fitted, lengthOf } from "./fit-prompt.ts"
import { toldPrompt } from "./told-prompt.ts"

const text = (words: string): Part => ({ type: "text", text: words })
const result = (id: string, output: string): Part => ({
  type: "tool-result",
  tool_call_id: id,
  tool_name: "execute",
  result: output,
})
const call = (id: string, command: string): Part => ({
  type: "tool-call",
  tool_call_id: id,
  tool_name: "execute",
  args: { command },
  provider_metadata: { seal: 1 },
})

const RULE = "Rule: never touch the production database."

const working = (sizes: ReadonlyArray<number>): ReadonlyArray<PromptMessage> => [
  { role: "user", parts: [text(RULE)] },
  ...sizes.flatMap((size, at): ReadonlyArray<PromptMessage> => [
    { role: "assistant", parts: [text(`step ${at}`), call(`c${at}`, "seq")] },
    { role: "tool", parts: [result(`c${at}`, `begin${"x".repeat(size)}end`)] },
  ]),
]

const resultsIn = (messages: ReadonlyArray<PromptMessage>): ReadonlyArray<string> =>
  messages.flatMap(({ parts }) => parts.flatMap((part) => (part.type === "tool-result" ? [String(part.result)] : [])))

describe("a conversation that is too long", () => {
  it("stays as it is where it fits", () => {
    const messages = working([10, 10])
    expect(fitted(messages, 10_000)).toBe(messages)
  })

  it("has its longest results cut in their middle, and nothing else changed", () => {
    const messages = working([20_000, 50, 8_000])
    const short = fitted(messages, 6_000)
    expect(lengthOf(short)).toBeLessThan(6_300)
    const [long, small, medium] = resultsIn(short)
    expect(small).toBe(`begin${"x".repeat(50)}end`)
    for (const cut of [long, medium])
      expect(cut).toMatch(/^beginx+\n\[\.\.\. \d+ characters left out here \.\.\.\]\nx+end$/)
    const others = (all: ReadonlyArray<PromptMessage>) => all.filter(({ role }) => role !== "tool")
    expect(others(short)).toEqual(others(messages))
  })

  it("has arguments cut with their seal, files left out, and reasoning", () => {
    const image: Part = { type: "file", media_type: "image/png", name: "a.png", data: "A".repeat(50_000) }
    const messages: ReadonlyArray<PromptMessage> = [
      { role: "user", parts: [text(RULE), image] },
      { role: "assistant", parts: [{ type: "reasoning", text: "r".repeat(9_000) }, call("c", "c".repeat(9_000))] },
      { role: "tool", parts: [result("c", "ok")] },
    ]
    const [first, second] = fitted(messages, 1_000)
    expect(first?.parts).toEqual([text(RULE), text("[a.png (image/png) is left out here]")])
    expect(second?.parts).toEqual([
      text(""),
      {
        type: "tool-call",
        tool_call_id: "c",
        tool_name: "execute",
        args: { shortened: expect.stringContaining("left out here") },
      },
    ])
  })

  it("keeps beginning and end of what the user said when nothing else is left to cut", () => {
    const short = fitted([{ role: "user", parts: [text(`${RULE}${"y".repeat(50_000)}please`)] }], 10)
    const [only] = short[0]?.parts ?? []
    expect(only).toMatchObject({ text: expect.stringMatching(/^Rule: never touch.*please$/s) })
    expect(lengthOf(short)).toBeLessThan(1_100)
  })

  it("fits, or has nothing left above the least of each kind", () => {
    const sizes = fc.array(fc.nat(5_000), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 60_000 }), (given, budget) => {
        const short = fitted(working(given), budget)
        const marks = given.length * 50
        const least = resultsIn(short).every((output) => output.length <= 260)
        expect(lengthOf(short) <= budget + marks || least).toBe(true)
        expect(JSON.stringify(short)).toContain(RULE)
      }),
    )
  })
})

it("a conversation told in one text holds what was said, called and answered", () => {
  const { parts, role } = toldPrompt(working([3]))
  expect(role).toBe("user")
  expect(parts).toEqual([
    text(
      `The conversation so far:\n\nUser: ${RULE}\n\nAssistant: step 0\n[called execute with {"command":"seq"}]\n\nTools: [execute answered] beginxxxend`,
    ),
  ])
})
