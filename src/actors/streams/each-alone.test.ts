import { once } from "node:events"
import { expect, it } from "vitest"
import { eachAlone } from "./each-alone.ts"

it("calls all of them, and hands on what one throws to where the process hears of it", async () => {
  const stray = new Error("a bug of the second")
  // The runner listens too, and would call it a failure of its own.
  const listeners = process.rawListeners("uncaughtException")
  process.removeAllListeners("uncaughtException")
  const heard = once(process, "uncaughtException")
  const called: Array<number> = []
  eachAlone([1, 2, 3], (number) => {
    called.push(number)
    if (number === 2) throw stray
  })
  expect(called).toEqual([1, 2, 3])
  expect((await heard)[0]).toBe(stray)
  for (const listener of listeners) process.on("uncaughtException", listener as NodeJS.UncaughtExceptionListener)
})
