import { addPart } from "../../../src/contract/part-deltas.ts"
import type { Message } from "../../../src/contract/chats.ts"
import type { Part } from "../../../src/contract/parts.ts"
import type { ChatStreamEvent } from "../../../src/contract/stream.ts"
import { isIn } from "../chats/status.ts"
import { attemptKey, type ChatStream, emptyStream, type Episode } from "./state.ts"

type StreamedPart = Extract<ChatStreamEvent, { readonly type: "message_part" }>["message_part"]

const isOlder = (part: StreamedPart, than: Episode): boolean =>
  part.history_version !== than.historyVersion
    ? part.history_version < than.historyVersion
    : part.generation_attempt < than.attempt

const isOf = (part: StreamedPart, episode: Episode): boolean =>
  part.history_version === episode.historyVersion && part.generation_attempt === episode.attempt

/** A call comes once more with its result, for readers who hold on to parts only. Here it is in its message already. */
const isCommitted = ({ messages, preview }: ChatStream, part: Part): boolean => {
  if (part.type !== "tool-call" || part.args_delta !== undefined) return false
  const isIt = (held: Part) => held.type === "tool-call" && held.tool_call_id === part.tool_call_id
  return !preview.some(isIt) && messages.findLast(({ role }) => role === "assistant")?.content.some(isIt) === true
}

const withPart = (state: ChatStream, preview: ReadonlyArray<Part>, part: Part): ReadonlyArray<Part> =>
  isCommitted(state, part) ? preview : addPart(preview, part)

const applyPart = (state: ChatStream, streamed: StreamedPart): ChatStream => {
  const { episode } = state
  const { part, seq } = streamed
  if (episode !== undefined && isOlder(streamed, episode)) return state
  if (episode !== undefined && isOf(streamed, episode)) {
    if (seq <= episode.seq) return state
    if (seq > episode.seq + 1) return { ...state, broken: true }
    return { ...state, preview: withPart(state, state.preview, part), episode: { ...episode, seq }, retry: undefined }
  }
  if (seq !== 1) return { ...state, broken: true }
  return {
    ...state,
    preview: withPart(state, [], part),
    episode: { historyVersion: streamed.history_version, attempt: streamed.generation_attempt, seq },
    retry: undefined,
  }
}

/** Inserts or replaces by id, keeping ascending order. */
const upsert = (messages: ReadonlyArray<Message>, message: Message): ReadonlyArray<Message> => {
  const index = messages.findIndex((held) => held.id >= message.id)
  if (index === -1) return [...messages, message]
  return messages[index]?.id === message.id ? messages.with(index, message) : messages.toSpliced(index, 0, message)
}

const has = (messages: ReadonlyArray<Message>, id: number): boolean => messages.some((message) => message.id === id)

/** What is left of the preview once `message` is committed: an answer replaces all but results, a result replaces itself. */
const previewAfter = (preview: ReadonlyArray<Part>, message: Message): ReadonlyArray<Part> => {
  if (preview.length === 0 || message.role === "user" || message.role === "system") return preview
  const answered = new Set(message.content.flatMap((part) => (part.type === "tool-result" ? [part.tool_call_id] : [])))
  const left = preview.filter((part) =>
    part.type === "tool-result" ? !answered.has(part.tool_call_id) : message.role !== "assistant",
  )
  return left.length === preview.length ? preview : left
}

const writtenBy = ({ episode, preview, writtenBy }: ChatStream, { id, role }: Message): ChatStream["writtenBy"] =>
  role !== "assistant" || episode === undefined || preview.length === 0
    ? writtenBy
    : new Map(writtenBy).set(id, attemptKey(episode.historyVersion, episode.attempt))

const applyMessage = (state: ChatStream, message: Message): ChatStream =>
  has(state.messages, message.id)
    ? { ...state, messages: upsert(state.messages, message) }
    : {
        ...state,
        messages: upsert(state.messages, message),
        preview: previewAfter(state.preview, message),
        writtenBy: writtenBy(state, message),
      }

/** Each commit ends an episode with a reset, too; by then its message has replaced the preview. */
const countLost = ({ lostPreviews, preview }: ChatStream): number => lostPreviews + (preview.length > 0 ? 1 : 0)

/** The turn that was asked to stop has done so. */
const isStopped = (before: ChatStream, status: ChatStream["status"]): boolean =>
  isIn(before.status, "running.interrupting") && !isIn(status, "running.interrupting")

const applyPayload = (state: ChatStream, event: ChatStreamEvent): ChatStream => {
  switch (event.type) {
    case "message_part":
      return applyPart(state, event.message_part)
    case "message":
      return applyMessage(state, event.message)
    case "status": {
      const { status } = event
      return {
        ...state,
        status,
        stops: state.stops + (isStopped(state, status) ? 1 : 0),
        approvals: isIn(status, "requires_action.approval") ? state.approvals : [],
        clientToolCalls: isIn(status, "requires_action.client_tools") ? state.clientToolCalls : [],
        retry: isIn(status, "running.backing_off") ? state.retry : undefined,
        error: isIn(status, "error") ? state.error : undefined,
      }
    }
    case "error":
      return { ...state, error: event.error, retry: undefined }
    case "retry":
      return { ...state, retry: event.retry }
    case "queue_update":
      return { ...state, queue: event.queued_messages }
    case "preview_reset":
      return { ...state, preview: [], episode: undefined, lostPreviews: countLost(state) }
    case "history_reset":
      return { ...state, messages: state.messages.filter((message) => message.id < event.history_reset.from_id) }
    case "action_required":
      return { ...state, clientToolCalls: event.action_required.tool_calls }
    case "approval_required":
      return { ...state, approvals: event.approval_required.approvals }
    // Sent to the inspector's own connection only.
    case "transition":
      return state
    default:
      return ignore(state, event)
  }
}

/** A newer server may send types this page does not know; every type of the contract is handled above. */
const ignore = (state: ChatStream, _event: never): ChatStream => state

/**
 * Applies events in the order they came. Parts already seen are dropped, so a repeated stretch changes nothing; a missing
 * part stops the batch with `broken` set and the cursor where it was.
 */
export const applyEvents = (state: ChatStream, events: ReadonlyArray<ChatStreamEvent>): ChatStream => {
  let next = state
  for (const event of events) {
    if (next.broken) return next
    const applied = applyPayload(next, event)
    next = applied.broken ? applied : { ...applied, cursor: event.cursor }
  }
  return next
}

/** The state before a new first snapshot. What was shown of an attempt may be gone, so it counts as lost. */
export const startOver = (state: ChatStream): ChatStream => ({
  ...emptyStream,
  lostPreviews: countLost(state),
  stops: state.stops,
  writtenBy: state.writtenBy,
})

/** Adds messages read otherwise than from the stream: an older page, or the answer to a send. */
export const addMessages = (state: ChatStream, messages: ReadonlyArray<Message>): ChatStream => {
  const held = new Map(state.messages.map((message) => [message.id, message]))
  for (const message of messages) if (!held.has(message.id)) held.set(message.id, message)
  if (held.size === state.messages.length) return state
  return { ...state, messages: [...held.values()].sort((a, b) => a.id - b.id) }
}
