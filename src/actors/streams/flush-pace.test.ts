import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { FlushPace } from "./flush-pace.ts"

const SHORTEST_MS = 16

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] })
})

afterEach(() => {
  vi.useRealTimers()
})

/** Ten windows in which sending takes this share of the time. */
const busy = (pace: FlushPace, share: number, windows = 10) => {
  for (let window = 0; window < windows; window += 1) {
    vi.advanceTimersByTime(100)
    pace.spend(100 * share)
  }
}

describe("the pause between frames", () => {
  it("is the shortest while sending takes little of the time", () => {
    const pace = new FlushPace(SHORTEST_MS)
    busy(pace, 0.1)
    expect([pace.pauseMs, pace.crowded]).toEqual([SHORTEST_MS, false])
  })

  it("grows step by step while sending takes much, to a limit, and shrinks again", () => {
    const pace = new FlushPace(SHORTEST_MS)
    busy(pace, 0.6, 1)
    expect([pace.pauseMs, pace.crowded]).toEqual([2 * SHORTEST_MS, true])
    busy(pace, 0.6)
    expect(pace.pauseMs).toBe(120)
    busy(pace, 0, 1)
    expect(pace.pauseMs).toBe(60)
    busy(pace, 0)
    expect([pace.pauseMs, pace.crowded]).toEqual([SHORTEST_MS, false])
  })

  it("stays where sending takes just its share", () => {
    const pace = new FlushPace(SHORTEST_MS)
    busy(pace, 0.3, 2)
    const { pauseMs } = pace
    busy(pace, 0.15)
    expect(pace.pauseMs).toBeCloseTo(pauseMs)
  })

  it("is not changed by one window that is not over", () => {
    const pace = new FlushPace(SHORTEST_MS)
    vi.advanceTimersByTime(99)
    pace.spend(90)
    expect(pace.crowded).toBe(false)
  })
})

describe("chats that wait for each other", () => {
  it("are sent together when the pause is over, each once, without those that left", () => {
    const pace = new FlushPace(SHORTEST_MS)
    const sent: Array<string> = []
    const channel = (name: string) => ({ flush: () => void sent.push(name) })
    const [a, b, gone] = [channel("a"), channel("b"), channel("gone")]
    vi.advanceTimersByTime(1000)
    pace.join(a)
    pace.join(gone)
    vi.advanceTimersByTime(0)
    pace.leave(gone)
    expect(sent).toEqual(["a", "gone"])
    pace.join(a)
    pace.join(b)
    pace.join(a)
    pace.join(gone)
    pace.leave(gone)
    vi.advanceTimersByTime(SHORTEST_MS - 1)
    expect(sent).toEqual(["a", "gone"])
    vi.advanceTimersByTime(1)
    expect(sent).toEqual(["a", "gone", "a", "b"])
  })
})
