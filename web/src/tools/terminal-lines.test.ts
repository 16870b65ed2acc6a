import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { plainLines, TerminalReader } from "./terminal-lines.ts"
import { plainStyle, styleAfter } from "./terminal-style.ts"

const ESC = "\u001b"
const linesOf = (text: string) => new TerminalReader().read(text)
const plain = (text: string) => plainLines(linesOf(text))

const hostile: ReadonlyArray<readonly [what: string, text: string, shown: string]> = [
  ["colours", `a${ESC}[31mb${ESC}[0mc`, "abc"],
  ["a link", `${ESC}]8;;https://evil.example${ESC}\\click${ESC}]8;;${ESC}\\`, "click"],
  ["a link that ends with a bell", `${ESC}]8;;https://evil.example\u0007click${ESC}]8;;\u0007`, "click"],
  ["a title", `${ESC}]0;a title\u0007text`, "text"],
  ["the clipboard", `${ESC}]52;c;cm0gLXJmIC8=\u0007text`, "text"],
  ["the clipboard, in one byte", "\u009d52;c;cm0=\u009ctext", "text"],
  ["a string that never ends, at the end of its line", `${ESC}]0;hidden\nseen`, "\nseen"],
  ["a picture", `${ESC}Pq#0;2;0;0;0${ESC}\\text`, "text"],
  ["a private message", `${ESC}^secret${ESC}\\${ESC}_more${ESC}\\text`, "text"],
  ["a string that another sequence ends", `${ESC}]0;title${ESC}[31mtext`, "text"],
  ["the cursor", `one${ESC}[2Jtwo${ESC}[H${ESC}[5A${ESC}[10;10Hthree`, "onetwothree"],
  ["the rest of a line", `one${ESC}[Ktwo${ESC}[1K`, "onetwo"],
  ["another screen", `${ESC}[?1049hvi${ESC}[?1049l`, "vi"],
  ["a question to the terminal", `${ESC}[6n${ESC}[c${ESC}Ztext`, "text"],
  ["a reset and another alphabet", `${ESC}c${ESC}(0text${ESC})B`, "text"],
  ["hidden text", `${ESC}[8mhidden${ESC}[28m`, "hidden"],
  ["a sequence in one byte", "\u009b31mred", "red"],
  ["a sequence in a sequence", `${ESC}[3${ESC}[31mred`, "red"],
  ["a sequence that is given up", `${ESC}[31\u0018text`, "text"],
  ["a line end in a sequence", `${ESC}[31\ntext`, "\ntext"],
  ["a sequence without end", `${ESC}[${"1;".repeat(200)}x`, `${"1;".repeat(200).slice(257)}x`],
  ["a bell and other controls", "a\u0007b\u0000c\u007fd\u0085e", "abcde"],
  ["a progress bar", "10 %\r50 %\r100 %\n", "100 %\n"],
  ["a progress bar that waits", "10 %\r", "10 %"],
  ["line ends of two characters, and of three", "one\r\ntwo\r\r\nthree", "one\ntwo\nthree"],
  ["a line that is written over with less", "a long line\rshort", "short"],
  ["a spinner", "work |\b/\b-\b\\\n", "work \\\n"],
  ["more taken back than was written", "a\b\b\bb", "b"],
  ["a pair taken back", "a😀\bb", "ab"],
  ["text that is turned around", "safe \u202e gnp.exe", "safe \\u202e gnp.exe"],
  ["text of no width", "r\u200bm", "r\\u200bm"],
]

describe("what a program writes", () => {
  it.each(hostile)("is read: %s", (_what, text, shown) => {
    expect(plain(text)).toBe(shown)
  })

  it.each(hostile)("is read alike wherever it is cut: %s", (_what, text) => {
    const whole = linesOf(text)
    for (let at = 0; at <= text.length; at += 1) {
      const reader = new TerminalReader()
      reader.read(text.slice(0, at))
      expect(plainLines(reader.read(text))).toBe(plainLines(whole))
    }
  })

  it("is read alike in any pieces", () => {
    const some = fc.constantFrom(ESC, "[", "]", "31", ";", "m", "\\", "\u0007", "\r", "\n", "\b", "a", "😀", "\u009b")
    fc.assert(
      fc.property(fc.array(some, { maxLength: 40 }), (parts) => {
        const reader = new TerminalReader()
        let text = ""
        for (const part of parts) reader.read((text += part))
        expect(plainLines(reader.read(text))).toBe(plain(text))
      }),
    )
  })

  it("has no control left in it, whatever it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(plain(text)).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}]/u)
      }),
    )
  })

  it("does not hide a line behind the one before", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 100 }), (text) => {
        expect(plain(`${text}\nthe last line`).split("\n").at(-1)).toBe("the last line")
      }),
    )
  })

  it("has its colours, over lines and until they end", () => {
    expect(linesOf(`a${ESC}[31mb\nc${ESC}[md`)).toEqual([
      [
        { text: "a", style: {} },
        { text: "b", style: { colour: 1 } },
      ],
      [
        { text: "c", style: { colour: 1 } },
        { text: "d", style: {} },
      ],
    ])
  })

  it("may be one line without end", () => {
    const [line] = linesOf("x".repeat(1_000_000))
    expect(line?.map(({ text }) => text).join("")).toBe(`${"x".repeat(4096)} …[line cut]`)
  })

  it("begins anew where the text is another", () => {
    const reader = new TerminalReader()
    reader.read(`${ESC}[31mone\ntwo`)
    expect(reader.read("three")).toEqual([[{ text: "three", style: {} }]])
  })

  it("is read in the time of what is new", () => {
    const reader = new TerminalReader()
    let text = ""
    const began = performance.now()
    for (let at = 0; at < 300; at += 1) {
      text += `${ESC}[32mline ${at}${ESC}[0m of some length to be read\n`.repeat(60)
      reader.read(text)
    }
    expect(reader.read(text)).toHaveLength(18_001)
    expect(performance.now() - began).toBeLessThan(5000)
  })
})

describe("a style", () => {
  it.each([
    ["1;31", { bold: true, colour: 1 }],
    ["97;44", { colour: 15, background: 4 }],
    ["100", { background: 8 }],
    ["38;5;1", { colour: 1 }],
    ["38;5;208", { colour: "#ff8700" }],
    ["38;5;244", { colour: "#808080" }],
    ["48;2;1;2;3", { background: "#010203" }],
    ["38:2::10:20:30", { colour: "#0a141e" }],
    ["38:2:10:20:30", { colour: "#0a141e" }],
    ["38:5:196", { colour: "#ff0000" }],
    ["38;5;999", {}],
    ["38;2;1;2", {}],
    ["38;2;300;0;0;1", { bold: true }],
    ["58;5;1;4", { underline: true }],
    ["4:3", { underline: true }],
    ["4;4:0", {}],
    ["1;2;3;4;7;9", { bold: true, dim: true, italic: true, underline: true, inverse: true, struck: true }],
    ["1;2;3;4;7;9;22;23;24;27;29", {}],
    ["31;42;39;49", {}],
    ["31;0", {}],
    ["31;", {}],
    ["", {}],
    ["999;31", { colour: 1 }],
    ["5;8", {}],
  ])("is read from %j", (parameters, style) => {
    expect(styleAfter(plainStyle, parameters)).toEqual(style)
  })
})
