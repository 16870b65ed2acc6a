import type { Part } from "../contract/parts.ts"
import type { PromptMessage } from "../providers/provider.ts"
import { renderFileReference, resultText, textOfFile } from "../providers/transcript.ts"

/**
 * A conversation made to fit where it is too long: first the results of tools, arguments and files give way, then what the
 * assistant said, and what the user said last of all. The longest are cut first, each in its middle, so that of everything
 * beginning and end stay. Lengths are in characters.
 */

const argsText = (args: unknown): string => JSON.stringify(args) ?? ""

/** What of a part takes room, as text. */
const textOf = (part: Part): string => {
  switch (part.type) {
    case "text":
    case "reasoning":
      return part.text
    case "tool-call":
      return part.args_text ?? argsText(part.args)
    case "tool-result":
      return resultText(part)
    case "file":
      return part.data ?? ""
    case "file-reference":
      return part.content
    case "source":
      return ""
  }
}

export const lengthOf = (messages: ReadonlyArray<PromptMessage>): number =>
  messages.reduce((sum, { parts }) => sum + parts.reduce((length, part) => length + textOf(part).length, 0), 0)

/** The text with its middle left out, about `limit` characters long. */
const shortened = (text: string, limit: number): string => {
  if (text.length <= limit) return text
  const head = Math.ceil(limit / 2)
  const tail = Math.floor(limit / 2)
  const left = text.length - head - tail
  return `${text.slice(0, head)}\n[... ${left} characters left out here ...]\n${text.slice(text.length - tail)}`
}

/** The part with at most `limit` characters of text. What is sealed is left out, since it seals what is changed here. */
const cut = (part: Part, limit: number): Part => {
  if (textOf(part).length <= limit) return part
  switch (part.type) {
    case "text":
      return { type: "text", text: shortened(part.text, limit) }
    case "reasoning":
      return { type: "text", text: "" }
    case "tool-call": {
      const { args_text: _, provider_metadata: __, ...call } = part
      return { ...call, args: { shortened: shortened(textOf(part), limit) } }
    }
    case "tool-result":
      return { ...part, result: shortened(resultText(part), limit) }
    case "file":
      return {
        type: "text",
        text: shortened(textOfFile(part) ?? `[${part.name ?? "a file"} (${part.media_type}) is left out here]`, limit),
      }
    case "file-reference":
      return { type: "text", text: shortened(renderFileReference(part), limit) }
    case "source":
      return part
  }
}

interface Layer {
  readonly holds: (part: Part, role: PromptMessage["role"]) => boolean
  /** Each part keeps so many characters as long as another layer has something to give. */
  readonly least: number
}

/** In the order in which they give way. */
const LAYERS: ReadonlyArray<Layer> = [
  {
    holds: ({ type }) => type === "tool-result" || type === "tool-call" || type === "file" || type === "reasoning",
    least: 200,
  },
  { holds: (part, role) => role === "assistant" && part.type === "text", least: 500 },
  { holds: (part, role) => role === "user" && (part.type === "text" || part.type === "file-reference"), least: 1_000 },
]

/** The limit under which texts of these lengths are together no longer than `room`. */
const levelFor = (lengths: ReadonlyArray<number>, room: number): number => {
  let left = room
  let count = lengths.length
  for (const length of lengths.toSorted((a, b) => a - b)) {
    if (length * count > left) return Math.max(0, Math.floor(left / count))
    left -= length
    count -= 1
  }
  return Number.POSITIVE_INFINITY
}

/** The conversation in at most about `budget` characters, or as few as can be. */
export const fitted = (messages: ReadonlyArray<PromptMessage>, budget: number): ReadonlyArray<PromptMessage> => {
  let fitting = messages
  for (const { holds, least } of LAYERS) {
    const total = lengthOf(fitting)
    if (total <= budget) return fitting
    const lengths = fitting.flatMap(({ parts, role }) =>
      parts.flatMap((part) => (holds(part, role) ? [textOf(part).length] : [])),
    )
    const others = total - lengths.reduce((sum, length) => sum + length, 0)
    const limit = Math.max(least, levelFor(lengths, budget - others))
    fitting = fitting.map((message) => ({
      ...message,
      parts: message.parts.map((part) => (holds(part, message.role) ? cut(part, limit) : part)),
    }))
  }
  return fitting
}
