import type { Message } from "../../../src/contract/chats.ts"
import type { Part, ToolResultPart } from "../../../src/contract/parts.ts"
import { rendererOf } from "../tools/registry.ts"
import { toolCall } from "../tools/tool-call.ts"
import type { TimelineRow } from "./turns.ts"

/** A part of a message in which the words stand. */
export interface Match {
  readonly messageId: number
  readonly part: number
  /** The row of the call or the thoughts that has to be opened for the words to be seen. */
  readonly inside: "call" | "thoughts" | undefined
  readonly toolCallId: string | undefined
}

/** What can be found of a part: what its row says, and what it shows when it is opened. */
interface Searchable {
  readonly outside: string
  readonly inside: string
}

const folded = (text: string): string => text.normalize("NFC").toLowerCase()

/** All text in a JSON value, whatever its shape. */
const textsIn = (value: unknown, texts: Array<string> = []): ReadonlyArray<string> => {
  if (typeof value === "string") texts.push(value)
  else if (typeof value === "object" && value !== null) for (const item of Object.values(value)) textsIn(item, texts)
  return texts
}

const ofPart = (part: Part, results: ReadonlyMap<string, ToolResultPart>): Searchable => {
  if (part.type === "text") return { outside: folded(part.text), inside: "" }
  if (part.type === "reasoning") return { outside: "", inside: folded(part.text) }
  if (part.type !== "tool-call") return { outside: "", inside: "" }
  const result = results.get(part.tool_call_id)
  const renderer = rendererOf(part.tool_name)
  const call = toolCall(part, { result, turnRuns: false, asked: false, denied: false }, renderer)
  const inside = [...textsIn(part.args), ...textsIn(result?.result)].join("\n")
  return { outside: folded(renderer.title(call)), inside: folded(inside) }
}

const searchables = new WeakMap<Message, ReadonlyArray<Searchable>>()

/** Made once for each message: a call without its result yet is looked at anew. */
const searchable = (message: Message, results: ReadonlyMap<string, ToolResultPart>): ReadonlyArray<Searchable> => {
  const held = searchables.get(message)
  if (held !== undefined) return held
  const made = message.content.map((part) => ofPart(part, results))
  const complete = message.content.every((part) => part.type !== "tool-call" || results.has(part.tool_call_id))
  if (complete) searchables.set(message, made)
  return made
}

/** Where the words stand, from the first message to the last, in any case of letters. */
export const findMatches = (
  messages: ReadonlyArray<Message>,
  results: ReadonlyMap<string, ToolResultPart>,
  words: string,
): ReadonlyArray<Match> => {
  const wanted = folded(words)
  if (wanted.trim() === "") return []
  return messages.flatMap((message) => {
    if (message.role !== "user" && message.role !== "assistant") return []
    return searchable(message, results).flatMap(({ inside, outside }, part): ReadonlyArray<Match> => {
      const isOutside = outside.includes(wanted)
      if (!isOutside && !inside.includes(wanted)) return []
      const content = message.content[part]
      const toolCallId = content?.type === "tool-call" ? content.tool_call_id : undefined
      const hidden = toolCallId === undefined ? ("thoughts" as const) : ("call" as const)
      return [{ messageId: message.id, part, inside: isOutside ? undefined : hidden, toolCallId }]
    })
  })
}

/** The row that shows the part, or the fold that hides it. */
export const placeOf = (
  rows: ReadonlyArray<TimelineRow>,
  { messageId, part }: Match,
): Extract<TimelineRow, { readonly kind: "prompt" | "boundary" | "agent" | "fold" }> | undefined => {
  let fold: Extract<TimelineRow, { readonly kind: "fold" }> | undefined
  for (const row of rows) {
    if ((row.kind === "prompt" || row.kind === "boundary") && row.message.id === messageId) return row
    if (row.kind === "agent" && row.message?.id === messageId && row.from <= part && part < row.to) return row
    if (
      row.kind === "fold" &&
      row.turn.entries.some((entry) => entry.kind === "message" && entry.message.id === messageId)
    ) {
      fold = row
    }
  }
  return fold
}
