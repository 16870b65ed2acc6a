import type { ChatError, RetryState } from "../../contract/chat-error.ts"
import type { ChatId } from "../../contract/ids.ts"
import type { ChatTransition } from "../../contract/inspection.ts"
import type { Approval } from "../../contract/tool-policy.ts"
import type { MessageRole, Part } from "../../contract/parts.ts"
import type { ChatStreamEvent } from "../../contract/stream.ts"
import type { ChatRow, MessageRow, QueuedRow, ToolCallRow } from "../../db/chats/rows.ts"
import { clientCallToWire, messageToWire, partToWire, queuedToWire } from "./chat-wire.ts"
import { formatCursor, type Cursor } from "./cursor.ts"
import { EVENT_BYTES, eventText } from "./event-size.ts"

/**
 * Events as text. Each is serialised once, however many readers there are, so an event carries the position of a reader
 * that has everything up to and including it.
 */

/** One event with its position among the parts of an episode; `seq` is 0 for what is not a part. */
export interface EventText {
  readonly type: ChatStreamEvent["type"]
  readonly cursor: string
  readonly seq: number
  readonly json: string
  /** Of `json`, in UTF-8. */
  readonly bytes: number
}

/** What is sent at once over a WebSocket: a JSON array of 1 to `FRAME_EVENTS` events, of `FRAME_BYTES` unless it is one event. */
export interface Frame {
  readonly events: ReadonlyArray<EventText>
  readonly text: string
}

const FRAME_EVENTS = 256
const FRAME_BYTES = 1024 * 1024

const frameOf = (events: ReadonlyArray<EventText>): Frame => ({
  events,
  text: `[${events.map((event) => event.json).join(",")}]`,
})

/** Events cut into frames, each made when it is asked for: a long history is not held twice. */
export function* framesOf(events: ReadonlyArray<EventText>): Generator<Frame, void> {
  let some: Array<EventText> = []
  // The brackets; each event comes with a comma, or with what one saves.
  let bytes = 1
  for (const event of events) {
    if (some.length === FRAME_EVENTS || (some.length > 0 && bytes + event.bytes + 1 > FRAME_BYTES)) {
      yield frameOf(some)
      some = []
      bytes = 1
    }
    some.push(event)
    bytes += event.bytes + 1
  }
  if (some.length > 0) yield frameOf(some)
}

export const writeEvent = (event: ChatStreamEvent, seq = 0): EventText => ({
  type: event.type,
  cursor: event.cursor,
  seq,
  ...eventText(event),
})

export const partEvent = (chatId: ChatId, at: Cursor, role: MessageRole, part: Part): EventText =>
  writeEvent(
    {
      type: "message_part",
      chat_id: chatId,
      cursor: formatCursor(at),
      message_part: {
        role,
        part: partToWire(part),
        history_version: at.historyVersion,
        generation_attempt: at.attempt,
        seq: at.seq,
      },
    },
    at.seq,
  )

/** Not shown as it is stored: what is internal is taken out of it, or a line of it would end an event of an event stream. */
const NOT_AS_STORED = /"provider_metadata"|[\r\n]/

/**
 * The same event, of a part as the log has it: a reader that was away long is sent thousands of them, and each is as it was written
 * then, to the byte. So it is neither read nor written anew.
 */
export const loggedPartEvent = (chatId: ChatId, at: Cursor, role: MessageRole, part: string): EventText => {
  if (NOT_AS_STORED.test(part)) return partEvent(chatId, at, role, JSON.parse(part) as Part)
  const cursor = formatCursor(at)
  const json = `{"type":"message_part","chat_id":"${chatId}","cursor":"${cursor}","message_part":{"role":"${role}","part":${part},"history_version":${at.historyVersion},"generation_attempt":${at.attempt},"seq":${at.seq}}}`
  const bytes = Buffer.byteLength(json)
  if (bytes > EVENT_BYTES) return partEvent(chatId, at, role, JSON.parse(part) as Part)
  return { type: "message_part", cursor, seq: at.seq, json, bytes }
}

/** A step of the machine, for readers who inspect. It comes before the events of its change, and so with the old position. */
export const transitionEvent = (chatId: ChatId, at: Cursor, transition: ChatTransition): EventText =>
  writeEvent({ type: "transition", chat_id: chatId, cursor: formatCursor(at), transition })

/** A wait that no row knows of. It comes with the position that the reader has. */
export const retryEvent = (chatId: ChatId, at: Cursor, retry: RetryState): EventText =>
  writeEvent({ type: "retry", chat_id: chatId, cursor: formatCursor(at), retry })

/** What changed between two positions of a chat. Absent means unchanged. */
export interface Changes {
  /** Id from which on the reader's messages are replaced by `messages`. */
  readonly resetFrom?: number
  readonly messages: ReadonlyArray<MessageRow>
  readonly queue?: ReadonlyArray<QueuedRow>
  readonly status?: Pick<ChatRow, "status" | "activity">
  readonly error?: ChatError
  readonly actionRequired?: ReadonlyArray<Pick<ToolCallRow, "provider_call_id" | "tool_name" | "args">>
  readonly approvals?: ReadonlyArray<Approval>
  readonly retry?: RetryState
  readonly previewReset: boolean
}

const shown = (row: MessageRow) => row.visibility !== "model"

/**
 * The events of one change, in the order every reader gets them. Only the last carries the new position: a reader that is
 * cut off in between is sent the whole change again, and messages are replaced by their id.
 */
export const changeEvents = (
  chatId: ChatId,
  from: Cursor | undefined,
  to: Cursor,
  changes: Changes,
): ReadonlyArray<EventText> => {
  const cursor = formatCursor(from ?? { version: 1, historyVersion: 0, attempt: 0, seq: 0 })
  const events: Array<ChatStreamEvent> = []
  const head = { chat_id: chatId, cursor }
  if (changes.resetFrom !== undefined) {
    events.push({ type: "history_reset", ...head, history_reset: { from_id: changes.resetFrom } })
  }
  for (const row of changes.messages) {
    if (shown(row)) events.push({ type: "message", ...head, message: messageToWire(row) })
  }
  if (changes.queue !== undefined) {
    events.push({ type: "queue_update", ...head, queued_messages: changes.queue.map(queuedToWire) })
  }
  if (changes.status !== undefined) {
    events.push({
      type: "status",
      ...head,
      status: { status: changes.status.status, activity: changes.status.activity },
    })
  }
  if (changes.error !== undefined) events.push({ type: "error", ...head, error: changes.error })
  if (changes.actionRequired !== undefined) {
    const tool_calls = changes.actionRequired.map(clientCallToWire)
    events.push({ type: "action_required", ...head, action_required: { tool_calls } })
  }
  if (changes.approvals !== undefined) {
    events.push({ type: "approval_required", ...head, approval_required: { approvals: changes.approvals } })
  }
  if (changes.retry !== undefined) events.push({ type: "retry", ...head, retry: changes.retry })
  if (changes.previewReset) events.push({ type: "preview_reset", ...head })
  const last = events.length - 1
  return events.map((event, index) => writeEvent(index === last ? { ...event, cursor: formatCursor(to) } : event))
}
