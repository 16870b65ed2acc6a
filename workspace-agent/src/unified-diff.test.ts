import fc from "fast-check"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { unifiedDiff } from "./unified-diff.ts"

/** Applies a diff to the text it was made from, checking every context line, removed line and count on the way. */
const apply = (text: string, diff: string): string => {
  const source = text.split(/(?<=\n)/)
  const result: Array<string> = []
  let at = 0
  const rows = diff.split(/(?<=\n)/).slice(2)
  while (rows.length > 0) {
    const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n$/.exec(rows.shift() ?? "")
    if (header === null) throw new Error("a hunk header was expected")
    const count = (at: number) => (header[at] === undefined ? 1 : Number(header[at]))
    const start = Number(header[1]) - (count(2) === 0 ? 0 : 1)
    result.push(...source.slice(at, start))
    at = start
    expect(result.length).toBe(Number(header[3]) - (count(4) === 0 ? 0 : 1))
    let [removed, added] = [0, 0]
    while (rows.length > 0 && !rows[0]?.startsWith("@@")) {
      const row = rows.shift() ?? ""
      const unended = rows[0]?.startsWith("\\") === true
      if (unended) rows.shift()
      const line = unended ? row.slice(1, -1) : row.slice(1)
      if (!row.startsWith("+")) {
        expect(source[at]).toBe(line)
        at += 1
        removed += 1
      }
      if (!row.startsWith("-")) {
        result.push(line)
        added += 1
      }
    }
    expect([removed, added]).toEqual([count(2), count(4)])
  }
  return [...result, ...source.slice(at)].join("")
}

const text = fc
  .tuple(fc.array(fc.constantFrom("a", "b", "c", "d", "", " "), { maxLength: 40 }), fc.boolean())
  .map(([lines, ended]) => lines.join("\n") + (ended && lines.length > 0 ? "\n" : ""))

describe("unifiedDiff", () => {
  it("turns the one text into the other, whatever they are", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(apply(before, unifiedDiff("f", before, after))).toBe(after)
      }),
      { numRuns: 500 },
    )
  })

  it("is empty for equal texts", () => {
    expect(unifiedDiff("f", "a\n", "a\n")).toBe("")
  })

  it("shows three lines around a change and separates distant changes", () => {
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`)
    const before = `${lines.join("\n")}\n`
    const after = before.replace("line 5\n", "line five\n").replace("line 25\n", "line 25\nline 25b\n")
    expect(unifiedDiff("f.txt", before, after)).toBe(
      [
        "--- f.txt",
        "+++ f.txt",
        "@@ -2,7 +2,7 @@",
        " line 2",
        " line 3",
        " line 4",
        "-line 5",
        "+line five",
        " line 6",
        " line 7",
        " line 8",
        "@@ -23,6 +23,7 @@",
        " line 23",
        " line 24",
        " line 25",
        "+line 25b",
        " line 26",
        " line 27",
        " line 28",
        "",
      ].join("\n"),
    )
  })

  it("is what git accepts as a patch, a missing final newline included", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "troupe-diff-"))
    try {
      writeFileSync(path.join(folder, "f.txt"), "one\ntwo\nthree")
      writeFileSync(path.join(folder, "p.diff"), unifiedDiff("f.txt", "one\ntwo\nthree", "one\n2\nthree\nfour"))
      execFileSync("git", ["apply", "-p0", "p.diff"], { cwd: folder, env: { ...process.env, GIT_DIR: "/nonexistent" } })
      expect(readFileSync(path.join(folder, "f.txt"), "utf8")).toBe("one\n2\nthree\nfour")
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it("replaces a middle that differs beyond measure as a whole, quickly", () => {
    const before = Array.from({ length: 20_000 }, (_, index) => `a${index}\n`).join("")
    const after = Array.from({ length: 20_000 }, (_, index) => `b${index}\n`).join("")
    const diff = unifiedDiff("f", `same\n${before}`, `same\n${after}`)
    expect(apply(`same\n${before}`, diff)).toBe(`same\n${after}`)
  })
})
