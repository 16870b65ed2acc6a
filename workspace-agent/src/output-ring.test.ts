import { describe, expect, it } from "vitest"
import { OutputRing } from "./output-ring.ts"

const KIB = 1024

const ringOf = (...chunks: ReadonlyArray<string | Buffer>) => {
  const ring = new OutputRing()
  for (const chunk of chunks) ring.push(Buffer.from(chunk))
  return ring.snapshot()
}

describe("OutputRing", () => {
  it("keeps short output as it is", () => {
    expect(ringOf("one\n", "two")).toEqual({ output: "one\ntwo" })
  })

  it("keeps 32 KiB whole", () => {
    const lines = "0123456789abcde\n".repeat(2 * KIB)
    expect(ringOf(lines)).toEqual({ output: lines })
  })

  it("keeps the first and the last 16 KiB of more, and says what it left out", () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `line ${index}\n`)
    const all = lines.join("")
    const ring = new OutputRing()
    for (let at = 0; at < all.length; at += 1000) ring.push(Buffer.from(all.slice(at, at + 1000)))
    const { output, truncated } = ring.snapshot()
    const omitted = all.length - 32 * KIB
    expect(output).toBe(`${all.slice(0, 16 * KIB)}\n…[${omitted} bytes omitted]…\n${all.slice(-16 * KIB)}`)
    expect(truncated).toEqual({
      original_bytes: all.length,
      retained_bytes: 32 * KIB,
      omitted_bytes: omitted,
      strategy: "head_tail",
    })
  })

  it.each([1, 7, 2048, 2049, 70_000])("cuts long lines the same however they arrive (chunks of %i)", (size) => {
    const all = `short\n${"x".repeat(2048)}\n${"y".repeat(2049)}\n${"z".repeat(50_000)}\nend\n`
    const ring = new OutputRing()
    for (let at = 0; at < all.length; at += size) ring.push(Buffer.from(all.slice(at, at + size)))
    const { output, truncated } = ring.snapshot()
    expect(output).toBe(
      `short\n${"x".repeat(2048)}\n${"y".repeat(2048)} …[line cut]\n${"z".repeat(2048)} …[line cut]\nend\n`,
    )
    expect(truncated?.original_bytes).toBe(all.length)
    expect(truncated?.omitted_bytes).toBe(1 + 50_000 - 2048)
  })

  it("replaces invalid UTF-8 and NUL, and cuts no character in two at the gap", () => {
    expect(ringOf(Buffer.from([0x61, 0xff, 0x00, 0x62])).output).toBe("a\uFFFD\uFFFDb")
    const { output } = ringOf(`${"é".repeat(500)}\n`.repeat(100))
    expect(output).not.toContain("\uFFFD")
    const shifted = ringOf(`x${"é".repeat(500)}\n`.repeat(100)).output
    expect(shifted).not.toContain("\uFFFD")
  })
})
