import { expect, it } from "vitest"
import { moved, pinnedOf, placeAfterDrag, withPin } from "./pins.ts"
import { someChat } from "./some-chat.ts"

const chats = [
  someChat("x"),
  someChat("b", { pin_order: 2 }),
  someChat("a", { pin_order: 1 }),
  someChat("c", { pin_order: 3 }),
]

it.each([
  ["a", 3, "b c a"],
  ["a", 99, "b c a"],
  ["c", 1, "c a b"],
  ["b", 2, "a b c"],
  ["b", 0, "a c"],
  ["x", 1, "a b c x"],
  ["x", 0, "a b c"],
  ["gone", 0, "a b c"],
])("the pin of %s at %i makes the order %s", (id, order, expected) => {
  const next = withPin(chats, id, order)
  expect(
    pinnedOf(next)
      .map((chat) => chat.id)
      .join(" "),
  ).toBe(expected)
  expect(pinnedOf(next).map(({ pin_order }) => pin_order)).toEqual(expected.split(" ").map((_, index) => index + 1))
})

it.each([
  [0, 0, 0],
  [0, 29, 0],
  [0, 31, 1],
  [0, 89, 1],
  [0, 91, 2],
  [0, 1_000, 2],
  [2, -29, 2],
  [2, -31, 1],
  [2, -79, 1],
  [2, -81, 0],
  [1, -1_000, 0],
])("row %i dragged by %i pixels goes to place %i", (from, dy, to) => {
  expect(placeAfterDrag([40, 60, 60], from, dy)).toBe(to)
})

it("moves an item", () => {
  expect([moved(["a", "b", "c"], 0, 2), moved(["a", "b", "c"], 2, 0), moved([], 0, 1)]).toEqual([
    ["b", "c", "a"],
    ["c", "a", "b"],
    [],
  ])
})
