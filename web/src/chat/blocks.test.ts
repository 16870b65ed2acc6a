import fc from "fast-check"
import { expect, it } from "vitest"
import { BlockReader, noBlocks, readBlocks } from "./blocks.ts"

const cut = (text: string): ReadonlyArray<string> => {
  const { done, from } = readBlocks(noBlocks, text)
  return [...done, text.slice(from)]
}

it.each([
  ["paragraphs", "one\ntwo\n\nthree", ["one\ntwo\n\n", "three"]],
  ["a heading and what follows", "# a\n\ntext\n\n", ["# a\n\n", "text\n\n"]],
  ["a list whose items stand apart", "- a\n\n- b\n\n  more\n\nend", ["- a\n\n- b\n\n  more\n\n", "end"]],
  ["a numbered list", "1. a\n\n2. b\n\nend", ["1. a\n\n2. b\n\n", "end"]],
  ["code with blank lines", "```ts\na\n\nb\n```\nend", ["```ts\na\n\nb\n```\n", "end"]],
  ["code that is not closed", "a\n\n```\nb\n\nc\n\n", ["a\n\n", "```\nb\n\nc\n\n"]],
  ["a longer fence around a shorter", "````\n```\n\na\n```\n````\nb", ["````\n```\n\na\n```\n````\n", "b"]],
  ["code in a list", "- a\n  ```\n  x\n\n  y\n  ```\n- b\n\nend", ["- a\n  ```\n  x\n\n  y\n  ```\n- b\n\n", "end"]],
  ["indented code", "a\n\n    x\n\n    y\n\nb", ["a\n\n    x\n\n    y\n\n", "b"]],
  ["backticks within a line", "```a``` b\n\nc", ["```a``` b\n\n", "c"]],
])("cuts between %s", (_, text, blocks) => {
  expect(cut(text)).toEqual(blocks)
})

it("a line that may become an item of the list waits until that is known", () => {
  const list = readBlocks(noBlocks, "- a\n\n-")
  expect(list.done).toEqual([])
  expect(readBlocks(list, "- a\n\n- b").done).toEqual([])
  expect(readBlocks(list, "- a\n\n-b").done).toEqual(["- a\n\n"])
})

const piece = fc.constantFrom(
  "a",
  "b c",
  "\n",
  "\n\n",
  "- ",
  "1. ",
  "```",
  "~~~",
  "    ",
  "  ",
  "> ",
  "# ",
  "| a |",
  "`",
)

it("text that comes in pieces is cut as the whole text is, and what is done stays", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.array(fc.nat(8), { maxLength: 30 }), (pieces, lengths) => {
      const text = pieces.join("")
      let held = noBlocks
      let at = 0
      for (const length of lengths) {
        at = Math.min(text.length, at + length)
        const next = readBlocks(held, text.slice(0, at))
        expect(next.done.slice(0, held.done.length)).toEqual(held.done)
        held = next
      }
      const whole = readBlocks(noBlocks, text)
      expect(readBlocks(held, text)).toEqual(whole)
      expect(whole.done.join("") + text.slice(whole.from)).toBe(text)
    }),
  )
})

it("a text that does not go on from the last is read anew", () => {
  const reader = new BlockReader()
  reader.read("one\n\ntwo")
  const blocks = reader.read("three\n\nfour")
  expect(blocks.done).toEqual(["three\n\n"])
  expect(reader.read("three\n\nfour")).toBe(blocks)
})
