import type { AttemptEnd, ChatSteps } from "../contract/steps.ts"
import type { ModelConfigId } from "../contract/ids.ts"
import type { StepCall, StepQueued, StepReply, StepRows, StepTransition } from "../db/chats/steps.ts"
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
  failures = [],
}: Pick<StepRows, "transitions" | "replies"> & Partial<StepRows>): ReadonlyArray<AttemptStep> => {
  const replyAt = new Map(replies.map((reply) => [reply.created_version, reply]))
  // An attempt ends in the transaction of its transition, at the same time to the microsecond.
  const failureAt = new Map(failures.map(({ ended_at, failure }) => [ended_at.getTime(), failure]))
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
      const failure = failureAt.get(transition.created_at.getTime())
      const failed = (end === "retried" || end === "failed") && failure !== undefined ? { failure } : {}
      attempts.push({ ...open, ...first, ...said, ...failed, until: timeOf(transition), ended_version: version, end })
      open = undefined
    }
    const kept = event === "FinishInterruption" ? replyAt.get(version) : undefined
    const stopped = attempts.at(-1)
    // What a stopped reply had said becomes a message once its tools have stopped as well.
    if (kept !== undefined && stopped?.end === "stopped") attempts.splice(-1, 1, { ...stopped, ...replyOf(kept) })
    if (begins(transition)) open = { version, ...modelOf(transition), since: timeOf(transition) }
  }
  return open === undefined ? attempts : [...attempts, open]
}

/** Where the messages of a version came from. Those of the queue enter in their order, before one that was just sent. */
const promptsOf = ({ transitions, prompts, queued }: StepRows): ChatSteps["prompts"] => {
  // An edit throws the queue away: its message comes from nowhere.
  const edits = new Set(transitions.flatMap(({ event, version }) => (event === "EditMessage" ? [version] : [])))
  const waited = new Map<number, Array<StepQueued>>()
  for (const row of queued) {
    if (edits.has(row.removed_version)) continue
    const rows = waited.get(row.removed_version)
    if (rows === undefined) waited.set(row.removed_version, [row])
    else rows.push(row)
  }
  return prompts.map(({ id, created_version: version, removed_version, created_by, created_at }) => {
    const from = waited.get(version)?.shift()
    const sentBy = from?.created_by ?? created_by
    return {
      message_id: id,
      version,
      since: created_at.toISOString(),
      ...(removed_version !== null && { removed_version }),
      ...(sentBy !== null && { sent_by: sentBy }),
      ...(from !== undefined && {
        queued: { version: from.created_version, since: from.created_at.toISOString(), kind: from.kind },
      }),
    }
  })
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

/** One for each version: where one is not kept, the time of the one before it. */
const timesOf = (transitions: ReadonlyArray<StepTransition>): ReadonlyArray<number> => {
  const [first] = transitions
  const times: Array<number> = []
  for (const { version, created_at } of transitions) {
    const place = version - (first?.version ?? version)
    while (times.length < place) times.push(times.at(-1) ?? 0)
    times.push(created_at.getTime() - (first?.created_at.getTime() ?? 0))
  }
  return times
}

/** Calls that were asked for before the first transition are left out. */
export const stepsOf = (rows: StepRows): ChatSteps => {
  const { transitions } = rows
  const first = transitions[0]
  const from = first?.created_at.getTime() ?? 0
  return {
    first_version: first?.version ?? 0,
    last_version: transitions.at(-1)?.version ?? 0,
    began: new Date(from).toISOString(),
    times: timesOf(transitions),
    states: statesOf(transitions),
    prompts: promptsOf(rows),
    attempts: attemptsOf(rows),
    calls: rows.calls.filter(({ created_at }) => created_at.getTime() >= from).map(callOf),
    owners: ownersOf(transitions),
  }
}
