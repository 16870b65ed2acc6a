import type { ChatBoard } from "../../contract/board.ts"
import type { ActivityChangeEvent } from "../../contract/stream.ts"
import type { BoardCall, BoardPart, BoardRow } from "../../db/chats/board.ts"
import { ACTIVITY_WORDS } from "../../machines/activity-words.ts"
import { hasTag, isActivity } from "../../machines/chat-state.ts"
import { approvalToWire, clientCallToWire, usageToWire } from "./chat-wire.ts"
import { cut, lastLines, oneLine } from "./one-line.ts"

/** What a card of a board says of a chat, out of its rows. */

interface Line {
  readonly line: string
  readonly object?: string
}

/** Approvals that a card is told of. */
const SHOWN_APPROVALS = 6
const OUTPUT_LINES = 2

const VERBS: Readonly<Record<string, string>> = {
  edit_files: "Edits",
  execute: "Runs",
  read_file: "Reads",
  write_file: "Writes",
}

/** Words, and what they end with. */
const ending = (words: string, end: string): Line => {
  const object = cut(oneLine(end), 100)
  return object === "" ? { line: oneLine(words) } : { line: oneLine(`${words} ${object}`), object }
}

const workLine = (calls: ReadonlyArray<BoardCall>): Line | undefined => {
  const open = calls.filter(({ finished_at }) => finished_at === null)
  const [first] = open
  if (first === undefined) return undefined
  const { object, tool_name } = first
  const verb = Object.hasOwn(VERBS, tool_name) ? VERBS[tool_name] : undefined
  const words = verb !== undefined && object !== null ? verb : `Runs ${oneLine(tool_name)}`
  if (open.length === 1) return ending(words, object ?? "")
  return { line: oneLine(`${cut(`${words} ${oneLine(object ?? "")}`.trim(), 100)} and ${open.length - 1} more`) }
}

const FILES: ReadonlySet<string> = new Set(["edit_files", "write_file"])

const counted = (count: number, one: string, several: string): ReadonlyArray<string> =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : several}`]

/** `Asks for 2 commands and 1 file` */
const askLine = (asked: ReadonlyArray<BoardCall>, total: number): Line => {
  const commands = asked.filter(({ tool_name }) => tool_name === "execute").length
  const files = asked.filter(({ tool_name }) => FILES.has(tool_name)).length
  const words = [
    ...counted(commands, "command", "commands"),
    ...counted(files, "file", "files"),
    ...(commands + files > 0
      ? counted(total - commands - files, "other call", "other calls")
      : counted(total, "call", "calls")),
  ]
  const last = words.at(-1) ?? ""
  return { line: `Asks for ${words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${last}` : last}` }
}

const questionLine = (calls: ReadonlyArray<BoardCall>): Line | undefined => {
  const [first] = calls
  if (first === undefined) return undefined
  const question = oneLine(first.object ?? "")
  return question === ""
    ? ending("Waits for an answer from outside:", first.tool_name)
    : { line: oneLine(`Asks you: ${question}`) }
}

/** What was shown last, of one kind: text of the model, or the output of a tool. */
const shownText = (parts: ReadonlyArray<BoardPart>, type: string): string => {
  const from = parts.findLastIndex((part) => part.type !== type || part.reset)
  const begins = parts[from]?.type === type ? from : from + 1
  return parts
    .slice(begins)
    .map(({ text }) => text ?? "")
    .join("")
}

const outputOf = (row: BoardRow): ReadonlyArray<string> => {
  const parts = row.parts ?? []
  const last = parts.at(-1)
  if (last === undefined || !hasTag(row.activity, "working")) return []
  if (last.type === "tool-result") return lastLines(shownText(parts, "tool-result"), OUTPUT_LINES)
  return last.type === "text" ? lastLines(shownText(parts, "text"), 1) : []
}

const lineOf = (row: BoardRow): Line => {
  const { activity, calls, last_error, last_turn_summary, parts, retry_state } = row
  const words = { line: ACTIVITY_WORDS[activity] }
  const has = (tag: Parameters<typeof hasTag>[1]) => hasTag(activity, tag)
  if (has("asks-person"))
    return askLine(
      calls.filter(({ approval }) => approval === "asked"),
      calls[0]?.asked ?? 0,
    )
  if (has("asks-client")) return questionLine(calls) ?? words
  if (has("failed")) return last_error === null ? words : { line: oneLine(last_error.message) }
  if (has("backing-off")) return retry_state === null ? words : { line: oneLine(retry_state.error) }
  if (has("works-on-calls")) return workLine(calls) ?? words
  if (has("asks-model") && parts?.at(-1)?.type === "reasoning") return { line: "Thinking" }
  return has("resting") && last_turn_summary !== null ? { line: oneLine(last_turn_summary) } : words
}

const isoTime = (time: string): string => new Date(time).toISOString()

/** A state that this version does not know has no words but its name. */
const knownLine = (row: BoardRow): Line => (isActivity(row.activity) ? lineOf(row) : { line: oneLine(row.activity) })

const asks = (row: BoardRow, tag: "asks-person" | "asks-client"): boolean =>
  isActivity(row.activity) && hasTag(row.activity, tag)

const lookOf = (row: BoardRow): Omit<ChatBoard, "strip"> => {
  const usage = usageToWire(row)
  const asked = asks(row, "asks-person") ? row.calls.filter(({ approval }) => approval === "asked") : []
  const backsOff = isActivity(row.activity) && hasTag(row.activity, "backing-off")
  return {
    version: row.snapshot_version,
    activity: row.activity,
    since: isoTime(row.moves.at(-1)?.since ?? new Date(0).toISOString()),
    ...knownLine(row),
    asked: asked[0]?.asked ?? 0,
    approvals: asked
      .filter(({ args_long }) => !args_long)
      .slice(0, SHOWN_APPROVALS)
      .map(approvalToWire),
    tool_calls: asks(row, "asks-client") ? row.calls.filter(({ args_long }) => !args_long).map(clientCallToWire) : [],
    output: isActivity(row.activity) ? outputOf(row) : [],
    ...(backsOff && row.retry_state !== null && { retry: row.retry_state }),
    ...(row.queue_position !== null && { queue_position: row.queue_position }),
    ...(row.cost_micros !== null && { cost_micros: row.cost_micros }),
    ...(usage !== undefined && { usage }),
  }
}

/** @param from the beginning of the strip, in milliseconds since the epoch: what ended before it is left out */
export const boardToWire = (row: BoardRow, from: number): ChatBoard => {
  const states = row.moves.map(({ activity, since }) => ({ activity, since: isoTime(since) }))
  const first = states.findLastIndex(({ since }) => Date.parse(since) <= from)
  return { ...lookOf(row), strip: states.slice(Math.max(0, first)) }
}

export const activityEvent = (row: BoardRow): ActivityChangeEvent => ({
  kind: "activity_change",
  chat_id: row.id,
  ...lookOf(row),
})
