import { describe, expect, it, test } from "vitest"
import { ObjectEnd, parsedArgs } from "./call-arguments.ts"

describe("the finished text of arguments", () => {
  it.each<[string, unknown]>([
    ["", {}],
    [" \n", {}],
    ["null", {}],
    ['{"a":1}', { a: 1 }],
    ['{}{"a":1}', { a: 1 }],
    ['{"a":1}{"a":1}', { a: 1 }],
    ['{"a":1}\n{ "a": 1 }', { a: 1 }],
    ["{}{}", {}],
    ['{"a":"}{"}{"a":"}{"}', { a: "}{" }],
    ['{"a":"\\\\\\"} {"}{}', { a: '\\"} {' }],
    ['"{\\"a\\":1}"', { a: 1 }],
  ])("%s is read", (text, args) => {
    expect(parsedArgs(text)).toEqual({ args })
  })

  it.each([
    '{"a":1}{"a":2}',
    '{"a":1',
    '{"a":1}}',
    '{"a":1} and more',
    "{a: 1}",
    "{}{a: 1}",
    `{}{"a":${"[".repeat(5_000)}${"]".repeat(5_000)}}`,
    `{"a":1}{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`,
  ])("%.60s is left to the model, as it is", (text) => {
    expect(parsedArgs(text)).toEqual({ args_text: text })
  })
})

test("where an object ends does not depend on how its text is cut", () => {
  const text = ' {"a":"\\\\\\"{}","b":{"c":[{}]}} '
  for (let cut = 0; cut <= text.length; cut++) {
    const end = new ObjectEnd()
    const found = [end.add(text.slice(0, cut)), end.add(text.slice(cut))]
    expect(found.filter((place) => place !== undefined)).toHaveLength(1)
    expect(end.atEnd).toBe(true)
    end.add("{}")
    expect(end.atEnd).toBe(false)
  }
})
