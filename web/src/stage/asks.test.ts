import { describe, expect, it } from "vitest"
import type { Approval } from "../../../src/contract/tool-policy.ts"
import { askedOf, questionOf } from "./asks.ts"
import { cardKey } from "./card-keys.ts"

const run = (command: string, id = command): Approval => ({
  id,
  tool_call_id: id,
  tool_name: "execute",
  args: JSON.stringify({ command }),
  reason: "",
})

describe("what is asked on a card", () => {
  it("can be decided there only where every character of all of it is seen", () => {
    const whole = (approvals: ReadonlyArray<Approval>, asked = approvals.length) => askedOf({ approvals, asked }).whole
    expect(whole([run("npm test"), run("git push")])).toBe(true)
    expect(whole([run("npm test")], 2)).toBe(false)
    expect(whole([run("x".repeat(321))])).toBe(false)
    expect(whole([run("a\nb\nc\nd\ne\nf\ng")])).toBe(false)
    expect(whole(["a", "b", "c", "d", "e"].map((id) => run("ls", id)))).toBe(false)
    expect(askedOf({ approvals: [run("echo \u202eevil")], asked: 1 }).calls[0]?.whole).toBe("echo \\u202eevil")
  })
})

describe("a question of a client's own tool", () => {
  const asked = (...args: ReadonlyArray<unknown>) =>
    questionOf({
      tool_calls: args.map((each, n) => ({ tool_call_id: `${n}`, tool_name: "ask", args: JSON.stringify(each) })),
    })
  it("is one with its answers, in either form", () => {
    const options = ["One", { label: "Two", description: "more" }, 3]
    const question = { callId: "0", question: "Which?", options: ["One", "Two"] }
    expect(asked({ questions: [{ question: "Which?", options }] })).toEqual(question)
    expect(asked({ question: "Which?", options })).toEqual(question)
    expect(asked({ question: "Why?" })).toEqual({ callId: "0", question: "Why?", options: [] })
  })

  it("is none where there are several, or where it is no question", () => {
    const one = { question: "Which?" }
    expect([asked(one, one), asked({ questions: [one, one] }), asked({ city: "Oslo" }), asked()]).toEqual(
      Array.from({ length: 4 }, () => undefined),
    )
    expect(questionOf({ tool_calls: [{ tool_call_id: "0", tool_name: "ask", args: "{broken" }] })).toBeUndefined()
  })
})

describe("a key on a card", () => {
  const key = (name: string, more: Partial<Parameters<typeof cardKey>[0]> = {}) =>
    cardKey({ key: name, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, repeat: false, ...more })
  it("means one thing, and nothing where it is one of the browser's or held down", () => {
    expect([key("a"), key("A", { shiftKey: true }), key("d"), key("Enter"), key("3")]).toEqual([
      "approve",
      "approve and allow",
      "deny",
      "open",
      { answer: 3 },
    ])
    expect([
      key("D", { shiftKey: true }),
      key("a", { ctrlKey: true }),
      key("a", { metaKey: true }),
      key("a", { repeat: true }),
      key("0"),
      key("x"),
    ]).toEqual(Array.from({ length: 6 }, () => undefined))
  })
})
