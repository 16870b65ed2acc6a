import type { ChatTransition, MachineGraph } from "../../../../src/contract/inspection.ts"
import type { ChatSteps } from "../../../../src/contract/steps.ts"
import type { TraceAbout } from "../trace-source.ts"

/** What led to a version, gathered from the chat's steps and the part of its journal that is about it. */

export type AttemptStep = ChatSteps["attempts"][number]
export type CallStep = ChatSteps["calls"][number]
export type PromptStep = ChatSteps["prompts"][number]

export interface WhyInput {
  readonly steps: ChatSteps
  /** Oldest first, without a hole; those up to `version` are looked at. They may begin in the middle of the chat. */
  readonly transitions: ReadonlyArray<ChatTransition>
  readonly version: number
  /** It is the chat as it is now, of which more is known than of one that has gone on. */
  readonly now: boolean
  readonly definition: MachineGraph
  readonly about: TraceAbout | undefined
  readonly deadlines: ReadonlyArray<{ readonly name: string; readonly at: string }>
  /** Who looks at it. */
  readonly me: string | undefined
}

/** What a state means, as the served machine has it. */
export interface StateMeaning {
  readonly tags: ReadonlySet<string>
  readonly effects: ReadonlySet<string>
}

export const meaningsOf = ({ states }: MachineGraph): ((activity: string) => StateMeaning) => {
  const known = new Map(
    states.map(({ path, tags, effects }) => [path, { tags: new Set(tags), effects: new Set(effects) }]),
  )
  const nothing: StateMeaning = { tags: new Set(), effects: new Set() }
  return (activity) => known.get(`life.${activity}`) ?? nothing
}

export interface TurnFacts {
  /** The transition to the version that is looked at. */
  readonly here: ChatTransition
  /** The one that led into the state, and since when the chat is in it. */
  readonly entered: ChatTransition | undefined
  readonly since: string
  /** With which the turn began that goes on, or that was the last; unknown where the journal does not reach back to it. */
  readonly began: ChatTransition | undefined
  readonly prompt: PromptStep | undefined
  /** Milliseconds in line for a slot. */
  readonly waited: number
  /** Of this turn, as far as they had begun, each as it stood at the version. */
  readonly attempts: ReadonlyArray<AttemptStep>
  readonly calls: ReadonlyArray<CallStep>
  /** Replies of the model that were kept. */
  readonly replies: number
  /** The journal up to the version, of this turn. */
  readonly journal: ReadonlyArray<ChatTransition>
}

/** What had not happened yet is taken away. */
const attemptAt = (attempt: AttemptStep, version: number): AttemptStep => {
  if (attempt.ended_version === undefined || attempt.ended_version <= version) return attempt
  const { version: began, since, model_config_id } = attempt
  return { version: began, since, ...(model_config_id !== undefined && { model_config_id }) }
}

/** A call that was asked for by then. Its end is known by the clock only, so that calls belong to times. */
const callAt = ({ since, until, ...call }: CallStep, next: number): CallStep => ({
  ...call,
  ...(since !== undefined && Date.parse(since) < next && { since }),
  ...(until !== undefined && Date.parse(until) < next && { until }),
})

/** Where one turn ends and the next begins with it, from the queue. */
const GOES_ON_FROM_QUEUE = new Set(["FinishTurn", "FinishInterruption", "CommitCompaction"])
const BEGINS_ANEW = new Set(["EditMessage", "Retry"])

const beginsTurn = ({ event, from, to, detail }: ChatTransition, isResting: (activity: string) => boolean): boolean => {
  if (isResting(to)) return false
  if (isResting(from) || from === "none" || BEGINS_ANEW.has(event) || GOES_ON_FROM_QUEUE.has(event)) return true
  return event === "SendMessage" && detail["busy_behavior"] === "preempt" && from !== to
}

/** Undefined where the journal does not hold the version. */
export const turnFacts = ({ steps, transitions, version, definition }: WhyInput): TurnFacts | undefined => {
  const upTo = transitions.slice(0, transitions.findLastIndex((row) => row.version <= version) + 1)
  const here = upTo.at(-1)
  if (here?.version !== version) return undefined
  const meaning = meaningsOf(definition)
  const isResting = (activity: string) => meaning(activity).tags.has("resting")

  const entered = upTo.findLast(({ from, to }) => from !== to)
  const since =
    steps.states.findLast((state) => state.version <= version)?.since ?? entered?.created_at ?? here.created_at
  // At rest, the turn is the one that has ended.
  const beganAt = upTo.findLastIndex((row) => beginsTurn(row, isResting))
  const began = upTo[beganAt]
  const journal = beganAt === -1 ? upTo : upTo.slice(beganAt)
  const first = began?.version ?? journal[0]?.version ?? version
  const firstTime = Date.parse(began?.created_at ?? journal[0]?.created_at ?? here.created_at)
  const next = transitions[upTo.length]
  const until = next === undefined ? Infinity : Date.parse(next.created_at)
  const hereTime = Date.parse(here.created_at)

  const attempts = steps.attempts
    .filter((attempt) => attempt.version >= first && attempt.version <= version)
    .map((attempt) => attemptAt(attempt, version))
  const waited = steps.states
    .filter(
      ({ activity, version: from }) => from >= first && from <= version && meaning(activity).tags.has("waits-for-slot"),
    )
    .reduce((sum, { since: from, until: end }) => {
      const ended = end === undefined ? hereTime : Math.min(Date.parse(end), hereTime)
      return sum + Math.max(0, ended - Date.parse(from))
    }, 0)
  return {
    here,
    entered,
    since,
    began,
    // An edited turn begins with the message in the place of another; a turn that is tried again, with the one before.
    prompt: steps.prompts.findLast(
      (prompt) => prompt.version <= first && (prompt.removed_version ?? Infinity) > version,
    ),
    waited,
    attempts,
    calls: steps.calls
      .filter(({ asked }) => Date.parse(asked) >= firstTime && Date.parse(asked) <= hereTime)
      .map((call) => callAt(call, until)),
    replies: attempts.filter(({ end }) => end === "replied").length,
    journal,
  }
}
