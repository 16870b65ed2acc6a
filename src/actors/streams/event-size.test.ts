import { describe, expect, it } from "vitest"
import { EVENT_BYTES, eventText } from "./event-size.ts"

const MIB = 1024 * 1024

const message = (content: ReadonlyArray<object>) => ({ type: "message", message: { id: 1, role: "tool", content } })
const text = (words: string) => ({ type: "text", text: words })
const result = (value: unknown) => ({ type: "tool-result", tool_call_id: "a", tool_name: "t", result: value })

interface Shown {
  readonly text: string
  readonly result: unknown
}

/** The parts of the event as a reader gets it, whose length is checked. */
const partsSent = (event: object): ReadonlyArray<Shown> => {
  const { json, bytes } = eventText(event)
  expect(bytes).toBe(Buffer.byteLength(json))
  expect(bytes).toBeLessThanOrEqual(EVENT_BYTES)
  const { message: sent } = JSON.parse(json) as { readonly message?: { readonly content: ReadonlyArray<Shown> } }
  return sent?.content ?? []
}

describe("an event", () => {
  it("that is not too long is sent as it is", () => {
    const event = message([text("é".repeat(MIB))])
    expect(partsSent(event)).toEqual(event.message.content)
  })

  it("that is too long has its longest texts cut, which say so, and the others whole", () => {
    const event = message([text("short"), text("a".repeat(2 * MIB)), text("b".repeat(2 * MIB))])
    const content = partsSent(event)
    expect(content[0]).toEqual(text("short"))
    for (const { text: left } of content.slice(1)) {
      expect(left).toMatch(/^(a+|b+)\n\[Cut here: \d+ of 2097152 characters\. GET .+\/messages has the whole\.\]$/)
      expect(left.length).toBeGreaterThan(1.1 * MIB)
    }
  })

  it("is measured in bytes of its JSON, and cut between characters", () => {
    for (const character of ["\u0001", "é", "😀", '"', "\ud800"]) {
      const content = partsSent(message([text(character.repeat((2 * MIB) / character.length))]))
      const [kept = ""] = String(content[0]?.text).split("\n[Cut here")
      expect(kept.length).toBeGreaterThan(MIB / 4)
      expect(character.repeat(kept.length / character.length)).toBe(kept)
    }
  })

  it("keeps the shape of a result whose texts are long", () => {
    const content = partsSent(message([result({ output: "o".repeat(5 * MIB), exit_code: 0 })]))
    expect(content[0]?.result).toEqual({ output: expect.stringMatching(/^o+\n\[Cut here/), exit_code: 0 })
  })

  it("holds a result without long texts as the beginning of its JSON", () => {
    const content = partsSent(message([result(Array.from({ length: MIB }, () => 12_345))]))
    expect(content[0]?.result).toMatch(/^\[12345,12345,.+\n\[Cut here/s)
  })

  it("holds as many of too many parts as can be, and says so", () => {
    const content = partsSent(message(Array.from({ length: 150_000 }, () => text("x"))))
    expect(content).toHaveLength(51)
    expect(content[50]?.text).toBe("[Cut here: 50 of 150000 parts. GET /api/v2/chats/{chat}/messages has the whole.]")
  })

  it("is short enough whatever of it is long", () => {
    const call = (args: string) => ({ tool_call_id: "a".repeat(400), tool_name: "t".repeat(128), args })
    const calls = (count: number, args: string) => ({
      type: "action_required",
      action_required: { tool_calls: Array.from({ length: count }, () => call(args)) },
    })
    const content = Array.from({ length: 400 }, () => text("\u0001".repeat(100)))
    const queued_messages = Array.from({ length: 20 }, () => ({ id: 1, content }))
    const commands = Array.from({ length: MIB / 2 }, () => ["a"])
    const parsed = { type: "tool-call", args: { command: "a;".repeat(MIB / 2) }, parsed_commands: commands }
    for (const event of [
      calls(256, "x".repeat(40_000)),
      calls(10_000, "{}"),
      { type: "queue_update", queued_messages },
    ]) {
      expect(partsSent(event)).toEqual([])
    }
    expect(partsSent(message([parsed])).map((part) => Object.keys(part))).toEqual([["type", "args"]])
  })
})
