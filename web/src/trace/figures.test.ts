import { expect, it } from "vitest"
import { money, tokens } from "./figures.ts"

it.each([
  [0, "$0.00"],
  [1, "$0.000001"],
  [1204, "$0.001204"],
  [500_000, "$0.50"],
  [1_840_000, "$1.84"],
  [1_842_300, "$1.8423"],
  [12_000_000, "$12.00"],
])("%i millionths are %s, without rounding", (micros, written) => {
  expect(money(micros)).toBe(written)
})

it.each([
  [214, "214"],
  [21_040, "21.0k"],
  [1_204_000, "1.20M"],
])("%i tokens are %s", (count, written) => {
  expect(tokens(count)).toBe(written)
})
