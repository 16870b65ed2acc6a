import { visibleText } from "../ui/visible-text.ts"
import { plainStyle, styleAfter, type TerminalStyle } from "./terminal-style.ts"

/**
 * Reads what a program wrote to a terminal that is none: of its sequences only colours count. Links, titles, the clipboard and the
 * cursor are dropped, whatever is in them. A carriage return begins the line anew, as progress bars do.
 *
 * The text is hostile. No sequence swallows what stands after its line, none hides text, and the cost is that of the text.
 */

export interface TerminalSpan {
  readonly text: string
  readonly style: TerminalStyle
}
export type TerminalLine = ReadonlyArray<TerminalSpan>

/** UTF-16 units of a line that are shown. */
const LINE_LENGTH = 4096
const LINE_CUT = " …[line cut]"

/** A sequence with more parameters is none. */
const SEQUENCE_LENGTH = 256

/** Controls, C0 and C1: everything that is not to be seen as it is. */
const CONTROL = /\p{Cc}/gu

type State =
  | "text"
  | "escape"
  /** Of `ESC (`: one more character belongs to it. */
  | "escape-more"
  | "control-sequence"
  /** Of a link, a title, the clipboard, a picture. */
  | "string"
  /** In a string, after an ESC that may end it. */
  | "string-escape"

const introducers: Readonly<Record<string, State>> = {
  "[": "control-sequence",
  "\u009b": "control-sequence",
  "]": "string",
  P: "string",
  X: "string",
  "^": "string",
  _: "string",
  "\u009d": "string",
  "\u0090": "string",
  "\u0098": "string",
  "\u009e": "string",
  "\u009f": "string",
}

const isC1 = (character: string): boolean => character >= "\u0080" && character <= "\u009f"

export class TerminalReader {
  /** Whole lines. */
  readonly #lines: Array<TerminalLine> = []
  #line: Array<TerminalSpan> = []
  #length = 0
  /** A carriage return came: whatever is written next takes the place of the line. */
  #returns = false
  #style = plainStyle
  #state: State = "text"
  #parameters = ""
  #text = ""
  #shown: ReadonlyArray<TerminalLine> | undefined

  /** The lines of a text, of which mostly the beginning was read before. The last one may be empty. */
  read(text: string): ReadonlyArray<TerminalLine> {
    if (this.#shown !== undefined && text === this.#text) return this.#shown
    if (!text.startsWith(this.#text)) this.#begin()
    this.#take(text.slice(this.#text.length))
    this.#text = text
    this.#shown = [...this.#lines, [...this.#line]]
    return this.#shown
  }

  #begin(): void {
    this.#lines.length = 0
    this.#newLine()
    this.#style = plainStyle
    this.#state = "text"
    this.#text = ""
  }

  #newLine(): void {
    this.#line = []
    this.#length = 0
    this.#returns = false
  }

  #take(text: string): void {
    for (let at = 0; at < text.length;) {
      if (this.#state === "text") {
        CONTROL.lastIndex = at
        const end = CONTROL.exec(text)?.index ?? text.length
        if (end > at) this.#write(text.slice(at, end))
        at = end
      }
      if (at < text.length) this.#control(text.charAt(at))
      at += 1
    }
  }

  #write(text: string): void {
    if (this.#returns) this.#newLine()
    const room = LINE_LENGTH - this.#length
    if (room <= 0) return
    const seen = visibleText(text)
    const fits = seen.length <= room
    this.#length += seen.length
    const last = this.#line.at(-1)
    const shown = fits ? seen : `${seen.slice(0, room)}${LINE_CUT}`
    if (last?.style === this.#style) this.#line[this.#line.length - 1] = { ...last, text: last.text + shown }
    else this.#line.push({ text: shown, style: this.#style })
  }

  /** A spinner takes back what it wrote. */
  #backspace(): void {
    const last = this.#line.at(-1)
    if (last === undefined || this.#returns) return
    const text = Array.from(last.text).slice(0, -1).join("")
    this.#length -= last.text.length - text.length
    if (text === "") this.#line.pop()
    else this.#line[this.#line.length - 1] = { ...last, text }
  }

  /** One character of a sequence, or a control. The end of a line ends every sequence, so that none hides what follows. */
  #control(character: string): void {
    if (character === "\n") {
      this.#lines.push(this.#line)
      this.#newLine()
      this.#state = "text"
    } else if (character === "\r") {
      this.#returns = true
      this.#state = "text"
    } else if (character === "\u0018" || character === "\u001a") this.#state = "text"
    else if (this.#state === "string") this.#inString(character)
    else if (character === "\u001b") this.#state = this.#state === "string-escape" ? "string-escape" : "escape"
    else if (isC1(character)) this.#state = introducers[character] ?? "text"
    else this.#further(character)
    if (this.#state !== "control-sequence") this.#parameters = ""
  }

  #inString(character: string): void {
    if (character === "\u001b") this.#state = "string-escape"
    else if (character === "\u0007" || character === "\u009c") this.#state = "text"
  }

  #further(character: string): void {
    switch (this.#state) {
      case "text":
        if (character === "\t") this.#write(character)
        else if (character === "\b") this.#backspace()
        return
      case "string-escape":
        // Another sequence ends the string as well.
        this.#state = character === "\\" ? "text" : "escape"
        if (this.#state === "escape") this.#further(character)
        return
      case "escape":
        if (character >= " " && character <= "/") this.#state = "escape-more"
        else this.#state = introducers[character] ?? "text"
        return
      case "escape-more":
        if (character < " " || character > "/") this.#state = "text"
        return
      case "control-sequence":
        return this.#inSequence(character)
      case "string":
        return
    }
  }

  #inSequence(character: string): void {
    if (character >= "@" && character <= "~") {
      if (character === "m" && /^[\d;:]*$/.test(this.#parameters)) {
        this.#style = styleAfter(this.#style, this.#parameters)
      }
      this.#state = "text"
    } else if (character >= " " && character <= "?" && this.#parameters.length < SEQUENCE_LENGTH) {
      this.#parameters += character
    } else this.#state = "text"
  }
}

/** What is copied: the text as it is seen. */
export const plainLines = (lines: ReadonlyArray<TerminalLine>): string =>
  lines.map((line) => line.map(({ text }) => text).join("")).join("\n")
