import { describe, expect, it } from "vitest"
import { applyEdit } from "./edit-match.ts"
import type { FileEdit } from "./protocol.ts"

const cases: ReadonlyArray<{ name: string; text: string; edit: FileEdit; result: string }> = [
  {
    name: "replaces an exact substring within a line",
    text: "let a = 1\nlet b = 2\n",
    edit: { search: "a = 1", replace: "a = 10" },
    result: "let a = 10\nlet b = 2\n",
  },
  {
    name: "takes the replacement literally",
    text: "cost: X\n",
    edit: { search: "X", replace: "$& $1 \\n" },
    result: "cost: $& $1 \\n\n",
  },
  {
    name: "replaces every place when asked to",
    text: "a a a",
    edit: { search: "a", replace: "aa", replace_all: true },
    result: "aa aa aa",
  },
  {
    name: "ignores white space at line ends",
    text: "one  \ntwo\t\nthree\n",
    edit: { search: "one\ntwo\n", replace: "1\n2\n" },
    result: "1\n2\nthree\n",
  },
  {
    name: "does not glue lines when the replacement of whole lines lacks a final newline",
    text: "one  \ntwo\n",
    edit: { search: "one\n", replace: "1" },
    result: "1\ntwo\n",
  },
  {
    name: "deletes whole lines with their line ends",
    text: "one  \ntwo\n",
    edit: { search: "one\n", replace: "" },
    result: "two\n",
  },
  {
    name: "indents the replacement as the place it goes to",
    text: "class A {\n    run() {\n        go()\n    }\n}\n",
    edit: { search: "run() {\n    go()\n}", replace: "run() {\n    if (ok) {\n        go()\n    }\n}" },
    result: "class A {\n    run() {\n        if (ok) {\n            go()\n        }\n    }\n}\n",
  },
  {
    name: "indents by tabs where the file does",
    text: "func a() {\n\tif x {\n\t\ty()\n\t}\n}\n",
    edit: { search: "  if x {\n    y()\n  }", replace: "  if x {\n    if z {\n      y()\n    }\n  }" },
    result: "func a() {\n\tif x {\n\t\tif z {\n\t\t\ty()\n\t\t}\n\t}\n}\n",
  },
  {
    name: "goes less deep when the search text is indented too far",
    text: "def f():\n  return 1\n",
    edit: { search: "    def f():\n      return 1", replace: "    def f():\n      return 2" },
    result: "def f():\n  return 2\n",
  },
  {
    name: "keeps blank lines of the replacement blank",
    text: "  a\n  b\n",
    edit: { search: "a\nb", replace: "a\n\nb" },
    result: "  a\n\n  b\n",
  },
  {
    name: "gives new text the file's CRLF in a fuzzy match",
    text: "one\r\ntwo\r\nthree\r\n",
    edit: { search: "one\ntwo", replace: "1\n2\n2b" },
    result: "1\r\n2\r\n2b\r\nthree\r\n",
  },
  {
    name: "gives new text the file's CRLF in an exact match",
    text: "one\r\ntwo\r\n",
    edit: { search: "one", replace: "1\n1b" },
    result: "1\r\n1b\r\ntwo\r\n",
  },
  {
    name: "leaves line ends alone when the caller wrote them out",
    text: "one\r\ntwo\r\n",
    edit: { search: "one\r\n", replace: "one\n" },
    result: "one\ntwo\r\n",
  },
  {
    name: "keeps the line ends of the other lines in a mixed file",
    text: "a\r\nb  \nc\n",
    edit: { search: "b\nc", replace: "B\nC" },
    result: "a\r\nB\nC\n",
  },
  {
    name: "matches a last line without line end",
    text: "a\nlast",
    edit: { search: "last\n", replace: "end\n" },
    result: "a\nend",
  },
]

const problems: ReadonlyArray<{ name: string; text: string; edit: FileEdit; says: Array<string> }> = [
  {
    name: "an empty search text, also with replace_all",
    text: "abc",
    edit: { search: "", replace: "x", replace_all: true },
    says: ["search text is empty", "write_file"],
  },
  {
    name: "an edit that changes nothing",
    text: "abc",
    edit: { search: "b", replace: "b" },
    says: ["are the same"],
  },
  {
    name: "several places, with their number and lines",
    text: "x = 1\ny\nx = 1\n",
    edit: { search: "x = 1", replace: "x = 2" },
    says: ["occurs 2 times", "lines 1, 3", "replace_all"],
  },
  {
    name: "several fuzzy places",
    text: "  x = 1\ny\n\tx = 1\n",
    edit: { search: "x = 1 ", replace: "x = 2" },
    says: ["occurs 2 times", "lines 1, 3"],
  },
  {
    name: "no place, with the nearest text and its line numbers",
    text: "import a\n\nfunction greet(name) {\n  return `hello ${name}`\n}\n",
    edit: { search: "function greet(nam) {\n  return 1\n}", replace: "x" },
    says: ["was not found", "3\tfunction greet(name) {", "4\t  return `hello ${name}`"],
  },
  {
    name: "no place and nothing alike",
    text: "alpha\nbeta\n",
    edit: { search: "0123456789", replace: "x" },
    says: ["nor anything like it"],
  },
  {
    name: "a search text of white space that is not there, rather than any blank line",
    text: "a\n\nb\n",
    edit: { search: "    ", replace: "x" },
    says: ["was not found"],
  },
]

describe("applyEdit", () => {
  it.each(cases)("$name", ({ text, edit, result }) => {
    expect(applyEdit(text, edit)).toEqual({ text: result })
  })

  it.each(problems)("refuses $name", ({ text, edit, says }) => {
    const outcome = applyEdit(text, edit)
    expect(outcome).toHaveProperty("problem")
    for (const part of says) expect("problem" in outcome && outcome.problem).toContain(part)
  })
})
