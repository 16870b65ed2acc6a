import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { LiveOutput } from "./live-output.ts"

const KIB = 1024
const WHOLE = 1024 * KIB

const outputOf = (...chunks: ReadonlyArray<string | Buffer>) => {
  const output = new LiveOutput()
  for (const chunk of chunks) output.push(Buffer.from(chunk))
  return output
}

/** All that one who follows from the beginning is given, piece after piece. */
const followed = (output: LiveOutput, most: number): string => {
  let text = ""
  for (let after = 0; ;) {
    const piece = output.read(after, most)
    if (piece.next === after) return text
    expect(piece.from).toBe(after)
    expect(Buffer.byteLength(piece.text)).toBeLessThanOrEqual(most)
    text += piece.text
    after = piece.next
  }
}

describe("LiveOutput", () => {
  it("gives each reader what comes after what it has", () => {
    const output = outputOf("one\n")
    expect(output.read(0, 100)).toEqual({ from: 0, next: 4, text: "one\n" })
    expect(output.read(4, 100)).toEqual({ from: 4, next: 4, text: "" })
    output.push(Buffer.from("two\n"))
    expect(output.read(4, 100)).toEqual({ from: 4, next: 8, text: "two\n" })
    expect(output.read(0, 100)).toEqual({ from: 0, next: 8, text: "one\ntwo\n" })
  })

  it("gives the same text, wherever it was cut on its way in and out", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 300 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        fc.integer({ min: 12, max: 50 }),
        (text, sizes, most) => {
          const bytes = Buffer.from(text)
          const output = new LiveOutput()
          for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1
            output.push(bytes.subarray(at, at + size))
            at += size
          }
          expect(followed(output, most)).toBe(bytes.toString("utf8").replaceAll("\0", "\uFFFD"))
        },
      ),
    )
  })

  it("keeps the beginning of a character until its end has come", () => {
    const euro = Buffer.from("€")
    const output = outputOf(Buffer.concat([Buffer.from("a"), euro.subarray(0, 2)]))
    expect(output.read(0, 100)).toEqual({ from: 0, next: 1, text: "a" })
    output.push(euro.subarray(2))
    expect(output.read(1, 100)).toEqual({ from: 1, next: 4, text: "€" })
  })

  it("keeps 1 MiB whole", () => {
    const line = "0123456789abcde\n"
    const output = outputOf(...Array.from({ length: WHOLE / line.length / 64 }, () => line.repeat(64)))
    expect(followed(output, 48 * KIB)).toBe(line.repeat(WHOLE / line.length))
  })

  it("keeps the newest 32 KiB of more, and tells where they begin", () => {
    const output = outputOf("a".repeat(WHOLE), "b".repeat(40 * KIB), "end")
    const total = WHOLE + 40 * KIB + 3
    const piece = output.read(WHOLE, 64 * KIB)
    expect(piece).toEqual({ from: total - 32 * KIB, next: total, text: `${"b".repeat(32 * KIB - 3)}end` })
    output.push(Buffer.from("more"))
    expect(output.read(total, 64 * KIB)).toEqual({ from: total, next: total + 4, text: "more" })
  })

  it("begins with a whole character after a hole", () => {
    const output = outputOf("€".repeat(WHOLE))
    const { from, text } = output.read(0, 64 * KIB)
    expect(text).toMatch(/^€+$/)
    expect(from % 3).toBe(0)
  })

  it("gives no more than was asked for, of binary output too", () => {
    const output = outputOf(Buffer.alloc(30 * KIB, 0xff))
    const { next, text } = output.read(0, 30 * KIB)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(30 * KIB)
    expect(text).toHaveLength(next)
  })

  it("wakes who waits for more, and at the end", () => {
    const output = outputOf("one")
    let woken = 0
    const forget = output.onMore(() => (woken += 1))
    output.push(Buffer.from("two"))
    output.close()
    expect(woken).toBe(2)
    forget()
    output.push(Buffer.from("three"))
    expect(woken).toBe(2)
  })
})
