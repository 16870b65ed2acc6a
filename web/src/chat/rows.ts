import type { Attempt, Message } from "../../../src/contract/chats.ts"
import type { Part, ToolResultPart } from "../../../src/contract/parts.ts"
import { isBefore } from "../chats/time.ts"
import { attemptKey } from "../stream/state.ts"

/** A row of the timeline: a message that shows something, or an attempt that came to nothing. */
export type Row =
  | { readonly kind: "message"; readonly key: string; readonly message: Message }
  | { readonly kind: "attempt"; readonly key: string; readonly attempt: Attempt }

/** True for a part that is seen where it stands; a result is seen with its call. */
export const isShown = (part: Part): boolean => {
  if (part.type === "text" || part.type === "reasoning") return part.text.trim() !== ""
  return part.type !== "tool-result"
}

/** A call with a time was made: it is in a message, and came once more with its result. */
const isOfAttempt = (part: Part): boolean =>
  isShown(part) && !(part.type === "tool-call" && part.created_at !== undefined)

const attemptsToShow = (attempts: ReadonlyArray<Attempt>): ReadonlyArray<Attempt> =>
  attempts.filter(
    ({ ended_at, reason, content }) => ended_at !== null && reason !== "interrupt" && content.some(isOfAttempt),
  )

/**
 * Messages and lost attempts in the order they happened. Tool messages have no row: their results are shown with the calls.
 * Attempts before the oldest message that is held wait until that part of the history is. The one with the key `previewed`
 * has no row: what a failed turn said last stays where it was written until the next begins.
 */
export const timelineRows = (
  messages: ReadonlyArray<Message>,
  attempts: ReadonlyArray<Attempt>,
  previewed?: string,
): ReadonlyArray<Row> => {
  const rows: Array<Row> = []
  const [first] = messages
  const left = attemptsToShow(attempts).flatMap((attempt) => {
    const key = attemptKey(attempt.history_version, attempt.attempt)
    const isRow = key !== previewed && first !== undefined && !isBefore(attempt.started_at, first.created_at)
    return isRow ? [{ key, attempt }] : []
  })
  let next = 0
  const addAttempts = (until?: string) => {
    for (let lost = left[next]; lost !== undefined; lost = left[++next]) {
      if (until !== undefined && !isBefore(lost.attempt.started_at, until)) return
      rows.push({ kind: "attempt", ...lost })
    }
  }
  for (const message of messages) {
    addAttempts(message.created_at)
    const shown = (message.role === "user" || message.role === "assistant") && message.content.some(isShown)
    if (shown) rows.push({ kind: "message", key: `m${message.id}`, message })
  }
  addAttempts()
  return rows
}

const indexes = new WeakMap<ReadonlyArray<Message>, ReadonlyMap<string, ToolResultPart>>()

/** Results of the committed messages by call id. Made once for each list of messages. */
export const resultsOf = (messages: ReadonlyArray<Message>): ReadonlyMap<string, ToolResultPart> => {
  const made = indexes.get(messages)
  if (made !== undefined) return made
  const index = new Map<string, ToolResultPart>()
  for (const { content } of messages) {
    for (const part of content) if (part.type === "tool-result") index.set(part.tool_call_id, part)
  }
  indexes.set(messages, index)
  return index
}

/** All text of a message, as it was written. */
export const plainText = (content: ReadonlyArray<Part>): string =>
  content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("")
