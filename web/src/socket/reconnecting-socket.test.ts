import { expect, it } from "vitest"
import { delayAfter } from "./reconnecting-socket.ts"

it("waits 0.25 s after the first failure, then twice as long each time, up to 10 s", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 20].map(delayAfter)).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000])
})
