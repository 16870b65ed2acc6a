import { describe, expect, it } from "vitest"
import { at, lifeOf } from "../life-fixture.ts"
import { handOversOf, type Mark, marksOf, placeMarks, turnsOf } from "./marks.ts"

const life = lifeOf(
  [
    [0, "pending"],
    [10, "running.generating"],
    [20, "running.backing_off"],
    [30, "running.generating"],
    [40, "requires_action.approval"],
    [50, "running.executing"],
    [60, "waiting"],
    [90, "running.generating"],
    [99, "error"],
  ],
  {
    attempts: [{ version: 2, since: at(10), until: at(20), ended_version: 3, end: "retried" }],
    owners: [
      { epoch: 1, version: 1, since: at(0) },
      { epoch: 2, version: 6, since: at(50) },
      { epoch: 3, version: 8, since: at(90) },
    ],
  },
)

it("a turn goes from one rest to the next", () => {
  expect(
    turnsOf(life, 0).map(({ number, version, from, to }) => [
      number,
      version,
      at(0) <= new Date(from).toISOString(),
      to - from,
    ]),
  ).toEqual([
    [1, 1, true, 60],
    [2, 8, true, 9],
  ])
})

const mark = (kind: Mark["kind"], version: number, time: number): Mark => ({ kind, version, time })

describe("marks", () => {
  it("stand where a try was repeated, somebody was asked, an owner took over, or the turn failed", () => {
    expect(marksOf(life).map(({ kind, version }) => [kind, version])).toEqual([
      ["retry", 3],
      ["approval", 5],
      ["handover", 6],
      ["failure", 9],
    ])
  })

  it("leave out owners that took up a chat that rested", () => {
    expect(handOversOf(life).map(({ epoch }) => epoch)).toEqual([2])
  })

  it("that would stand on each other are one, and what needs a person is not hidden by what mended itself", () => {
    const placed = placeMarks(
      [mark("retry", 1, 0), mark("retry", 2, 0.01), mark("failure", 3, 0.02), mark("retry", 4, 0.9)],
      (time) => time,
      500,
    )
    expect(placed.map(({ count, kind, version }) => [kind, version, count])).toEqual([
      ["failure", 3, 1],
      ["retry", 4, 1],
    ])
  })

  it("have their words where these stand on no other mark; the last one at the edge", () => {
    const worded = (times: ReadonlyArray<number>) =>
      placeMarks(
        times.map((time, index) => mark("retry", index, time)),
        (time) => time,
        1000,
      ).map((placed) => placed.worded)
    expect(worded([0.1, 0.15, 0.5, 0.99])).toEqual([false, true, true, true])
    expect(worded([0.9, 0.99])).toEqual([false, false])
    expect(worded([0.99])).toEqual([true])
  })

  it("are never more than a person goes through with the Tab key", () => {
    const many = Array.from({ length: 5000 }, (_, index) => mark("retry", index, index / 5000))
    const placed = placeMarks(many, (time) => time, 1200)
    expect(placed.length).toBeLessThanOrEqual(16)
    expect(placed.reduce((sum, { count }) => sum + count, 0)).toBe(5000)
  })
})
