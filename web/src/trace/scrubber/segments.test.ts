import { expect, it } from "vitest"
import { lifeOf, type LifeMoment } from "../life-fixture.ts"
import { pathsOf, runsOf } from "./segments.ts"
import { chatTimes, lifeAxis } from "./time-axis.ts"

const runsIn = (moments: ReadonlyArray<LifeMoment>, width: number) => {
  const steps = lifeOf(moments)
  return runsOf(steps.states, lifeAxis(steps, chatTimes(steps, 0)), width)
}

it("states are stretches of whole pixels, in their order", () => {
  const runs = runsIn(
    [
      [0, "running.generating"],
      [500, "running.executing"],
      [1000, "waiting"],
    ],
    100,
  )
  expect(runs.slice(0, 2)).toEqual([
    { activity: "running.generating", from: 0, to: 50 },
    { activity: "running.executing", from: 50, to: 100 },
  ])
})

it("where states share a column, it shows the one that lasted longest in it", () => {
  const runs = runsIn(
    [
      [0, "running.generating"],
      [50, "running.backing_off"],
      [51, "running.generating"],
      [100, "waiting"],
    ],
    10,
  )
  expect(runs.map(({ activity }) => activity)).toEqual(["running.generating"])
})

it("ten thousand states draw no more than there are columns, in one drawing for each look", () => {
  const moments = Array.from({ length: 10_000 }, (_, index): LifeMoment => [
    index * 997,
    index % 2 === 0 ? "running.generating" : "running.executing",
  ])
  const runs = runsIn(moments, 800)
  expect(runs.length).toBeLessThanOrEqual(800)
  expect(runs.at(-1)?.to).toBe(800)
  expect([...pathsOf(runs, 24).keys()].sort()).toEqual(["running.executing", "running.generating"])
})
