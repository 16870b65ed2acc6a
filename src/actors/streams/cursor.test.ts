import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatCursor, parseCursor } from "./cursor.ts"

describe("a cursor", () => {
  it("comes back as it was written", () => {
    const cursors = fc
      .record({
        version: fc.integer({ min: 1, max: 999_999_999_999_999 }),
        historyShare: fc.double({ min: 0, max: 1, noNaN: true }),
        attempt: fc.nat(999_999_999),
        seq: fc.nat(999_999_999),
      })
      .map(({ version, historyShare, attempt, seq }) => ({
        version,
        historyVersion: Math.floor(version * historyShare),
        attempt,
        seq,
      }))
    fc.assert(
      fc.property(cursors, (cursor) => {
        expect(parseCursor(formatCursor(cursor))).toEqual(cursor)
      }),
    )
  })

  it.each(["", "1", "1.2.3", "0.0.0.0", "1.2.0.0", "1.1.1.1.1", "-1.0.0.0", "1.0.0.0 ", "a.b.c.d", "1.0.0.1e3"])(
    "that we never wrote is refused: %s",
    (text) => {
      expect(parseCursor(text)).toBeUndefined()
    },
  )
})
