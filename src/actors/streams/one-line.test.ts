import { expect, it } from "vitest"
import { lastLines, oneLine } from "./one-line.ts"

it.each([
  ["plain", "plain"],
  ["  two\n\n lines\tand\u00a0a tab ", "two lines and a tab"],
  ["\u001b[31mred\u001b[0m \u001b]0;title\u0007text", "red text"],
  ["a\u202eb\u200bc\u0000d\u2028e", "a b c d e"],
])("%j is shown as one line without what cannot be seen", (text, line) => {
  expect(oneLine(text)).toBe(line)
})

it("a line has 120 characters at most, and never half a character", () => {
  expect(oneLine("x".repeat(120))).toBe("x".repeat(120))
  expect(oneLine("x".repeat(121))).toBe(`${"x".repeat(119)}…`)
  expect(oneLine(`${"x".repeat(118)}😀😀😀`)).toBe(`${"x".repeat(118)}…`)
})

it("the last lines are those that are seen: what was written over, and empty lines, are none", () => {
  expect(lastLines("one\ntwo\n\u001b[32m✓\u001b[0m three\n\n", 2)).toEqual(["two", "✓ three"])
  expect(lastLines("10 %\r50 %\r100 %\ndone\r\n", 2)).toEqual(["100 %", "done"])
  expect(lastLines("old\u001b[2K\u001b[1Gnew", 2)).toEqual(["new"])
  expect(lastLines("", 2)).toEqual([])
})
