import { expect, it } from "vitest"
import { comingMoment, pastMoment } from "./when.ts"

const now = new Date(2026, 10, 12, 14, 30).getTime()
const at = (day: number, hour: number) => new Date(2026, 10, day, hour, 5).toISOString()

it("says when something was", () => {
  expect(pastMoment(at(12, 9), now)).toMatch(/^today, 0?9[:.]05/)
  expect(pastMoment(at(11, 23), now)).toMatch(/^yesterday, (23|11)[:.]05/)
  expect(pastMoment(at(3, 9), now)).toContain("2026")
})

it("says when something ends", () => {
  expect(comingMoment(at(12, 18), now)).toMatch(/^today, (18|6|06)[:.]05/)
  expect(comingMoment(at(13, 9), now)).toBe("in a day")
  expect(comingMoment(at(22, 14), now)).toBe("in 10 days")
})
