import { expect, it } from "vitest"
import { type Extent, followsAfter } from "./stick-to-bottom.ts"

const atEnd: Extent = { scrollTop: 1000, scrollHeight: 1600, clientHeight: 600 }

it.each([
  ["the reader went up a little", true, { ...atEnd, scrollTop: 990 }, false],
  ["the reader went up while text came", true, { ...atEnd, scrollTop: 990, scrollHeight: 1700 }, false],
  ["more text came than fits before the scroll to it was told", true, { ...atEnd, scrollHeight: 1900 }, true],
  ["the box became taller, and the browser moved it", true, { ...atEnd, scrollTop: 900, clientHeight: 700 }, true],
  [
    "the content became shorter, and the browser moved the box",
    true,
    { ...atEnd, scrollTop: 900, scrollHeight: 1500 },
    true,
  ],
  ["a reader above came to the end", false, { ...atEnd, scrollTop: 1010, scrollHeight: 1620 }, true],
  ["a reader above went on reading", false, { ...atEnd, scrollTop: 1010, scrollHeight: 2600 }, false],
  ["the box of a reader above became taller", false, { ...atEnd, clientHeight: 700 }, false],
])("%s", (_, followed, now, follows) => {
  expect(followsAfter(followed, atEnd, now)).toBe(follows)
})
