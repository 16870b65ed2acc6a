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

/** A string, a sign, a gap, anything else in one, or a string that never ends. */
const STEPS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|\s+|[^\s"{}[\],:]+|"[\s\S]*$/g
/** Deeper levels stand no further in. */
const MOST_DEPTH = 40

const OPENING = new Set(["{", "["])
const CLOSING = new Set(["}", "]"])

/**
 * JSON with a line for each field, two spaces deeper at each level. Only gaps are changed: a number that JavaScript cannot hold is
 * shown as it was sent. What is no object or list comes back as it came.
 */
export const prettyJson = (text: string): string => {
  if (!/^\s*[{[]/.test(text)) return text
  const steps = text.match(STEPS)?.filter((step) => step.trim() !== "") ?? []
  let depth = 0
  const line = () => `\n${"  ".repeat(Math.min(depth, MOST_DEPTH))}`
  const written = steps.map((step, index) => {
    if (OPENING.has(step)) {
      depth += 1
      return CLOSING.has(steps[index + 1] ?? "") ? step : step + line()
    }
    if (CLOSING.has(step)) {
      depth = Math.max(0, depth - 1)
      return OPENING.has(steps[index - 1] ?? "") ? step : line() + step
    }
    if (step === ",") return step + line()
    return step === ":" ? ": " : step
  })
  return written.join("")
}
