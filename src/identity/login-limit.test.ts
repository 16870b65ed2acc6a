import { expect, it } from "vitest"
import { makeLoginLimit } from "./login-limit.ts"

const attempts = (limit: ReturnType<typeof makeLoginLimit>, key: string, times: ReadonlyArray<number>) =>
  times.map((time) => limit.attempt(key, time))

it("refuses the eleventh attempt of a minute until the first one is a minute old", () => {
  const limit = makeLoginLimit()
  const ten = Array.from({ length: 10 }, (_, index) => index * 1_000)
  expect(attempts(limit, "a", ten)).toEqual(ten.map(() => 0))
  expect(attempts(limit, "a", [9_500, 59_999])).toEqual([50_500, 1])
  expect(limit.attempt("a", 60_000)).toBe(0)
  expect(limit.attempt("a", 60_001)).toBe(999)
})

it("counts each key for itself, and anew after a sign-in", () => {
  const limit = makeLoginLimit()
  attempts(
    limit,
    "a",
    Array.from({ length: 10 }, () => 0),
  )
  expect(limit.attempt("a", 1)).toBeGreaterThan(0)
  expect(limit.attempt("b", 1)).toBe(0)
  limit.clear("a")
  expect(limit.attempt("a", 1)).toBe(0)
})

it("forgets the oldest keys rather than grow without end", () => {
  const limit = makeLoginLimit()
  attempts(
    limit,
    "first",
    Array.from({ length: 10 }, () => 0),
  )
  for (let index = 0; index < 10_000; index += 1) limit.attempt(`key ${index}`, 1)
  expect(limit.attempt("first", 2)).toBe(0)
})
