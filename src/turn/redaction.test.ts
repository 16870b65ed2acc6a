import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { redactionOf } from "./redaction.ts"

const KEY = "sk-live-0123456789abcdef"
const PASSWORD = "correct horse battery"
const { stream, whole } = redactionOf([PASSWORD, KEY, "short"])

const cutAt = (text: string, places: ReadonlyArray<number>): ReadonlyArray<string> => {
  const ends = [...new Set(places.map((place) => place % (text.length + 1)))].toSorted((a, b) => a - b)
  return [...ends, text.length].map((end, at) => text.slice(ends[at - 1] ?? 0, end))
}

/** No piece of a secret that anybody could make something of. */
const pieces = [KEY, PASSWORD].flatMap((secret) =>
  Array.from({ length: secret.length - 7 }, (_, at) => secret.slice(at, at + 8)),
)
const leaks = (text: string) => pieces.filter((piece) => text.includes(piece))

describe("a whole result", () => {
  it("is without the secrets in all of its texts", () => {
    const result = { output: `key=${KEY}\n`, deep: [{ [KEY]: `${PASSWORD}${PASSWORD}` }, 1, null, true] }
    expect(whole(result)).toEqual({
      output: "key=[redacted]\n",
      deep: [{ "[redacted]": "[redacted][redacted]" }, 1, null, true],
    })
  })

  it("is not disfigured by a secret that may be a word", () => {
    expect(whole("a short text")).toBe("a short text")
    expect(redactionOf([]).whole({ output: KEY })).toEqual({ output: KEY })
  })

  it("loses the one that holds another whole", () => {
    expect(redactionOf([KEY, `${KEY}-longer`]).whole(`${KEY}-longer`)).toBe("[redacted]")
  })

  it("is without the halves of one that was cut in two where output is left out", () => {
    for (let at = 0; at <= KEY.length; at += 1) {
      const gap = `\n…[12345 bytes omitted]…\n`
      expect(leaks(String(whole(`before ${KEY.slice(0, at)}${gap}${KEY.slice(at)} after`)))).toEqual([])
      expect(leaks(String(whole(`before ${KEY.slice(0, at)} …[line cut]\n after`)))).toEqual([])
    }
    expect(whole("one\n…[5 bytes omitted]…\ntwo")).toBe("one\n…[5 bytes omitted]…\ntwo")
  })
})

describe("text that comes in pieces", () => {
  it("never shows a secret, wherever it is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 8 }), fc.string(), (places, between) => {
        const { more } = stream()
        const shown = cutAt(`a ${KEY}${between}${PASSWORD}${KEY.slice(0, 5)} b\n`, places).map(more)
        expect(leaks(shown.join(""))).toEqual([])
        expect(shown.join("")).toBe(`a [redacted]${between}[redacted]${KEY.slice(0, 5)} b\n`)
      }),
    )
  })

  it("is shown as far as it cannot be the beginning of a secret", () => {
    const { more } = stream()
    expect(more("the key is sk-")).toBe("the key is ")
    expect(more("live")).toBe("")
    expect(more("ly colours\n")).toBe("sk-lively colours\n")
  })

  it("begins anew without what was held back, nor the end of one that was cut", () => {
    const { anew, more } = stream()
    more(KEY.slice(0, 12))
    const shown = anew(`…[99 bytes omitted]…\n${KEY.slice(12)} and on\n`)
    expect(shown).toBe("…[99 bytes omitted]…\n[redacted] and on\n")
  })
})
