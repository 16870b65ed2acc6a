import type { ChatTransition } from "../../../../src/contract/inspection.ts"
import type { WhyInput } from "./turn-facts.ts"

/** Lives of chats in a few lines. */

const BEGAN = new Date(2026, 10, 12, 14, 0, 0).getTime()
export const at = (second: number) => new Date(BEGAN + second * 1000)

export const [G, X, C, B, I, T, A] = [
  "running.generating",
  "running.executing",
  "running.compacting",
  "running.backing_off",
  "running.interrupting",
  "requires_action.client_tools",
  "requires_action.approval",
]

export type Line = readonly [string, string, Readonly<Record<string, unknown>>?]

/** Events that people send; all others are the chat's own. */
const BY_PEOPLE = new Set([
  "Create",
  "SendMessage",
  "EditMessage",
  "Interrupt",
  "Retry",
  "DecideApproval",
  "SetMode",
  "RequestCompaction",
  "ClearContext",
])

/** One event a second from 14:00:00 on: its name, the state that it leads to, and details. `by` is who did it; `epoch` whose chat it is. */
export const lifeOf = (lines: ReadonlyArray<Line>) => {
  let from = "none"
  return lines.map(([event, to, { by, epoch, ...detail } = {}], index) => {
    const row = {
      version: index + 1,
      event,
      detail,
      from_activity: from,
      to_activity: to,
      epoch: typeof epoch === "number" ? epoch : 1,
      created_at: at(index),
      by: typeof by === "string" ? by : BY_PEOPLE.has(event) ? "olga" : undefined,
    }
    from = to
    return row
  })
}

/** A row of a call, as the server's database has it. */
interface CallRow {
  readonly id: string
  readonly message_id: number
  readonly provider_call_id: string
  readonly tool_name: string
  readonly state: "planned" | "started" | "done" | "canceled"
  readonly is_error: boolean | null
  readonly approval: "asked" | "approved" | "denied" | null
  readonly created_at: Date
  readonly started_at: Date | null
  readonly finished_at: Date | null
}

export const call = (name: string, asked: number, more: Partial<CallRow> = {}): CallRow => ({
  id: `${name} ${asked}`,
  message_id: 1,
  provider_call_id: `${name} ${asked}`,
  tool_name: name,
  state: "done",
  is_error: null,
  approval: null,
  created_at: at(asked),
  started_at: at(asked),
  finished_at: null,
  ...more,
})

export const about: NonNullable<WhyInput["about"]> = {
  title: "A chat",
  ownerId: "olga",
  ownerName: "olga",
  models: new Map([["m", "Large"]]),
  lastError: undefined,
  queuePosition: 2,
}

/** The rows of a life as the API tells of them. */
export const transitionsOf = (life: ReturnType<typeof lifeOf>): ReadonlyArray<ChatTransition> =>
  life.map(({ version, event, detail, from_activity, to_activity, epoch, created_at, by }) => ({
    ...{ version, event, detail, epoch, machine_version: 1 },
    ...{ from: from_activity, to: to_activity, created_at: created_at.toISOString() },
    ...(by !== undefined && { actor_user_id: by }),
  }))
