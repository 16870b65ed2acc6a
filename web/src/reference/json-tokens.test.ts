import { describe, expect, it } from "vitest"
import { jsonTokens, prettyJson } from "./json-tokens.ts"

const joined = (text: string) =>
  jsonTokens(text)
    .map((token) => token.text)
    .join("")

describe("pieces of JSON", () => {
  it("know keys from strings, numbers and words", () => {
    const kinds = jsonTokens('{"a": "b\\"c", "n": [-1.5e3, true, null]}').filter(({ kind }) => kind !== "plain")
    expect(kinds.map(({ kind, text }) => [kind, text])).toEqual([
      ["key", '"a"'],
      ["string", '"b\\"c"'],
      ["key", '"n"'],
      ["number", "-1.5e3"],
      ["word", "true"],
      ["word", "null"],
    ])
  })

  it.each(["<html>no JSON</html>", '"never ended', '{"a":', "\\", '"\\', "", '"a\nb"'])(
    "lose nothing of %j",
    (text) => {
      expect(joined(text)).toBe(text)
    },
  )

  it("are found in no more time than the text is long", () => {
    const text = `"${"\\".repeat(200_001)}`
    const started = performance.now()
    expect(joined(text)).toBe(text)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe("JSON on several lines", () => {
  it("is text as it came where it is none, or nests too deeply", () => {
    expect(prettyJson('{"a":1}')).toBe('{\n  "a": 1\n}')
    expect(prettyJson("<p>")).toBe("<p>")
    const deep = "[".repeat(200_000) + "]".repeat(200_000)
    expect(prettyJson(deep)).toBe(deep)
  })
})
