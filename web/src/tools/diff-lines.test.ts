import fc from "fast-check"
import { expect, it } from "vitest"
import { type DiffLine, parseDiff, replacedLines } from "./diff-lines.ts"

const written = (lines: ReadonlyArray<DiffLine>) =>
  lines.map(({ kind, text, before, after }) =>
    [{ added: "+", removed: "-", same: " ", gap: "@" }[kind], before ?? "", after ?? "", text].join("|"),
  )

it("numbers the lines of a unified diff, and takes names and notes for neither side", () => {
  const diff = [
    "--- a/x.ts",
    "+++ b/x.ts",
    "@@ -3,3 +3,4 @@ const head = 1",
    " same",
    "--- removed that looks like a name",
    "+added",
    "+++ added that looks like a name",
    " end",
    "\\ No newline at end of file",
    "@@ -20 +21 @@",
    "-old",
    "+new",
    "",
  ].join("\n")
  expect(written(parseDiff(diff))).toEqual([
    " |3|3|same",
    "-|4||-- removed that looks like a name",
    "+||4|added",
    "+||5|++ added that looks like a name",
    " |5|6|end",
    "@|||",
    "-|20||old",
    "+||21|new",
  ])
})

it.each(["", "no diff", "--- a\n+++ b\n"])("a text without hunks is no diff: %j", (text) => {
  expect(parseDiff(text)).toEqual([])
})

it("keeps the lines that both texts have", () => {
  expect(written(replacedLines("a\nb\nc\n", "a\nx\nc\nd"))).toEqual([" |||a", "-|||b", "+|||x", " |||c", "+|||d"])
  expect(written(replacedLines("", "a\nb\n", 1))).toEqual(["+||1|a", "+||2|b"])
})

it("says both texts, whatever they are", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 })
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = replacedLines(before.join("\n"), after.join("\n"))
      const side = (not: DiffLine["kind"]) => lines.filter(({ kind }) => kind !== not).map((line) => line.text)
      expect(side("added")).toEqual(before)
      expect(side("removed")).toEqual(after)
    }),
  )
})

it("texts too long to compare are removed and added as a whole", () => {
  const long = Array.from({ length: 1000 }, (_, index) => `line ${index}`).join("\n")
  const lines = replacedLines(long, `${long}\nmore`)
  expect(lines.filter(({ kind }) => kind === "removed").length).toBe(1000)
  expect(lines.filter(({ kind }) => kind === "added").length).toBe(1001)
})
