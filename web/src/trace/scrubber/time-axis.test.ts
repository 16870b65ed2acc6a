import { describe, expect, it } from "vitest"
import { at, lifeOf } from "../life-fixture.ts"
import { chatTimes, lifeAxis, ticksOf, versionAt } from "./time-axis.ts"

const MINUTE = 60_000
const ms = (offset: number) => Date.parse(at(offset))

const axisOf = (steps: ReturnType<typeof lifeOf>, now = 0) => lifeAxis(steps, chatTimes(steps, now))

describe("the axis of a chat's life", () => {
  it("is to scale where no rest is longer than the work", () => {
    const axis = axisOf(
      lifeOf([
        [0, "running.generating"],
        [3 * MINUTE, "waiting"],
        [5 * MINUTE, "running.generating"],
        [6 * MINUTE, "waiting"],
      ]),
    )
    expect(axis.folds).toEqual([])
    expect([0, 3, 5, 6].map((minute) => axis.place(ms(minute * MINUTE)))).toEqual([0, 0.5, 5 / 6, 1])
    expect(axis.timeAt(0.5)).toBe(ms(3 * MINUTE))
  })

  it("draws a rest that is longer than all the work a tenth as long as the work, and says where", () => {
    const day = 24 * 60 * MINUTE
    const axis = axisOf(
      lifeOf([
        [0, "running.generating"],
        [10 * MINUTE, "waiting"],
        [day, "running.generating"],
        [day + 10 * MINUTE, "waiting"],
      ]),
    )
    expect(axis.folds).toHaveLength(1)
    const [fold] = axis.folds
    expect([fold?.from, fold?.to]).toEqual([ms(10 * MINUTE), ms(day)])
    expect(((fold?.end ?? 0) - (fold?.start ?? 0)) * 22).toBeCloseTo(2)
    expect(axis.place(ms(day + 10 * MINUTE))).toBe(1)
    for (const place of [0, 0.2, 0.47, 0.5, 0.9, 1]) expect(axis.place(axis.timeAt(place))).toBeCloseTo(place)
  })

  it("goes on to now while the chat does, and ends with its last version when it rests", () => {
    const runs = lifeOf([
      [0, "pending"],
      [1000, "running.generating"],
    ])
    expect(chatTimes(runs, ms(9000)).to).toBe(ms(9000))
    // A clock of this computer that is behind the server's.
    expect(chatTimes(runs, ms(-9000)).to).toBe(ms(1000))
    const rests = lifeOf([
      [0, "running.generating"],
      [1000, "waiting"],
    ])
    expect(chatTimes(rests, ms(9000)).to).toBe(ms(1000))
  })

  it("has places for a chat of one version, and for versions that are not known", () => {
    const steps = lifeOf([[0, "pending"]], { first_version: 7, last_version: 7 })
    const times = chatTimes(steps, 0)
    expect([times.timeOf(1), times.timeOf(7), times.timeOf(99)]).toEqual([ms(0), ms(0), ms(0)])
    expect(lifeAxis(steps, times).place(ms(0))).toBe(0)
    expect(versionAt(steps, ms(5))).toBe(7)
  })
})

it("the version at a time is the nearest to it", () => {
  const steps = lifeOf([
    [0, "pending"],
    [100, "running.generating"],
    [110, "running.executing"],
    [1000, "waiting"],
  ])
  expect([-5, 0, 49, 51, 104, 106, 500, 600, 9999].map((offset) => versionAt(steps, ms(offset)))).toEqual([
    1, 1, 1, 2, 2, 3, 3, 4, 4,
  ])
})

describe("ticks", () => {
  it("are round clock times, as many as there is room for, and none within a fold", () => {
    const day = 24 * 60 * MINUTE
    const steps = lifeOf([
      [0, "running.generating"],
      [10 * MINUTE, "waiting"],
      [day, "running.generating"],
      [day + 10 * MINUTE, "waiting"],
    ])
    const axis = axisOf(steps)
    const ticks = ticksOf(axis, 10)
    expect(ticks.length).toBeGreaterThan(3)
    expect(ticks.length).toBeLessThanOrEqual(11)
    const [fold] = axis.folds
    for (const { time } of ticks) {
      expect(time % MINUTE).toBe(0)
      expect(time > (fold?.from ?? 0) && time < (fold?.to ?? 0)).toBe(false)
    }
    expect(ticksOf(axis, 0)).toEqual([])
  })
})
