/** JSON text in coloured pieces. Any text is taken: what is no JSON comes back as it is. */

export interface JsonToken {
  readonly kind: "key" | "string" | "number" | "word" | "plain"
  readonly text: string
}

/** A string, with the colon behind it where it is a key; a number; a word. No piece of it can be read in two ways. */
const PIECES = /("(?:[^"\\\n]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g

export const jsonTokens = (text: string): ReadonlyArray<JsonToken> => {
  const tokens: Array<JsonToken> = []
  let from = 0
  const plain = (to: number) => {
    if (to > from) tokens.push({ kind: "plain", text: text.slice(from, to) })
  }
  for (const { index, 0: whole, 1: string, 2: colon, 3: number } of text.matchAll(PIECES)) {
    plain(index)
    if (string !== undefined) {
      tokens.push({ kind: colon === undefined ? "string" : "key", text: string })
      if (colon !== undefined) tokens.push({ kind: "plain", text: colon })
    } else tokens.push({ kind: number === undefined ? "word" : "number", text: whole })
    from = index + whole.length
  }
  plain(text.length)
  return tokens
}

/** Two spaces deeper at each level; text that is no JSON, or nests too deeply to be written anew, as it came. */
export const prettyJson = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
