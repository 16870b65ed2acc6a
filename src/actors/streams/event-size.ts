/**
 * How long an event may be. Readers take frames of up to 4 MiB; a text that makes its event longer than ours are is cut on the
 * wire, which the text then says. What is stored is not cut.
 */

/** Bytes of one event at most. */
export const EVENT_BYTES = 3 * 1024 * 1024

/** No text is cut shorter than this: what is left of an event with so many texts is simplified first. */
const LEAST_TEXT_BYTES = 512

/** What the mark of a cut takes at most. */
const MARK_BYTES = 160

/** Entries of a list that are left in an event that is too long for want of structure, and not of text. */
const FEW_PARTS = 50
const FEW_OTHERS = 256

/** Bytes that JSON has for each of the first 128 characters: some are escaped. */
const ASCII_BYTES = Uint8Array.from({ length: 128 }, (_, code) => JSON.stringify(String.fromCharCode(code)).length - 2)

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff
const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff

/** The longest beginning of a text that has at most `room` bytes in JSON, without the quotes; never half a character. */
const beginning = (text: string, room: number): { readonly end: number; readonly bytes: number } => {
  let bytes = 0
  let index = 0
  while (index < text.length) {
    const code = text.charCodeAt(index)
    const isPair = isHighSurrogate(code) && isLowSurrogate(text.charCodeAt(index + 1))
    const isHalf = !isPair && code >= 0xd800 && code <= 0xdfff
    // Half a pair is written as an escape.
    const more = code < 128 ? (ASCII_BYTES[code] ?? 1) : code < 0x800 ? 2 : isPair ? 4 : isHalf ? 6 : 3
    if (bytes + more > room) break
    bytes += more
    index += isPair ? 2 : 1
  }
  return { end: index, bytes }
}

const QUOTES = 2

/** The beginning of a text, of `bytes` in JSON at most, with a mark of what is missing. */
const cutText = (text: string, bytes: number): string => {
  const { end } = beginning(text, bytes - QUOTES - MARK_BYTES)
  return `${text.slice(0, end)}\n[Cut here: ${end} of ${text.length} characters. GET /api/v2/chats/{chat}/messages has the whole.]`
}

const isLonger = (text: string, bytes: number): boolean => beginning(text, bytes - QUOTES).end < text.length

/** Bytes of every text in a value, with their quotes. */
const textLengths = (value: unknown): ReadonlyArray<number> => {
  const lengths: Array<number> = []
  const collect = (inner: unknown): void => {
    if (typeof inner === "string") lengths.push(beginning(inner, Number.POSITIVE_INFINITY).bytes + QUOTES)
    else if (typeof inner === "object" && inner !== null) for (const each of Object.values(inner)) collect(each)
  }
  collect(value)
  return lengths
}

/** How long each text may be, so that texts of these lengths have `room` bytes together. */
const shareOf = (lengths: ReadonlyArray<number>, room: number): number => {
  let left = room
  const ascending = lengths.toSorted((a, b) => a - b)
  for (const [index, length] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index))
    if (length > share) return share
    left -= length
  }
  return Number.POSITIVE_INFINITY
}

/** The event with its longest texts cut; undefined where it is too long even so. */
const withShortTexts = (event: object): string | undefined => {
  const lengths = textLengths(event)
  const structure = Buffer.byteLength(JSON.stringify(event)) - lengths.reduce((sum, length) => sum + length, 0)
  const share = shareOf(lengths, EVENT_BYTES - structure)
  if (share < LEAST_TEXT_BYTES) return undefined
  return JSON.stringify(event, (_, value: unknown) =>
    typeof value === "string" && isLonger(value, share) ? cutText(value, share) : value,
  )
}

type Simplify = (key: string, value: unknown) => unknown

/** Arguments and results of any shape become the text that they are written as. */
const opaqueAsText: Simplify = (key, value) => {
  if (key === "parsed_commands") return undefined
  const isOpaque = (key === "args" || key === "result") && typeof value === "object" && value !== null
  return isOpaque ? JSON.stringify(value) : value
}

const shortLists: Simplify = (key, value) => {
  if (!Array.isArray(value)) return opaqueAsText(key, value)
  const entries: ReadonlyArray<unknown> = value
  if (key !== "content") return entries.slice(0, FEW_OTHERS)
  if (entries.length <= FEW_PARTS) return entries
  const text = `[Cut here: ${FEW_PARTS} of ${entries.length} parts. GET /api/v2/chats/{chat}/messages has the whole.]`
  return [...entries.slice(0, FEW_PARTS), { type: "text", text }]
}

/** Cuts what no reader could take: texts first, then what is neither a text nor needed to understand the rest. */
const cut = (event: object): string => {
  for (const simplify of [undefined, opaqueAsText, shortLists]) {
    const simpler = simplify === undefined ? event : (JSON.parse(JSON.stringify(event, simplify)) as object)
    const json = withShortTexts(simpler)
    if (json !== undefined) return json
  }
  // No event of ours has so many texts in so few lists.
  return JSON.stringify(event)
}

/** An event as text of at most `EVENT_BYTES`. */
export const eventText = (event: object): { readonly json: string; readonly bytes: number } => {
  const whole = JSON.stringify(event)
  const bytes = Buffer.byteLength(whole)
  if (bytes <= EVENT_BYTES) return { json: whole, bytes }
  const json = cut(event)
  return { json, bytes: Buffer.byteLength(json) }
}
