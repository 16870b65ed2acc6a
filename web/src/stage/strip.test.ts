import { describe, expect, it } from "vitest"
import { segmentsOf, STRIP_MS, withState } from "./strip.ts"

const NOW = Date.parse("2026-11-12T14:21:36Z")
const at = (secondsAgo: number) => new Date(NOW - secondsAgo * 1000).toISOString()
const state = (activity: string, secondsAgo: number) => ({ activity, since: at(secondsAgo) })
const shown = (...strip: ReadonlyArray<ReturnType<typeof state>>) =>
  segmentsOf(strip, NOW).map((segment) => [segment.state, Math.round(segment.width)])

describe("a strip", () => {
  it("is to scale, and whole", () => {
    const strip = [state("running.generating", 300), state("running.executing", 120), state("waiting", 60)]
    expect(shown(...strip)).toEqual([
      [undefined, 50],
      ["generating", 30],
      ["executing", 10],
      ["waiting", 10],
    ])
    expect(segmentsOf(strip, NOW).reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(100)
  })

  it("begins ten minutes ago, whatever was before", () => {
    expect(shown(state("waiting", 5000), state("running.generating", 150))).toEqual([
      ["waiting", 75],
      ["generating", 25],
    ])
  })

  it("with nothing known is empty, and with a server's clock that is ahead still whole", () => {
    expect(shown()).toEqual([[undefined, 100]])
    expect(shown(state("pending", -5))).toEqual([[undefined, 100]])
  })

  it("leaves out what could not be seen, and puts together what is the same", () => {
    expect(
      shown(state("running.generating", 300), state("running.executing", 200), state("running.generating", 199)),
    ).toEqual([
      [undefined, 50],
      ["generating", 50],
    ])
  })

  it("takes its colours from names of states alone", () => {
    expect(shown(state("running.x);background:url(//evil", 600))).toEqual([["xbackgroundurlevil", 100]])
  })
})

describe("a state that is told", () => {
  it("is added once, and never before one that is known", () => {
    const strip = [state("running.generating", 30)]
    expect(withState(strip, state("running.generating", 30))).toBe(strip)
    expect(withState(strip, state("pending", 60))).toBe(strip)
    expect(withState(strip, state("waiting", 10))).toHaveLength(2)
  })

  it("lets go what ended more than ten minutes before it", () => {
    const old = [state("pending", 2000), state("running.generating", 1500), state("running.executing", 500)]
    expect(withState(old, state("waiting", 0)).map(({ activity }) => activity)).toEqual([
      "running.generating",
      "running.executing",
      "waiting",
    ])
    expect(STRIP_MS).toBe(600_000)
  })
})
