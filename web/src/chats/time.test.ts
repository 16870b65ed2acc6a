import { expect, it } from "vitest"
import { duration, isBefore, shortAge } from "./time.ts"

const NOW = Date.parse("2026-06-15T12:00:00Z")

it.each([
  ["2026-06-15T11:59:30Z", "now"],
  ["2026-06-15T12:00:30Z", "now"],
  ["2026-06-15T11:55:00Z", "5m"],
  ["2026-06-15T09:00:00Z", "3h"],
  ["2026-06-13T12:00:00Z", "2d"],
  ["not a time", ""],
])("shows the age of %s as %j", (time, age) => {
  expect(shortAge(time, NOW)).toBe(age)
})

it.each([
  [340, "340 ms"],
  [4200, "4.2 s"],
  [42_000, "42 s"],
  [120_000, "2 min"],
  [200_000, "3 min 20 s"],
  [7_200_000, "2 h"],
  [10_000_000, "2 h 46 min"],
])("shows %d ms as %s", (ms, text) => {
  expect(duration(ms)).toBe(text)
})

it.each([
  ["2026-06-01T10:00:00Z", "2026-06-01T10:00:00.1Z", true],
  ["2026-06-01T10:00:00.10Z", "2026-06-01T10:00:00.1Z", false],
  ["2026-06-01T10:00:00.123456788Z", "2026-06-01T10:00:00.123456789Z", true],
  ["2026-06-01T12:00:00+02:00", "2026-06-01T10:00:00.001Z", true],
  ["2026-06-01T10:00:01Z", "2026-06-01T10:00:00.999Z", false],
])("knows whether %s is before %s: %s", (a, b, before) => {
  expect(isBefore(a, b)).toBe(before)
})
