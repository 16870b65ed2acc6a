import { expect, it } from "vitest"
import { keyStep } from "./key-step.ts"

const press = (key: string, shown: number, held = {}) =>
  keyStep({ key, ctrlKey: false, altKey: false, metaKey: false, ...held }, { shown, first: 3, last: 96 })

it.each([
  ["ArrowLeft", 41, 40],
  ["ArrowRight", 41, 42],
  ["PageUp", 41, 21],
  ["PageDown", 41, 61],
  ["Home", 41, 3],
  ["End", 41, 96],
  ["ArrowLeft", 3, 3],
  ["PageDown", 90, 96],
  // A version of an address that the chat has not come to.
  ["ArrowLeft", 500, 96],
  ["a", 41, undefined],
])("%s at %i leads to %j", (key, shown, next) => {
  expect(press(key, shown)).toBe(next)
})

it("keys that are held with others are somebody else's", () => {
  expect(press("ArrowLeft", 41, { altKey: true })).toBeUndefined()
})
