import type { Part } from "../../contract/parts.ts"

/** Deltas as they are sent: small ones joined, large ones in pieces. A piece is never near the limit of an event. */

/** UTF-16 units of text in one delta at most: 384 KiB where each of them has to be escaped. */
const DELTA_LENGTH = 64 * 1024

const textOf = (part: Part): string | undefined => {
  if (part.type === "text" || part.type === "reasoning") return part.text
  return part.type === "tool-call" ? part.args_delta : undefined
}

const withText = (part: Part, text: string): Part => {
  if (part.type === "text" || part.type === "reasoning") return { ...part, text }
  return part.type === "tool-call" ? { ...part, args_delta: text } : part
}

const ofOneBlock = (a: Part, b: Part): boolean =>
  a.type === b.type && (a.type !== "tool-call" || b.type !== "tool-call" || a.tool_call_id === b.tool_call_id)

/** Two deltas as one; undefined where they are of different blocks, one is a whole part, or they are too long together. */
export const joinedDeltas = (a: Part, b: Part): Part | undefined => {
  const [first, second] = [textOf(a), textOf(b)]
  if (first === undefined || second === undefined || !ofOneBlock(a, b)) return undefined
  return first.length + second.length > DELTA_LENGTH ? undefined : withText(a, first + second)
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff

/** A delta in pieces of bearable length; any other part as it is. */
export const deltaPieces = (part: Part): ReadonlyArray<Part> => {
  const text = textOf(part)
  if (text === undefined || text.length <= DELTA_LENGTH) return [part]
  const pieces: Array<Part> = []
  for (let start = 0; start < text.length;) {
    let end = Math.min(text.length, start + DELTA_LENGTH)
    // Halves of a pair are no characters, so neither piece would be stored as it is.
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1
    pieces.push(withText(part, text.slice(start, end)))
    start = end
  }
  return pieces
}
