import { expect, it } from "vitest"
import { placeOf } from "./menu-place.ts"

const room = { width: 400, height: 600 }
const menu = { width: 200, height: 150 }
const button = (left: number, top: number) => ({ left, top, right: left + 40, bottom: top + 20 })

it.each([
  ["below its button", button(20, 100), { side: "bottom", align: "start" }, { left: 20, top: 126 }],
  ["at the other edge", button(300, 100), { side: "bottom", align: "end" }, { left: 140, top: 126 }],
  ["above where there is no room below", button(20, 560), { side: "bottom", align: "start" }, { left: 20, top: 404 }],
  ["below where there is no room above", button(20, 40), { side: "top", align: "start" }, { left: 20, top: 66 }],
  ["within the window", button(390, 100), { side: "bottom", align: "start" }, { left: 192, top: 126 }],
  ["beside its button", button(10, 560), { side: "right", align: "end" }, { left: 56, top: 430 }],
] as const)("a menu stands %s", (_, opener, place, where) => {
  expect(placeOf(opener, menu, room, place)).toMatchObject(where)
})

it("a menu that is too high for both sides takes the larger and scrolls", () => {
  expect(placeOf(button(20, 400), { width: 200, height: 900 }, room, { side: "bottom", align: "start" })).toEqual({
    left: 20,
    top: 8,
    height: 386,
  })
})
