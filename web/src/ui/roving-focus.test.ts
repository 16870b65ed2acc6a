import { describe, expect, it } from "vitest"
import { matchOf, nextIndex } from "./roving-focus.ts"

describe("a list that is one tab stop", () => {
  it.each([
    ["ArrowDown", 0, 1],
    ["ArrowDown", 2, 2],
    ["ArrowUp", 2, 1],
    ["ArrowUp", 0, 0],
    ["Home", 2, 0],
    ["End", 0, 2],
    ["Enter", 1, undefined],
    ["PageDown", 1, undefined],
  ])("%s from item %i leads to %j", (key, index, next) => {
    expect(nextIndex(key, index, 3)).toBe(next)
  })

  it.each([
    ["one letter leads on to the next item of that letter", 1, "a", 3],
    ["the same letter again goes around", 3, "aa", 1],
    ["several letters stay with an item that begins so", 1, "ap", 1],
    ["and lead to another that does", 1, "av", 3],
    ["nothing begins so", 0, "x", undefined],
    ["case and space before do not matter", 0, "C", 2],
  ])("%s", (_, index, typed, found) => {
    expect(matchOf(["banana", "apple", "  cherry", "Avocado"], index, typed)).toBe(found)
  })
})
