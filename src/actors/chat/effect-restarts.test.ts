import { expect, it } from "vitest"
import { EffectRestarts } from "./effect-restarts.ts"

const TURN_LIMIT_MS = 60_000

it("a database that is back is noticed soon, however often the effect has failed meanwhile", () => {
  const restarts = new EffectRestarts(TURN_LIMIT_MS)
  const delays = Array.from({ length: 20 }, () => restarts.failed({ kind: "away", untouched: true }).delayMs)
  expect(delays.slice(0, 3)).toEqual([250, 500, 1000])
  expect(Math.max(...delays)).toBe(2000)
})

it("what fails for another reason is begun again six times, and then the turn ends", () => {
  const restarts = new EffectRestarts(TURN_LIMIT_MS)
  const errors = Array.from({ length: 7 }, () => restarts.failed(undefined).error)
  expect(errors.map((error) => error?.message)).toEqual([
    ...Array.from({ length: 6 }, () => undefined),
    "The server ran into an unexpected problem. Send a message to go on.",
  ])
})

it("a chat that has got on has all its tries again", () => {
  const restarts = new EffectRestarts(TURN_LIMIT_MS)
  for (let failure = 0; failure < 6; failure += 1) restarts.failed(undefined)
  restarts.forget()
  expect(restarts.failed(undefined)).toEqual({ failures: 1, delayMs: 250, error: undefined })
})
