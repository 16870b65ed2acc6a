import { expect, test } from "vitest"
import { costMicros, spentTogether } from "./pricing.ts"

const cost = {
  input_price_per_million_tokens: "3",
  output_price_per_million_tokens: "15",
  cache_read_price_per_million_tokens: "0.3",
  cache_write_price_per_million_tokens: "3.75",
}

test.each([
  ["all kinds", { input_tokens: 10, output_tokens: 20, cache_read_tokens: 100, cache_creation_tokens: 4 }, cost, 375],
  [
    "rounded up once, not per kind",
    { input_tokens: 1, output_tokens: 1 },
    { input_price_per_million_tokens: "0.4", output_price_per_million_tokens: "0.4" },
    1,
  ],
  [
    "exact where binary fractions are not",
    { input_tokens: 3 },
    { input_price_per_million_tokens: "0.1", output_price_per_million_tokens: "9" },
    1,
  ],
  ["an exact amount is not rounded", { input_tokens: 10 }, { input_price_per_million_tokens: "0.1" }, 1],
  [
    "many digits",
    { input_tokens: 1_000_000_000 },
    { input_price_per_million_tokens: "123456.000000001" },
    123_456_000_000_001,
  ],
  ["reasoning is part of the output", { output_tokens: 10, reasoning_tokens: 10 }, cost, 150],
  [
    "a kind without a price adds nothing",
    { input_tokens: 10, cache_read_tokens: 10 },
    { input_price_per_million_tokens: "2" },
    20,
  ],
  ["free is 0", { input_tokens: 10 }, { input_price_per_million_tokens: "0" }, 0],
  ["a reported count of 0 is priced", { input_tokens: 0 }, cost, 0],
  ["no cost config", { input_tokens: 10 }, undefined, null],
  ["no prices", { input_tokens: 10 }, {}, null],
  ["no counts", {}, cost, null],
  ["no kind with both", { input_tokens: 10 }, { output_price_per_million_tokens: "1" }, null],
])("%s", (_name, usage, prices, expected) => {
  expect(costMicros(usage, prices)).toBe(expected)
})

test("a price of more than a number holds is unknown", () => {
  const price = { input_price_per_million_tokens: "75" }
  expect(costMicros({ input_tokens: Number.MAX_SAFE_INTEGER }, price)).toBeNull()
})

test.each([
  ["nothing", [], { usage: {}, costMicros: null }],
  [
    "one reply is itself",
    [{ usage: { input_tokens: 3, reasoning_tokens: 0 }, costMicros: 0 }],
    { usage: { input_tokens: 3, reasoning_tokens: 0 }, costMicros: 0 },
  ],
  [
    "what one of them knows counts",
    [
      { usage: { input_tokens: 3, output_tokens: 1 }, costMicros: 5 },
      { usage: { output_tokens: 2 }, costMicros: null },
    ],
    { usage: { input_tokens: 3, output_tokens: 3 }, costMicros: 5 },
  ],
  [
    "more than can be counted is unknown",
    [
      { usage: { input_tokens: Number.MAX_SAFE_INTEGER }, costMicros: Number.MAX_SAFE_INTEGER },
      { usage: { input_tokens: 1 }, costMicros: 1 },
    ],
    { usage: {}, costMicros: null },
  ],
])("together: %s", (_name, replies, expected) => {
  expect(spentTogether(replies)).toEqual(expected)
})
