import { expect, it } from "vitest"
import { newer, older, promptOf, startCycle } from "./prompt-history.ts"

it("begins at the newest, goes back to the oldest and no further", () => {
  let cycle = startCycle(["three", "two", "one"])
  const seen: Array<string> = []
  for (let step = 0; step < 5 && cycle !== undefined; step++) {
    seen.push(promptOf(cycle))
    cycle = older(cycle)
  }
  expect(seen).toEqual(["three", "two", "one", "one", "one"])
})

it("comes back to the newest, and past it to the empty composer", () => {
  const start = startCycle(["two", "one"])
  const back = start && newer(older(start))
  expect(back && promptOf(back)).toBe("two")
  expect(back && newer(back)).toBeUndefined()
})

it("does not begin without prompts", () => {
  expect(startCycle([])).toBeUndefined()
})
