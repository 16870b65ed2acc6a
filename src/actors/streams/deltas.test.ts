import { expect, it } from "vitest"
import type { Part } from "../../contract/parts.ts"
import { deltaPieces, joinedDeltas } from "./deltas.ts"

const say = (text: string): Part => ({ type: "text", text })
const call = (args_delta: string): Part => ({ type: "tool-call", tool_call_id: "a", tool_name: "t", args_delta })
const textOf = (part: Part) => (part.type === "text" ? part.text : part.type === "tool-call" ? part.args_delta : "")

it("a long delta is sent in pieces that are its text again, none of which ends within a character", () => {
  const long = `a${"😀".repeat(200_000)}`
  for (const make of [say, call]) {
    const pieces = deltaPieces(make(long)).map((part) => textOf(part) ?? "")
    expect(pieces.length).toBeGreaterThan(6)
    expect(pieces.every((piece) => piece.length <= 65_536 && piece.isWellFormed())).toBe(true)
    expect(pieces.join("")).toBe(long)
  }
})

it("what is short, or no delta, is sent as it is", () => {
  const whole: Part = { type: "tool-call", tool_call_id: "a", tool_name: "t", args: { text: "x".repeat(100_000) } }
  expect(deltaPieces(whole)).toEqual([whole])
  expect(deltaPieces(say(""))).toEqual([say("")])
})

it("deltas are joined up to the length of a piece", () => {
  expect(joinedDeltas(say("a"), say("b"))).toEqual(say("ab"))
  expect(joinedDeltas(call("a"), call("b"))).toEqual(call("ab"))
  expect(joinedDeltas(say("x".repeat(65_536)), say("b"))).toBeUndefined()
  expect(joinedDeltas(call("a"), say("b"))).toBeUndefined()
  expect(joinedDeltas(call("a"), { type: "tool-call", tool_call_id: "a", tool_name: "t", args: {} })).toBeUndefined()
})
