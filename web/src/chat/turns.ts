import type { Attempt, Message } from "../../../src/contract/chats.ts"
import type { Part, ToolResultPart } from "../../../src/contract/parts.ts"
import { isBefore } from "../chats/time.ts"
import { wasInterrupted } from "../tools/tool-call.ts"
import { isShown, plainText, type Row } from "./rows.ts"

/** Rows of the timeline, turn by turn. A finished turn folds to one line of facts and its answer. */
export type TimelineRow =
  | { readonly kind: "prompt"; readonly key: string; readonly message: Message }
  /** Compaction, or a cleared context: stands for itself, between the turns. */
  | { readonly kind: "boundary"; readonly key: string; readonly message: Message }
  | {
      readonly kind: "fold"
      readonly key: string
      /** By which it is opened. */
      readonly id: string
      readonly turn: Turn
      readonly open: boolean
      /** Its last message. */
      readonly messageId: number
    }
  | { readonly kind: "attempt"; readonly key: string; readonly attempt: Attempt; readonly open: boolean }
  /** Parts `from` up to `to` of a message; of the one that is being written, where there is none. */
  | {
      readonly kind: "agent"
      readonly key: string
      readonly message: Message | undefined
      readonly from: number
      readonly to: number
      readonly running: boolean
    }
  | {
      readonly kind: "end"
      readonly key: string
      readonly text: string
      readonly stopped: boolean
      readonly at: string
      /** Its last message, the prompt where nothing came of it. */
      readonly messageId: number
      readonly chatId: string
    }

/** What happened from one message of the user to the next. */
export interface Turn {
  /** Absent where it is not loaded, and after a boundary. */
  readonly prompt: Message | undefined
  /** Answers and lost attempts, in the order they came. */
  readonly entries: ReadonlyArray<Row>
  /** Its beginning may be further up than what is loaded. */
  readonly partial: boolean
  /** When a person stopped it. */
  readonly stoppedAt: string | undefined
}

export interface TimelineState {
  /** Everything above is loaded. */
  readonly allLoaded: boolean
  /** The last turn goes on. */
  readonly running: boolean
  /** Names the attempt whose text is shown as it is written, or as it was left by a failure. */
  readonly preview: string | undefined
  readonly writtenBy: ReadonlyMap<number, string>
  /** Keys of the folds that are open. */
  readonly unfolded: ReadonlySet<string>
  readonly attempts: ReadonlyArray<Attempt>
  /** Results of calls, by the call's id. */
  readonly results: ReadonlyMap<string, ToolResultPart>
}

const BOUNDARIES = new Set(["chat_summarized", "context_cleared"])

const isBoundary = ({ content }: Message): boolean =>
  content.some((part) => part.type === "tool-call" && BOUNDARIES.has(part.tool_name))

type MessageRow = Extract<Row, { readonly kind: "message" }>
type AttemptRow = Extract<Row, { readonly kind: "attempt" }>

interface Draft {
  readonly prompt: MessageRow | undefined
  readonly entries: Array<Row>
  readonly partial: boolean
}

const draftsOf = (rows: ReadonlyArray<Row>, allLoaded: boolean): ReadonlyArray<Draft | MessageRow> => {
  const drafts: Array<Draft | MessageRow> = []
  let turn: Draft | undefined
  const begin = (prompt: MessageRow | undefined, partial: boolean): Draft => {
    const draft = { prompt, entries: [], partial }
    drafts.push(draft)
    return draft
  }
  for (const row of rows) {
    if (row.kind === "message" && row.message.role === "user") turn = begin(row, false)
    else if (row.kind === "message" && isBoundary(row.message)) {
      drafts.push(row)
      turn = undefined
    } else {
      turn ??= begin(undefined, drafts.length === 0 && !allLoaded)
      turn.entries.push(row)
    }
  }
  return drafts
}

/** When a person stopped the turn: in the middle of a reply, of its tools, or before anything was shown. */
const stopOf = (
  { entries, prompt }: Draft,
  next: string | undefined,
  { attempts, results }: TimelineState,
): string | undefined => {
  const messages = entries.flatMap((row) => (row.kind === "message" ? [row.message] : []))
  const last = messages.at(-1)
  if (last?.finish_reason === "interrupted") return last.created_at
  for (const part of last?.content ?? []) {
    const result = part.type === "tool-call" ? results.get(part.tool_call_id) : undefined
    if (wasInterrupted(result?.result)) return result?.created_at ?? last?.created_at
  }
  // The start of the attempt may be told as before the message that it answers: both are written in one transaction.
  const isWithin = (time: string) =>
    prompt !== undefined && isBefore(prompt.message.created_at, time) && (next === undefined || isBefore(time, next))
  return (
    attempts.find(({ ended_at, reason }) => reason === "interrupt" && ended_at !== null && isWithin(ended_at))
      ?.ended_at ?? undefined
  )
}

/** Where the answer begins: after all that was done for it. */
const answerFrom = (content: ReadonlyArray<Part>): number => {
  const lastWork = content.findLastIndex((part) => part.type === "tool-call" || part.type === "reasoning")
  return content.slice(lastWork + 1).some(isShown) ? lastWork + 1 : content.length
}

const isMessage = (row: Row): row is MessageRow => row.kind === "message"

const shownIn = (row: Row, until = Infinity): number =>
  row.kind === "attempt" ? 1 : row.message.content.slice(0, until).filter(isShown).length

/** One row folded would be one row. */
const LEAST_FOLDED = 2

const rowsOfTurn = (
  turn: Turn,
  prompt: MessageRow | undefined,
  last: boolean,
  state: TimelineState,
): ReadonlyArray<TimelineRow> => {
  const { entries } = turn
  const running = last && state.running
  const preview = last ? state.preview : undefined
  const agent = ({ message, key }: MessageRow, from = 0, to = message.content.length): TimelineRow => ({
    kind: "agent",
    key: state.writtenBy.get(message.id) ?? key,
    message,
    from,
    to,
    running,
  })
  const lost = ({ attempt, key }: AttemptRow, open: boolean): TimelineRow => ({ kind: "attempt", key, attempt, open })
  const shown: Array<TimelineRow> =
    prompt === undefined ? [] : [{ kind: "prompt", key: prompt.key, message: prompt.message }]

  const answer = entries.findLast(isMessage)
  const end = answer === undefined ? 0 : entries.indexOf(answer)
  const content = answer?.message.content ?? []
  // What is shown of a failed reply is the end of its turn: what stands before it was done for it.
  const from = preview === undefined ? answerFrom(content) : content.length
  const work = entries.slice(0, end)
  const amount = work.reduce((sum, row) => sum + shownIn(row), answer === undefined ? 0 : shownIn(answer, from))
  const folds = answer !== undefined && amount >= LEAST_FOLDED && (work.some(isMessage) || from > 0) && !running

  if (answer !== undefined && folds) {
    const open = state.unfolded.has(answer.key)
    shown.push({ kind: "fold", key: `${answer.key}f`, id: answer.key, turn, open, messageId: answer.message.id })
    if (open) {
      shown.push(...work.map((row) => (row.kind === "attempt" ? lost(row, false) : agent(row))))
      if (shownIn(answer, from) > 0) shown.push({ ...agent(answer, 0, from), key: `${answer.key}w` })
    }
    if (from < content.length) shown.push(agent(answer, from))
  } else {
    shown.push(
      ...entries
        .slice(0, answer === undefined ? 0 : end + 1)
        .map((row) => (row.kind === "attempt" ? lost(row, false) : agent(row))),
    )
  }
  const trailing = entries.slice(answer === undefined ? 0 : end + 1)
  for (const row of trailing) {
    // What was cut off last stays to be read until the next attempt has said something that stays; those before it are folded.
    if (row.kind === "attempt") shown.push(lost(row, running && row === trailing.at(-1)))
  }
  if (preview !== undefined) {
    shown.push({ kind: "agent", key: preview, message: undefined, from: 0, to: Infinity, running })
  }
  if (!running && (answer !== undefined || turn.stoppedAt !== undefined)) {
    const key = `${answer?.key ?? prompt?.key ?? ""}e`
    const at = turn.stoppedAt ?? answer?.message.created_at ?? ""
    const said = answer?.message ?? turn.prompt
    const messageId = said?.id ?? 0
    const chatId = said?.chat_id ?? ""
    const text = plainText(content.slice(from))
    shown.push({ kind: "end", key, text, stopped: turn.stoppedAt !== undefined, at, messageId, chatId })
  }
  return shown
}

/** The rows as they are shown. A text that is being written is the last of them. */
export const turnRows = (rows: ReadonlyArray<Row>, state: TimelineState): ReadonlyArray<TimelineRow> => {
  const drafts = draftsOf(rows, state.allLoaded)
  const shown = drafts.flatMap((draft, index): ReadonlyArray<TimelineRow> => {
    if (!("entries" in draft)) return [{ kind: "boundary", key: draft.key, message: draft.message }]
    const { entries, partial, prompt } = draft
    const next = drafts
      .slice(index + 1)
      .find((later): later is Draft => "entries" in later && later.prompt !== undefined)
    const stoppedAt = stopOf(draft, next?.prompt?.message.created_at, state)
    const turn = { prompt: prompt?.message, entries, partial, stoppedAt }
    return rowsOfTurn(turn, prompt, index === drafts.length - 1, state)
  })
  const last = drafts.at(-1)
  const isPlaced = last !== undefined && "entries" in last
  if (isPlaced || state.preview === undefined) return shown
  return [
    ...shown,
    { kind: "agent", key: state.preview, message: undefined, from: 0, to: Infinity, running: state.running },
  ]
}
