import { expect, it } from "vitest"
import { MOST_JSON_LEVELS, placeTooDeep } from "./json-depth.ts"

const lists = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels))
const objects = (levels: number): unknown => JSON.parse('{"a":'.repeat(levels) + "1" + "}".repeat(levels))

it("takes lists and objects up to the limit, and no level more", () => {
  for (const nested of [lists, objects]) {
    expect(placeTooDeep(nested(MOST_JSON_LEVELS))).toBeUndefined()
    expect(placeTooDeep(nested(MOST_JSON_LEVELS + 1))).toBeDefined()
  }
})

it("names the place, however far below it the depth is, and among neighbours that are flat", () => {
  const body = { content: [{ text: "a" }], tools: [{ name: "a" }, { schema: { deep: lists(50_000) }, name: "b" }] }
  expect(placeTooDeep(body)).toEqual(["tools", 1, "schema"])
})

it("is not stopped by depth that no recursion survives, and takes what is no list or object", () => {
  expect(() => JSON.stringify(lists(200_000))).toThrow(RangeError)
  expect(placeTooDeep(lists(200_000))).toEqual([0, 0, 0])
  for (const flat of ["text", 7, null, undefined, true]) expect(placeTooDeep(flat)).toBeUndefined()
})
