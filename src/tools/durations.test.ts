import { describe, expect, it } from "vitest"
import { formatDuration, parseDuration } from "./durations.ts"

describe("parseDuration", () => {
  it.each([
    ["10s", 10_000],
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    ["250ms", 250],
    ["2h3m4s5ms", 7_384_005],
    ["0s", 0],
    ["45", 45_000],
    [" 5s ", 5000],
  ])("reads %s", (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(["", "soon", "10 s", "-5s", "5d", "s", "1h-5m", "10sx"])("refuses %j", (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })
})

describe("formatDuration", () => {
  it.each([
    [0, "0ms"],
    [250, "250ms"],
    [10_000, "10s"],
    [90_000, "1m30s"],
    [1500, "1.5s"],
    [14_400_000, "4h"],
    [3_661_000, "1h1m1s"],
  ])("writes %i", (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})
