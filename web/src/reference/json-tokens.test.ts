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
  it("is written as JavaScript would write it", () => {
    const value = { a: [], b: {}, c: [1, { d: 'x "{[,:]}" \\\\ y', e: null }], f: [[true]], g: "" }
    for (const text of [JSON.stringify(value), JSON.stringify(value, null, 7)])
      expect(prettyJson(text)).toBe(JSON.stringify(value, null, 2))
  })

  it("keeps numbers as they were sent", () => {
    expect(prettyJson('{"id":90071992547409931,"n":-1.50e3}')).toBe('{\n  "id": 90071992547409931,\n  "n": -1.50e3\n}')
  })

  it("is text as it came where it is none", () => {
    for (const text of ["<p>a, b: c</p>", '"a"', "12", ""]) expect(prettyJson(text)).toBe(text)
    expect(prettyJson('{"never ended')).toBe('{\n  "never ended')
  })

  it("stays within bounds however deep it is", () => {
    const deep = "[".repeat(200_000) + "]".repeat(200_000)
    expect(prettyJson(deep).length).toBeLessThan(40_000_000)
  })
})
