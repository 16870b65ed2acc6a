import { expect, it } from "vitest"
import { TellPace } from "./tell-pace.ts"

it("a chat is told of at once, then once a pause, and of its last change in any case", () => {
  const pace = new TellPace<string>(1000)
  expect(pace.wait(0)).toBeUndefined()
  pace.change("a")
  pace.change("a")
  expect([pace.wait(0), pace.take(0, 10)]).toEqual([0, ["a"]])
  pace.change("a")
  expect([pace.wait(300), pace.take(300, 10)]).toEqual([700, []])
  pace.change("a")
  expect([pace.wait(999), pace.take(1000, 10)]).toEqual([1, ["a"]])
  expect(pace.wait(1000)).toBeUndefined()
})

it("chats do not wait for one another, and no more are taken than are asked for", () => {
  const pace = new TellPace<string>(1000)
  pace.change("a")
  expect(pace.take(0, 10)).toEqual(["a"])
  for (const id of ["a", "b", "c"]) pace.change(id)
  expect([pace.wait(10), pace.take(10, 1), pace.take(10, 10)]).toEqual([0, ["b"], ["c"]])
  expect(pace.wait(10)).toBe(990)
})
