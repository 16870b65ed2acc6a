import type { NewMessage } from "../../../machines/chat-events.ts"

/** Unicode code points that a line of a list has room for, and some more. */
const MAX_WORDS = 160

/** Marks of Markdown that mean nothing in a line of plain text. */
const MARKS =
  /^(?:#{1,6}\s+|>\s*|[-*+]\s+|\d{1,9}[.)]\s+)+|(?<![\p{L}\p{N}])[*_`~]{1,3}(?=\S)|(?<=\S)[*_`~]{1,3}(?![\p{L}\p{N}])/gu

const firstLine = (text: string): string => {
  for (const line of text.slice(0, 4_000).split("\n")) {
    const words = line.trim().replace(MARKS, "").trim()
    if (/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(words)) return words
  }
  return ""
}

/**
 * What the agent said last, as one line of plain text of at most 160 characters: the beginning of the last text that people are
 * shown. Null where these messages have none.
 */
export const lastWords = (messages: ReadonlyArray<NewMessage>): string | null => {
  const answer = messages.findLast(({ role, visibility }) => role === "assistant" && visibility !== "model")
  for (const part of answer?.content.toReversed() ?? []) {
    const line = part.type === "text" ? [...firstLine(part.text)] : []
    if (line.length > MAX_WORDS) return `${line.slice(0, MAX_WORDS - 1).join("")}…`
    if (line.length > 0) return line.join("")
  }
  return null
}
