import { asString, isRecord } from "./json.ts"

/** Content as servers send it: a text, or a list of typed pieces, which may hold lists again. */

export interface ContentPiece {
  readonly kind: "text" | "reasoning" | "refusal"
  readonly text: string
}

/** Lists in lists in lists are no content any more. */
const MAX_LEVELS = 8

const REASONING = /thinking|reasoning|summary/i
const TEXT = /^(?:text|output_text|input_text|refusal)$/i

const kindOf = (type: string | undefined, outer: ContentPiece["kind"]): ContentPiece["kind"] | undefined => {
  if (type === undefined) return outer
  if (REASONING.test(type)) return "reasoning"
  if (!TEXT.test(type)) return undefined
  return /refusal/i.test(type) ? "refusal" : outer
}

const inner = (piece: Readonly<Record<string, unknown>>): unknown =>
  piece["text"] ??
  piece["thinking"] ??
  piece["reasoning"] ??
  piece["refusal"] ??
  piece["summary"] ??
  piece["content"] ??
  piece["value"]

/** The pieces that say something, in their order; those of an unknown type, such as images, are passed over. */
export const contentPieces = (
  content: unknown,
  kind: ContentPiece["kind"] = "text",
  levels = MAX_LEVELS,
): ReadonlyArray<ContentPiece> => {
  if (typeof content === "string") return content === "" ? [] : [{ kind, text: content }]
  if (levels === 0) return []
  if (Array.isArray(content)) return content.flatMap((piece) => contentPieces(piece, kind, levels - 1))
  if (!isRecord(content)) return []
  const own = kindOf(asString(content["type"]), kind)
  return own === undefined ? [] : contentPieces(inner(content), own, levels - 1)
}

/** All that some content says, as one text. */
export const textIn = (content: unknown): string =>
  typeof content === "string"
    ? content
    : contentPieces(content)
        .map(({ text }) => text)
        .join("")
