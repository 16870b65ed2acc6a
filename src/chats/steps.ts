import type { AttemptEnd, ChatSteps } from "../contract/steps.ts"
import type { ModelConfigId } from "../contract/ids.ts"
import type { StepCall, StepReply, StepRows, StepTransition } from "../db/chats/steps.ts"
import { usageToWire } from "../actors/streams/chat-wire.ts"
import { hasTag, isActivity, statusOf } from "../machines/chat-state.ts"

/** A chat's life on a time axis, out of its journal. */

type StateStep = ChatSteps["states"][number]
type AttemptStep = ChatSteps["attempts"][number]

export const asksModel = (activity: string): boolean => isActivity(activity) && hasTag(activity, "asks-model")

const timeOf = ({ created_at }: StepTransition) => created_at.toISOString()

const statesOf = (transitions: ReadonlyArray<StepTransition>): ReadonlyArray<StateStep> => {
  const states: Array<StateStep> = []
  for (const transition of transitions) {
    const { to_activity: activity, event, version } = transition
    const last = states.at(-1)
    if (last?.activity === activity || !isActivity(activity)) continue
    const since = timeOf(transition)
    if (last !== undefined) states[states.length - 1] = { ...last, until: since }
    states.push({ version, event, activity, status: statusOf(activity), since })
  }
  return states
}

/** What an event means for the attempt that it ends; all others leave it alone as long as the model is asked. */
const ENDS: Readonly<Record<string, AttemptEnd>> = {
  RecordToolCalls: "replied",
  FinishTurn: "replied",
  CommitCompaction: "replied",
  RecordRetryState: "retried",
  FinishError: "failed",
  EditMessage: "edited",
  Yield: "yielded",
  RecordGenerationAttempt: "crashed",
  ReconcileInvalidState: "repaired",
}

/**
 * Events after which it is known whether an attempt is open, whatever was before; so it is after each change of the state, and
 * after one that came with a slot.
 */
export const TURNING_EVENTS: ReadonlyArray<string> = [...Object.keys(ENDS), "Admit", "Steer"]

/** Where it begins: by an event of its own, or by the one that came with a slot. */
const begins = ({ event, detail, to_activity }: StepTransition): boolean =>
  asksModel(to_activity) && (event === "RecordGenerationAttempt" || event === "Admit" || detail["slot"] === "granted")

const modelOf = ({ detail }: StepTransition) => {
  const id = detail["model_config_id"]
  return typeof id === "string" ? { model_config_id: id as ModelConfigId } : {}
}

/** Told by the event that ends the attempt, as milliseconds since its beginning. */
const firstTokenOf = ({ since }: AttemptStep, { detail }: StepTransition) => {
  const ms = detail["first_token_ms"]
  return typeof ms === "number" ? { first_token: new Date(Date.parse(since) + ms).toISOString() } : {}
}

const replyOf = (reply: StepReply) => {
  const usage = usageToWire(reply)
  return {
    ...(reply.model_config_id !== null && { model_config_id: reply.model_config_id }),
    message_id: reply.id,
    ...(usage !== undefined && { usage }),
    ...(reply.total_cost_micros !== null && { cost_micros: reply.total_cost_micros }),
  }
}

/** Without an attempt that began before the first of the transitions. */
export const attemptsOf = ({
  transitions,
  replies,
}: Pick<StepRows, "transitions" | "replies">): ReadonlyArray<AttemptStep> => {
  const replyAt = new Map(replies.map((reply) => [reply.created_version, reply]))
  const attempts: Array<AttemptStep> = []
  let open: AttemptStep | undefined
  for (const transition of transitions) {
    const { event, version, to_activity } = transition
    // A message that steers comes before anything is asked of the model.
    if (event === "Steer") open = undefined
    if (open !== undefined && (!asksModel(to_activity) || ENDS[event] !== undefined)) {
      const reply = replyAt.get(version)
      const end = ENDS[event] ?? "stopped"
      const said = end === "replied" && reply !== undefined ? replyOf(reply) : {}
      const first = firstTokenOf(open, transition)
      attempts.push({ ...open, ...first, ...said, until: timeOf(transition), ended_version: version, end })
      open = undefined
    }
    if (begins(transition)) open = { version, ...modelOf(transition), since: timeOf(transition) }
  }
  return open === undefined ? attempts : [...attempts, open]
}

/** The attempt that is open after the last of the transitions. */
export const openAttemptOf = (transitions: ReadonlyArray<StepTransition>): AttemptStep | undefined => {
  const last = attemptsOf({ transitions, replies: [] }).at(-1)
  return last?.until === undefined ? last : undefined
}

export const callOf = (call: StepCall): ChatSteps["calls"][number] => ({
  id: call.id,
  tool_call_id: call.provider_call_id,
  tool_name: call.tool_name,
  message_id: call.message_id,
  asked: call.created_at.toISOString(),
  ...(call.started_at !== null && { since: call.started_at.toISOString() }),
  ...(call.finished_at !== null && { until: call.finished_at.toISOString() }),
  state: call.state,
  ...(call.is_error !== null && { is_error: call.is_error }),
  ...(call.approval !== null && { approval: call.approval }),
})

const ownersOf = (transitions: ReadonlyArray<StepTransition>): ChatSteps["owners"] =>
  transitions.flatMap((transition, index) => {
    const { epoch, version } = transition
    return transitions[index - 1]?.epoch === epoch ? [] : [{ epoch, version, since: timeOf(transition) }]
  })

/** Calls that were asked for before the first transition are left out. */
export const stepsOf = (rows: StepRows): ChatSteps => {
  const { transitions } = rows
  const first = transitions[0]
  const from = first?.created_at.getTime() ?? 0
  return {
    first_version: first?.version ?? 0,
    last_version: transitions.at(-1)?.version ?? 0,
    states: statesOf(transitions),
    attempts: attemptsOf(rows),
    calls: rows.calls.filter(({ created_at }) => created_at.getTime() >= from).map(callOf),
    owners: ownersOf(transitions),
  }
}
