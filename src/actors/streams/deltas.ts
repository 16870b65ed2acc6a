import { cutDelta, deltaText, isDelta, joinDeltas } from "../../contract/part-deltas.ts"
import type { Part } from "../../contract/parts.ts"

/** Deltas as they are sent: small ones joined, large ones in pieces. A piece is never near the limit of an event. */

/** UTF-16 units of text in one delta at most: 384 KiB where each of them has to be escaped. */
const DELTA_LENGTH = 64 * 1024

/** Two deltas as one; undefined where they are of different blocks, one is a whole part, or they are too long together. */
export const joinedDeltas = (a: Part, b: Part): Part | undefined => {
  if (!isDelta(a) || !isDelta(b)) return undefined
  return deltaText(a).length + deltaText(b).length > DELTA_LENGTH ? undefined : joinDeltas(a, b)
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff

/** A delta in pieces of bearable length; any other part as it is. */
export const deltaPieces = (part: Part): ReadonlyArray<Part> => {
  if (!isDelta(part)) return [part]
  const pieces: Array<Part> = []
  let rest = part
  for (let text = deltaText(rest); text.length > DELTA_LENGTH; text = deltaText(rest)) {
    // Halves of a pair are no characters, so neither piece would be stored as it is.
    const end = isHighSurrogate(text.charCodeAt(DELTA_LENGTH - 1)) ? DELTA_LENGTH - 1 : DELTA_LENGTH
    const [piece, more] = cutDelta(rest, end)
    pieces.push(piece)
    rest = more
  }
  return [...pieces, rest]
}
