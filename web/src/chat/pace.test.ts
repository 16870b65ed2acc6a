import fc from "fast-check"
import { expect, it } from "vitest"
import { arrived, nextFrame, type Pace, paceFrom, wholeCharacters } from "./pace.ts"

const FRAME_MS = 16

it("shows a burst over several frames, and all of it", () => {
  let pace = arrived(paceFrom(10, 0), 110, 0)
  const shown: Array<number> = []
  for (let at = FRAME_MS; pace.arrivals.length > 0; at += FRAME_MS) {
    pace = nextFrame(pace, at)
    shown.push(pace.shown)
  }
  expect(shown.length).toBeGreaterThan(3)
  expect(shown.length * FRAME_MS).toBeLessThan(250)
  expect(shown.at(-1)).toBe(110)
})

it("shows at once what a page that stood still has missed", () => {
  const pace = arrived(arrived(paceFrom(0, 0), 4000, 10), 9000, 500)
  expect(nextFrame(pace, 600).shown).toBe(9000)
})

it("a text that became shorter is another one", () => {
  expect(arrived(arrived(paceFrom(0, 0), 100, 1), 20, 2)).toEqual(paceFrom(20, 2))
})

it("nothing that came is held longer than 250 ms, whatever the frames and the text do", () => {
  const event = fc.record({ wait: fc.nat(60), grows: fc.nat(500), frame: fc.boolean() })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80 }), (events) => {
      let now = 0
      let length = 0
      let pace: Pace = paceFrom(0, 0)
      const came: Array<{ readonly length: number; readonly at: number }> = []
      for (const { wait, grows, frame } of events) {
        now += wait
        if (grows > 0) {
          length += grows
          came.push({ length, at: now })
          pace = arrived(pace, length, now)
        }
        if (!frame) continue
        const before = pace.shown
        pace = nextFrame(pace, now)
        expect(pace.shown).toBeGreaterThanOrEqual(before)
        expect(pace.shown).toBeLessThanOrEqual(length)
        const due = came.findLast(({ at }) => at <= now - 250)?.length ?? 0
        expect(pace.shown).toBeGreaterThanOrEqual(due)
      }
    }),
  )
})

it("does not cut a character in two", () => {
  expect([wholeCharacters("a😀b", 2), wholeCharacters("a😀b", 3), wholeCharacters("a😀", 3)]).toEqual([1, 3, 3])
})
