import type { ChatSteps } from "../../../../src/contract/steps.ts"
import { isIn } from "../../chats/status.ts"
import { duration } from "../../chats/time.ts"
import { money, tokens } from "../figures.ts"
import { handOversOf, type Turn, turnsOf } from "../scrubber/marks.ts"

/** The chat's steps as rows of a waterfall: each wait, admission, attempt and tool call, in the order they began. */

/** `asked`: until the first token. */
export type BarLook =
  | "wait"
  | "asked"
  | "streaming"
  | "tool"
  | "backoff"
  | "approval"
  | "question"
  | "handover"
  | "other"

export interface Bar {
  readonly look: BarLook
  readonly from: number
  /** Undefined while it goes on. */
  readonly to: number | undefined
}

export interface StepRow {
  readonly key: string
  readonly label: string
  /** What the row before it, that is not so, brought about. */
  readonly within: boolean
  /** That it leads to. */
  readonly version: number
  readonly from: number
  readonly to: number | undefined
  readonly bars: ReadonlyArray<Bar>
  /** What it took: tokens, or time. */
  readonly took: string
  readonly cost: string
  /** The call's own id, of a call. */
  readonly callId?: string
  /** It came to nothing, or went wrong. */
  readonly broken: boolean
  /** When what it said was kept. */
  readonly kept: number | undefined
}

type Attempt = ChatSteps["attempts"][number]
type Call = ChatSteps["calls"][number]
type State = ChatSteps["states"][number]

const ms = (time: string): number => Date.parse(time)
const msOrNot = (time: string | undefined): number | undefined => (time === undefined ? undefined : ms(time))

const took = (from: number, to: number | undefined): string => (to === undefined ? "" : duration(to - from))

/** How an attempt ended that said nothing that stayed. */
const ENDS: Readonly<Record<NonNullable<Attempt["end"]>, string>> = {
  replied: "",
  retried: "tried again",
  failed: "failed",
  stopped: "stopped",
  edited: "edited away",
  yielded: "gave its slot up",
  crashed: "cut off",
  repaired: "repaired",
}

const usageOf = ({ end, usage }: Attempt): string => {
  const input = usage?.input_tokens
  const output = usage?.output_tokens
  const words = end === undefined ? "" : ENDS[end]
  if (input === undefined && output === undefined) return words
  return `${tokens(input ?? 0)} → ${tokens(output ?? 0)}`
}

const attemptBars = ({ first_token, since, until }: Attempt): ReadonlyArray<Bar> => {
  const to = msOrNot(until)
  if (first_token === undefined) return [{ look: "asked", from: ms(since), to }]
  const first = Math.min(ms(first_token), to ?? Infinity)
  return [
    { look: "asked", from: ms(since), to: first },
    { look: "streaming", from: first, to },
  ]
}

const attemptRow = (attempt: Attempt, label: string): StepRow => {
  const kept = attempt.end === "replied"
  return {
    key: `a${attempt.version}`,
    label,
    within: false,
    version: attempt.version,
    from: ms(attempt.since),
    to: msOrNot(attempt.until),
    bars: attemptBars(attempt),
    took: usageOf(attempt),
    cost: attempt.cost_micros === undefined ? "" : money(attempt.cost_micros),
    broken: attempt.end !== undefined && !kept,
    kept: kept ? msOrNot(attempt.until) : undefined,
  }
}

const calls: Readonly<Record<Call["state"], string>> = {
  planned: "not run",
  started: "",
  done: "",
  canceled: "stopped",
}

const callRow = (call: Call, version: number): StepRow => {
  const from = ms(call.since ?? call.asked)
  const to = msOrNot(call.until) ?? (call.since === undefined ? from : undefined)
  return {
    key: `c${call.id}`,
    label: call.tool_name,
    callId: call.tool_call_id,
    within: true,
    version,
    from,
    to,
    bars: call.since === undefined ? [] : [{ look: "tool", from, to }],
    took: call.approval === "denied" ? "denied" : calls[call.state] || took(from, to),
    cost: "",
    broken: call.is_error === true || call.state === "canceled",
    kept: undefined,
  }
}

const stateRow = (state: State, label: string, look: BarLook, within: boolean): StepRow => {
  const from = ms(state.since)
  const to = msOrNot(state.until)
  const row = { key: `s${state.version}`, label, within, version: state.version, from, to, cost: "", broken: false }
  return { ...row, bars: [{ look, from, to }], took: took(from, to), kept: undefined }
}

/** Rows of the states that are waited in; the work in the others has rows of its own. */
const waitingRow = (state: State): StepRow | undefined => {
  if (isIn(state, "pending")) return stateRow(state, "Wait for a slot", "wait", false)
  if (isIn(state, "running.backing_off")) return stateRow(state, "Back off", "backoff", true)
  if (isIn(state, "running.interrupting")) return stateRow(state, "Stop", "other", false)
  if (isIn(state, "requires_action.approval")) return stateRow(state, "Approval", "approval", false)
  return state.status === "requires_action" ? stateRow(state, "Answer from outside", "question", false) : undefined
}

const instant = (key: string, label: string, version: number, time: number, tookWords: string): StepRow => {
  const row = { key, label, within: false, version, from: time, to: time, bars: [], cost: "", broken: false }
  return { ...row, took: tookWords, kept: time }
}

/** Attempts with the number of their step within the turn, and of the try where a step took more than one. */
const attemptRows = (attempts: ReadonlyArray<Attempt>, turns: ReadonlyArray<Turn>, states: ReadonlyArray<State>) => {
  const rows: Array<StepRow> = []
  let group: Array<Attempt> = []
  let turn = 0
  let state = 0
  let step = 0
  const flush = () => {
    const [first] = group
    if (first === undefined) return
    while ((states[state + 1]?.version ?? Infinity) <= first.version) state += 1
    const current = states[state]
    const compacts = current !== undefined && isIn(current, "running.compacting")
    if (!compacts) step += 1
    const name = compacts ? "Compact" : `Step ${step}`
    rows.push(
      ...group.map((attempt, index) => attemptRow(attempt, group.length === 1 ? name : `${name}, try ${index + 1}`)),
    )
    group = []
  }
  for (const attempt of attempts) {
    const from = ms(attempt.since)
    while (turns[turn + 1] !== undefined && from >= (turns[turn + 1]?.from ?? Infinity)) {
      flush()
      step = 0
      turn += 1
    }
    group.push(attempt)
    if (attempt.end === "replied") flush()
  }
  flush()
  return rows
}

/** All rows of the chat, in the order they began. */
export const waterfallOf = (steps: ChatSteps, end: number): ReadonlyArray<StepRow> => {
  const replyVersion = new Map(steps.attempts.map(({ ended_version, message_id }) => [message_id, ended_version]))
  const turns = turnsOf(steps, end)
  const rows: Array<StepRow> = [
    ...steps.states.flatMap((state) => {
      const row = waitingRow(state)
      const admitted =
        state.event === "Admit" ? [instant(`d${state.version}`, "Admit", state.version, ms(state.since), "")] : []
      return row === undefined ? admitted : [...admitted, row]
    }),
    ...attemptRows(steps.attempts, turns, steps.states),
    ...steps.calls.map((call) => callRow(call, replyVersion.get(call.message_id) ?? steps.first_version)),
    ...handOversOf(steps).map(({ epoch, since, version }): StepRow => {
      const at = ms(since)
      const row = instant(`h${version}`, "Hand-over", version, at, `epoch ${epoch}`)
      return { ...row, within: true, bars: [{ look: "handover", from: at, to: at }], kept: undefined }
    }),
  ]
  const rank = ({ key }: StepRow) => "sdhac".indexOf(key.slice(0, 1))
  return rows.sort((a, b) => a.from - b.from || a.version - b.version || rank(a) - rank(b))
}

/** The rows that have something between two times. */
export const rowsBetween = (rows: ReadonlyArray<StepRow>, from: number, to: number): ReadonlyArray<StepRow> =>
  rows.filter((row) => row.from < to && row.from >= from)

/** What rows came to: their time and what they cost. */
export const costOf = (attempts: ReadonlyArray<Attempt>): number | undefined => {
  const costs = attempts.flatMap(({ cost_micros }) => (cost_micros === undefined ? [] : [cost_micros]))
  return costs.length === 0 ? undefined : costs.reduce((sum, cost) => sum + cost, 0)
}

/** A row in words, for who does not see its bars. */
export const rowWords = ({ broken, cost, from, label, to, took: says, version }: StepRow, object = ""): string => {
  const time = to === undefined ? "goes on" : took(from, to)
  const parts = [
    `${label} ${object}`.trim(),
    time,
    says === time ? "" : says,
    cost,
    broken ? "came to nothing" : "",
    `version ${version}`,
  ]
  return parts.filter((part) => part !== "").join(", ")
}
