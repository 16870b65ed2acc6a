import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { addPart, addParts, cutDelta, deltaText, isDelta, joinDeltas } from "./part-deltas.ts"
import type { Part } from "./parts.ts"

const text = fc.string({ unit: "grapheme", maxLength: 12 })
const id = fc.constantFrom("a", "b", "c")
const call = { type: "tool-call", tool_name: "execute" } as const
const result = { type: "tool-result", tool_name: "execute" } as const

const say = (words: string): Part => ({ type: "text", text: words })
const think = (words: string, completed_at?: string): Part => ({
  type: "reasoning",
  text: words,
  ...(completed_at === undefined ? {} : { completed_at }),
})
const source: Part = { type: "source", url: "https://example.com" }

const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ type: fc.constant("text" as const), text }),
  fc.record(
    {
      type: fc.constant("reasoning" as const),
      text,
      created_at: fc.constantFrom("one", "two"),
      completed_at: fc.constantFrom("three", "four"),
    },
    { requiredKeys: ["type", "text"] },
  ),
  fc.record({ id, args_delta: text }).map(({ id: tool_call_id, ...rest }) => ({ ...call, tool_call_id, ...rest })),
  fc.record({ id, args: fc.jsonValue() }).map(({ id: tool_call_id, args }) => ({ ...call, tool_call_id, args })),
  fc.record({ id, args_text: text }).map(({ id: tool_call_id, ...rest }) => ({ ...call, tool_call_id, ...rest })),
  fc
    .record({ id, result_delta: text, result_reset: fc.boolean() })
    .map(({ id: tool_call_id, ...rest }) => ({ ...result, tool_call_id, ...rest })),
  fc
    .record({ id, result: fc.jsonValue() })
    .map(({ id: tool_call_id, ...rest }) => ({ ...result, tool_call_id, ...rest })),
  fc.record({ type: fc.constant("source" as const), url: fc.webUrl() }),
)
const parts = fc.array(part, { maxLength: 12 })

/** Each delta in pieces, cut at these places, as often as there are places. */
const cut = (whole: ReadonlyArray<Part>, places: ReadonlyArray<number>): ReadonlyArray<Part> => {
  const left = [...places]
  return whole.flatMap((one) => {
    const pieces: Array<Part> = []
    let rest = one
    for (let place = left.shift(); place !== undefined && place > 0 && isDelta(rest); place = left.shift()) {
      const [head, tail] = cutDelta(rest, place % (deltaText(rest).length + 1))
      pieces.push(head)
      rest = tail
    }
    return [...pieces, rest]
  })
}

/** Neighbours joined where these say so, as a sender does that waits a little. */
const gathered = (streamed: ReadonlyArray<Part>, waits: ReadonlyArray<boolean>): ReadonlyArray<Part> => {
  const sent: Array<Part> = []
  for (const [index, one] of streamed.entries()) {
    const last = sent.at(-1)
    const joined =
      waits[index % Math.max(1, waits.length)] === true && last !== undefined && isDelta(last) && isDelta(one)
        ? joinDeltas(last, one)
        : undefined
    if (joined === undefined) sent.push(one)
    else sent[sent.length - 1] = joined
  }
  return sent
}

describe("streamed parts make the same message", () => {
  it("wherever they are cut, and whichever of them are sent as one", () => {
    fc.assert(
      fc.property(parts, fc.array(fc.nat(20)), fc.array(fc.boolean()), (whole, places, waits) => {
        const expected = addParts(whole)
        expect(addParts(cut(whole, places))).toEqual(expected)
        expect(addParts(gathered(cut(whole, places), waits))).toEqual(expected)
      }),
      { numRuns: 1_000 },
    )
  })

  it("wherever the reader stopped, kept what it had, and went on", () => {
    fc.assert(
      fc.property(parts, fc.nat(12), (streamed, at) => {
        const before = addParts(streamed.slice(0, at))
        expect(addParts([...before, ...streamed.slice(at)])).toEqual(addParts(streamed))
      }),
      { numRuns: 1_000 },
    )
  })

  it("one by one or all at once", () => {
    fc.assert(
      fc.property(parts, (streamed) => {
        expect(streamed.reduce<ReadonlyArray<Part>>(addPart, [])).toEqual(addParts(streamed))
      }),
    )
  })
})

describe("a part that was added", () => {
  const delta = (tool_call_id: string, args_delta: string): Part => ({ ...call, tool_call_id, args_delta })
  const shows = (tool_call_id: string, result_delta: string, result_reset?: boolean): Part => ({
    ...result,
    tool_call_id,
    result_delta,
    ...(result_reset === undefined ? {} : { result_reset }),
  })
  const whole: Part = { ...call, tool_call_id: "a", args: { x: 1 } }
  const broken: Part = { ...call, tool_call_id: "a", args_text: '{"x' }

  it.each<readonly [string, ReadonlyArray<Part>, ReadonlyArray<Part>]>([
    ["text follows text", [say("a"), say("b")], [say("ab")]],
    ["text after a source is text of its own", [say("a"), source, say("b")], [say("a"), source, say("b")]],
    [
      "reasoning that is completed is followed by another",
      [think("a", "now"), think("b")],
      [think("a", "now"), think("b")],
    ],
    ["the last piece of reasoning completes it", [think("a"), think("b", "now")], [think("ab", "now")]],
    [
      "pieces of two calls do not mix",
      [delta("a", "1"), delta("b", "2"), delta("a", "3")],
      [delta("a", "13"), delta("b", "2")],
    ],
    ["a whole call takes the place of its pieces", [delta("a", "1"), say("x"), whole], [whole, say("x")]],
    ["a piece after the whole call is in it already", [whole, delta("a", "{}")], [whole]],
    ["so is one after a whole call that is no JSON", [broken, delta("a", '":1}')], [broken]],
    [
      "a result follows the result of its call",
      [shows("a", "x"), shows("b", "y"), shows("a", "z")],
      [shows("a", "xz"), shows("b", "y")],
    ],
    [
      "a result that starts anew replaces what was shown",
      [shows("a", "x"), shows("a", "y", true)],
      [shows("a", "y", true)],
    ],
    ["a call and its result are two parts", [whole, shows("a", "x")], [whole, shows("a", "x")]],
  ])("%s", (_, streamed, expected) => {
    expect(addParts(streamed)).toEqual(expected)
  })

  it("leaves the others as they are, object by object", () => {
    const before = [source, delta("a", "1"), say("x")]
    const after = addPart(before, delta("a", "2"))
    expect([after[0] === before[0], after[2] === before[2], before[1]]).toEqual([true, true, delta("a", "1")])
  })
})
