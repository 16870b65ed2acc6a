import type { ChatStreamEvent } from "../../contract/stream.ts"
import { type EventText, writeEvent } from "./stream-events.ts"

/**
 * What somebody is told of a chat that he was let in to read: what its transcript shows, as it is written, and where the chat
 * stands. The one place that says so for streams. Each event is written once for all readers, so this takes out of the texts.
 */

type Told = "whole" | "blanked" | "not"

const TOLD: { readonly [Type in ChatStreamEvent["type"]]: Told } = {
  message: "whole",
  status: "whole",
  error: "whole",
  history_reset: "whole",
  preview_reset: "whole",
  // Parts are numbered without gaps: one that is not shown is told without what is in it.
  message_part: "blanked",
  // What the owner has not said yet, and may take back.
  queue_update: "not",
  // What waits for the owner's word, or for the program that drives the chat.
  approval_required: "not",
  action_required: "not",
  // Attempts and steps are inspection.
  retry: "not",
  transition: "not",
}

/** Output of a tool while it runs is more than the result that becomes part of the transcript. */
const LIVE_OUTPUT = '"result_delta"'

const parse = ({ json }: EventText) => JSON.parse(json) as ChatStreamEvent

const withoutLiveOutput = (event: EventText): EventText => {
  if (!event.json.includes(LIVE_OUTPUT)) return event
  const parsed = parse(event)
  if (parsed.type !== "message_part") return event
  const { part } = parsed.message_part
  if (part.type !== "tool-result" || part.result_delta === undefined) return event
  const blank = { ...parsed.message_part, part: { ...part, result_delta: "" } }
  return writeEvent({ ...parsed, message_part: blank }, event.seq)
}

/**
 * The events of a change, or of a stretch of parts, for who reads along. The same list where all of it is told. The last that is
 * left carries the position of the whole: who comes back is not sent it again.
 */
export const transcriptEvents = (events: ReadonlyArray<EventText>): ReadonlyArray<EventText> => {
  const told = events.flatMap((event) => {
    if (TOLD[event.type] === "not") return []
    return [TOLD[event.type] === "blanked" ? withoutLiveOutput(event) : event]
  })
  const end = events.at(-1)
  const last = told.at(-1)
  if (end === undefined || last === undefined) return told
  if (last.cursor !== end.cursor) {
    return [...told.slice(0, -1), writeEvent({ ...parse(last), cursor: end.cursor }, last.seq)]
  }
  return told.length === events.length && told.every((event, index) => event === events[index]) ? events : told
}
