import { LINE_LENGTH } from "../../contract/board.ts"

/** What a terminal takes for a command: colours, moves of the cursor, titles of windows. */
const TERMINAL = new RegExp(
  String.raw`\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-~])`,
  "g",
)

/** White space of any kind, and what is not seen or changes the order in which others are seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}\u115f\u1160\u3164\uffa0]+/gu

/** What was written over by a carriage return is not shown. */
const afterReturns = (line: string): string => line.replace(/\r+$/, "").split("\r").at(-1) ?? ""

/** At most so many characters; a text that is longer ends with an ellipsis. */
export const cut = (text: string, length = LINE_LENGTH): string => {
  if (text.length <= length) return text
  const kept = text.slice(0, length - 1)
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`
}

/** Text as one line of a card: no control characters, single spaces, cut. */
export const oneLine = (text: string): string => cut(text.replace(TERMINAL, "").replace(UNSEEN, " ").trim())

/** The last lines of a text that say something, oldest first. */
export const lastLines = (text: string, count: number): ReadonlyArray<string> =>
  text
    .replace(TERMINAL, (command) => (/[A-HJKf]$/.test(command) ? "\r" : ""))
    .split("\n")
    .map((line) => oneLine(afterReturns(line)))
    .filter((line) => line !== "")
    .slice(-count)
