import type { ChatTransition } from "../../../../src/contract/inspection.ts"
import type { ChatSteps } from "../../../../src/contract/steps.ts"
import { duration } from "../../chats/time.ts"
import { eventWords } from "./event-words.ts"
import { triesUpTo } from "./failure.ts"
import type { AttemptStep, CallStep, PromptStep } from "./turn-facts.ts"
import { between, capital, clock, counted, type People, person, shortened } from "./words.ts"

/** Why one message or tool call is in the conversation, and how it came there: lines for people. */

export type Subject =
  | { readonly kind: "message"; readonly id: number }
  /** By the provider's id. */
  | { readonly kind: "call"; readonly id: string }

export interface Reason {
  /** `Sent by olga` */
  readonly text: string
  /** The clock, a duration, tokens. */
  readonly fact?: string
  /** Somebody's own words about it. */
  readonly words?: string
}

export interface MessageWhy {
  readonly reasons: ReadonlyArray<Reason>
  /** With which it came. */
  readonly version: number | undefined
}

export interface MessageWhyInput extends People {
  readonly steps: ChatSteps
  /** The journal around it, as far as it was read. */
  readonly transitions: ReadonlyArray<ChatTransition>
}

const isCall = ({ tool_call_id, id }: CallStep, wanted: string): boolean => tool_call_id === wanted || id === wanted

/** Where in the journal a subject is, so that it is read around there. */
export const versionOf = ({ attempts, calls, prompts }: ChatSteps, subject: Subject): number | undefined => {
  if (subject.kind === "message") {
    const attempt = attempts.find(({ message_id }) => message_id === subject.id)
    return prompts.find(({ message_id }) => message_id === subject.id)?.version ?? attempt?.ended_version
  }
  const call = calls.findLast((one) => isCall(one, subject.id))
  return attempts.find(({ message_id }) => call !== undefined && message_id === call.message_id)?.ended_version
}

const tokens = (count: number | undefined): string =>
  count === undefined ? "?" : count < 1000 ? String(count) : `${(count / 1000).toFixed(1)}k`

/** Millionths, not rounded: of the currency that the prices are in. */
const money = (micros: number): string => `$${(micros / 1_000_000).toFixed(6).replace(/0{1,4}$/, "")}`

/** How a message got from the queue into the conversation, by the event that took it there. */
const entrance = (prompt: PromptStep, { transitions, ...people }: MessageWhyInput): string => {
  const row = transitions.find(({ version }) => version === prompt.version)
  const by = person(row?.actor_user_id, people)
  switch (row?.event) {
    case "Steer":
      return "Went into the running turn, after its step"
    case "PromoteQueuedMessage":
      return `Sent at once${by === undefined ? "" : ` by ${by}`}`
    case "FinishTurn":
    case "CommitCompaction":
      return "Went in when the turn before it had ended"
    case "FinishInterruption":
      return "Went in when the turn before it had stopped"
    default:
      return "Went into the conversation"
  }
}

/** In line for a slot right after a version. */
const slotWait = ({ states }: ChatSteps, { version }: PromptStep): ReadonlyArray<Reason> => {
  const state = states.find((one) => one.version === version)
  return state?.status === "pending" && state.until !== undefined
    ? [{ text: "Waited for a free slot", fact: between(state.since, state.until) }]
    : []
}

/** When the model was asked for the first time after it. */
const firstAsked = ({ attempts }: ChatSteps, { version, since }: PromptStep): ReadonlyArray<Reason> => {
  const attempt = attempts.find((one) => one.version >= version)
  if (attempt === undefined) return []
  const fact = attempt.version === version ? "at once" : `after ${between(since, attempt.since)}`
  return [{ text: "The model was asked", fact }]
}

const promptReasons = (prompt: PromptStep, input: MessageWhyInput): ReadonlyArray<Reason> => {
  const sender = person(prompt.sent_by, input)
  const { queued } = prompt
  const sent = queued?.since ?? prompt.since
  const by = sender === undefined ? "" : ` by ${sender}`
  return [
    {
      text: `${queued === undefined ? "Sent" : queued.kind === "steer" ? "Sent to steer" : "Queued"}${by}`,
      fact: clock(sent),
    },
    ...(queued === undefined
      ? []
      : [
          { text: "Waited in the queue", fact: between(queued.since, prompt.since) },
          { text: entrance(prompt, input), fact: clock(prompt.since) },
        ]),
    ...slotWait(input.steps, prompt),
    ...firstAsked(input.steps, prompt),
    ...(prompt.removed_version === undefined
      ? []
      : [{ text: "Taken away by an edit", fact: `version ${prompt.removed_version}` }]),
  ]
}

const lostBefore = ({ attempts }: ChatSteps, attempt: AttemptStep): ReadonlyArray<Reason> => {
  const at = attempts.indexOf(attempt)
  const kept = attempts.slice(0, at).findLastIndex(({ end }) => end === "replied")
  return attempts.slice(kept + 1, at).flatMap(({ end, until, failure }, index): ReadonlyArray<Reason> => {
    if (end !== "retried" && end !== "crashed" && end !== "failed") return []
    const words = failure?.detail ?? failure?.message
    return [
      {
        text: `Try ${index + 1} ${end === "crashed" ? "was cut off" : "failed"}`,
        ...(until !== undefined && { fact: clock(until) }),
        ...(words !== undefined && { words: shortened(words, 200) }),
      },
    ]
  })
}

const replyReasons = (attempt: AttemptStep, { steps, about }: MessageWhyInput): ReadonlyArray<Reason> => {
  const { since, until, first_token, usage, cost_micros, model_config_id } = attempt
  const tries = triesUpTo(steps.attempts, attempt.version)
  const model = about?.models.get(model_config_id ?? "")
  const again = tries > 1 ? `, try ${tries}` : ""
  return [
    ...lostBefore(steps, attempt),
    { text: `Asked of ${model ?? "the model"}${again}`, fact: clock(since) },
    ...(first_token === undefined ? [] : [{ text: "First word after", fact: between(since, first_token) }]),
    ...(until === undefined
      ? []
      : [{ text: attempt.end === "stopped" ? "Stopped after" : "Whole after", fact: between(since, until) }]),
    ...(usage === undefined
      ? []
      : [{ text: "Tokens read and written", fact: `${tokens(usage.input_tokens)} → ${tokens(usage.output_tokens)}` }]),
    ...(cost_micros === undefined ? [] : [{ text: "Cost", fact: money(cost_micros) }]),
  ]
}

const DECIDES = new Set(["DecideApproval", "SetToolPolicy"])

const approvalReasons = (call: CallStep, { transitions, ...people }: MessageWhyInput): ReadonlyArray<Reason> => {
  if (call.approval === undefined) return []
  const asked = Date.parse(call.asked)
  const decided = transitions.findLast(
    ({ event, created_at }) =>
      DECIDES.has(event) &&
      Date.parse(created_at) >= asked &&
      (call.since === undefined || Date.parse(created_at) <= Date.parse(call.since)),
  )
  if (call.approval === "asked") return [{ text: "Waits for an approval, as the rules for tools ask before it" }]
  const by = person(decided?.actor_user_id, people)
  return [
    {
      text: `${call.approval === "approved" ? "Approved" : "Denied"}${by === undefined ? "" : ` by ${by}`}`,
      ...(decided !== undefined && {
        fact: `${clock(decided.created_at)}, after ${between(call.asked, decided.created_at)}`,
      }),
    },
  ]
}

const callReasons = (call: CallStep, input: MessageWhyInput): ReadonlyArray<Reason> => {
  const stop = input.transitions.find(
    ({ event, detail }) => event === "StopToolCall" && detail["tool_call_id"] === call.id,
  )
  const by = person(stop?.actor_user_id, input)
  return [
    { text: "The model asked for it", fact: clock(call.asked) },
    ...approvalReasons(call, input),
    ...(call.since === undefined
      ? call.until === undefined
        ? []
        : [{ text: "Answered without being run", fact: clock(call.until) }]
      : [{ text: "Began", fact: clock(call.since) }]),
    ...(stop === undefined
      ? []
      : [{ text: `${capital(eventWords(stop))}${by === undefined ? "" : `: ${by}`}`, fact: clock(stop.created_at) }]),
    ...(call.since === undefined || call.until === undefined
      ? []
      : [
          {
            text: call.is_error === true ? "Failed after" : call.state === "canceled" ? "Stopped after" : "Ended after",
            fact: duration(Date.parse(call.until) - Date.parse(call.since)),
          },
        ]),
    ...(call.since !== undefined && call.until === undefined && call.state === "started" ? [{ text: "Runs" }] : []),
  ]
}

const NOT_KNOWN: ReadonlyArray<Reason> = [{ text: "It is older than what is kept of this chat's steps." }]

/** What is known of it. The steps of a chat reach back 20,000 versions. */
export const messageWhy = (subject: Subject, input: MessageWhyInput): MessageWhy => {
  const { steps } = input
  const version = versionOf(steps, subject)
  if (subject.kind === "call") {
    const call = steps.calls.findLast((one) => isCall(one, subject.id))
    return { version, reasons: call === undefined ? NOT_KNOWN : callReasons(call, input) }
  }
  const prompt = steps.prompts.find(({ message_id }) => message_id === subject.id)
  if (prompt !== undefined) return { version, reasons: promptReasons(prompt, input) }
  const attempt = steps.attempts.find(({ message_id }) => message_id === subject.id)
  if (attempt === undefined) return { version, reasons: NOT_KNOWN }
  const calls = steps.calls.filter(({ message_id }) => message_id === subject.id).length
  return {
    version,
    reasons: [
      ...replyReasons(attempt, input),
      ...(calls === 0 ? [] : [{ text: "Asked for", fact: counted(calls, "call") }]),
    ],
  }
}
