import fc from "fast-check"
import { expect, it } from "vitest"
import { RowOffsets } from "./row-offsets.ts"

const listOf = (heights: ReadonlyArray<number>) =>
  new RowOffsets(
    heights.map((_, index) => ({ key: `r${index}` })),
    (index) => heights[index] ?? 0,
  )

it("tells which rows are in view, and the room of those that are not", () => {
  const offsets = listOf([10, 20, 30, 40, 50])
  expect(offsets.total).toBe(150)
  expect([offsets.rowAt(-5), offsets.rowAt(0), offsets.rowAt(29), offsets.rowAt(30), offsets.rowAt(999)]).toEqual([
    0, 0, 1, 2, 4,
  ])
  expect(offsets.between(35, 55)).toEqual({ from: 1, to: 4, before: 10, after: 50 })
  expect(offsets.between(-100, 1000)).toEqual({ from: 0, to: 5, before: 0, after: 0 })
  expect(offsets.indexOf("r3")).toBe(3)
  expect(offsets.indexOf("gone")).toBeUndefined()
})

it("an empty list has nothing in view", () => {
  expect(listOf([]).between(0, 100)).toEqual({ from: 0, to: 0, before: 0, after: 0 })
})

it("is right after any changes, as a list made anew would be", () => {
  const heights = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 30 })
  const change = fc.tuple(fc.nat(29), fc.integer({ min: 1, max: 500 }))
  fc.assert(
    fc.property(heights, fc.array(change, { maxLength: 20 }), fc.nat(5000), (given, changes, distance) => {
      const now = [...given]
      const offsets = listOf(given)
      for (const [at, height] of changes) {
        const index = at % now.length
        expect(offsets.setHeight(index, height)).toBe(now[index] !== height)
        now[index] = height
        expect(offsets.startOf(index)).toBe(now.slice(0, index).reduce((sum, each) => sum + each, 0))
      }
      const fresh = listOf(now)
      expect(offsets.total).toBe(fresh.total)
      expect(offsets.between(distance, distance + 700)).toEqual(fresh.between(distance, distance + 700))
    }),
  )
})
