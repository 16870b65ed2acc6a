import { describe, expect, it } from "vitest"
import type { ChatTransition } from "../../../../src/contract/inspection.ts"
import { exactClock } from "../exact-clock.ts"
import { filters, matches, noFilter } from "./journal-filter.ts"
import { sinceText, tookText } from "./journal-row.tsx"
import { scrollTo, windowOf } from "./row-window.ts"
import { whoOf } from "./who.ts"

const transition = (more: Partial<ChatTransition> = {}): ChatTransition => ({
  version: 41,
  event: "RecordRetryState",
  detail: { kind: "rate_limit", delay_ms: 8000 },
  from: "running.generating",
  to: "running.backing_off",
  epoch: 3,
  machine_version: 1,
  created_at: "2026-11-12T14:07:54.830Z",
  ...more,
})

describe("a filter of the journal", () => {
  it.each([
    [{ ...noFilter, text: "RETRY" }, true],
    [{ ...noFilter, text: "rate_limit" }, true],
    [{ ...noFilter, text: " 41 " }, true],
    [{ ...noFilter, text: "auth" }, false],
    [{ ...noFilter, event: "RecordRetryState" }, true],
    [{ ...noFilter, event: "Admit" }, false],
    [{ ...noFilter, state: "running.generating" }, true],
    [{ ...noFilter, state: "running" }, true],
    [{ ...noFilter, state: "run" }, false],
    [{ text: "rate", event: "RecordRetryState", state: "error" }, false],
  ])("%j lets it through: %s", (filter, wanted) => {
    expect(matches(filter, transition())).toBe(wanted)
  })

  it("that asks for nothing is none", () => {
    expect(filters(noFilter)).toBe(false)
    expect(filters({ ...noFilter, text: "  " })).toBe(false)
    expect(filters({ ...noFilter, state: "error" })).toBe(true)
  })

  it("looks through a huge payload for a bounded time", () => {
    const huge = transition({ event: "x".repeat(10_000), detail: { text: "y".repeat(5_000_000) } })
    expect(matches({ ...noFilter, text: "yyy" }, huge)).toBe(true)
    expect(matches({ ...noFilter, text: "zzz" }, huge)).toBe(false)
  })
})

describe("the rows that are drawn", () => {
  const scroll = (rows: number, scrollTop: number) => ({ rows, rowHeight: 28, viewport: 280, scrollTop })

  it("are those that are seen, with some to spare", () => {
    expect(windowOf(scroll(100, 0))).toEqual({ from: 0, count: 23, top: 0, height: 2800 })
    expect(windowOf(scroll(100, 1400))).toMatchObject({ from: 44, top: 1232, height: 2800 })
    expect(windowOf(scroll(0, 0))).toMatchObject({ count: 0, height: 0 })
    expect(windowOf(scroll(3, 0))).toMatchObject({ from: 0, count: 3 })
  })

  it.each([1, 500, 20_000, 1_000_000])("show the first and the last of %i, in a box that a browser draws", (rows) => {
    const last = windowOf(scroll(rows, scrollTo(scroll(rows, 0), rows - 1)))
    expect(last.from + last.count).toBe(rows)
    expect(last.height).toBeLessThanOrEqual(8_000_000)
    const first = windowOf(scroll(rows, scrollTo(scroll(rows, last.height), 0)))
    expect(first.from).toBe(0)
  })

  it("bring a row into view, and do not move where it is seen", () => {
    for (const rows of [1000, 1_000_000]) {
      const top = scrollTo(scroll(rows, 0), 777)
      const { from, count, top: begins } = windowOf(scroll(rows, top))
      expect(from <= 777 && 777 < from + count).toBe(true)
      const y = begins + (777 - from) * 28 - top
      expect(y).toBeGreaterThanOrEqual(0)
      expect(y).toBeLessThanOrEqual(252)
      expect(scrollTo(scroll(rows, top), 777)).toBe(top)
    }
  })
})

describe("a row says", () => {
  it("who made it happen", () => {
    const people = new Map([["u-1", "you"]])
    expect(whoOf(transition({ actor_user_id: "u-1" }), people)).toBe("you")
    expect(whoOf(transition({ actor_user_id: "12345678-90" }), people)).toBe("12345678")
    expect(whoOf(transition({ instance: "abcdefgh-ij" }), people)).toBe("abcdefgh")
    expect(whoOf(transition(), people)).toBe("owner 3")
  })

  it("how long since the one before, and how long it took", () => {
    expect(sinceText(transition(), transition({ created_at: "2026-11-12T14:07:54.170Z" }))).toBe("660 ms")
    expect(sinceText(transition(), undefined)).toBe("")
    expect(sinceText(transition(), transition({ created_at: "2027-01-01T00:00:00Z" }))).toBe("")
    expect([340, 4_120, 2_300_000].map(tookText)).toEqual(["340 µs", "4.1 ms", "2.3 s"])
  })

  it("when, to the millisecond; what is no time as it stands", () => {
    expect(exactClock("2026-11-12T14:07:54.830Z")).toMatch(/^\d\d:07:54\.830$/)
    expect(exactClock("soon")).toBe("soon")
  })
})
