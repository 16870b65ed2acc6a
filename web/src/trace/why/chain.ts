import { duration } from "../../chats/time.ts"
import { eventWords } from "./event-words.ts"
import type { TurnFacts, WhyInput } from "./turn-facts.ts"
import { clock, counted, person, shortened } from "./words.ts"

/** One link of what led to a version; where it was a transition, it can be gone to. */
export interface ChainLink {
  readonly text: string
  readonly version?: number
}

const QUEUED = { queue: "queued", steer: "sent to steer" } as const

/** How the turn began: who said something, and where it waited. */
const beginning = ({ began, prompt }: TurnFacts, input: WhyInput): ReadonlyArray<ChainLink> => {
  if (began === undefined) return []
  const by = person(began.actor_user_id, input)
  if (prompt !== undefined && prompt.version === began.version) {
    const sender = person(prompt.sent_by, input) ?? by
    const who = sender === undefined ? "" : `${sender} `
    const { queued } = prompt
    if (queued !== undefined) {
      return [
        { text: `${who}${QUEUED[queued.kind]} ${clock(queued.since)}`, version: queued.version },
        {
          text: `went in ${clock(prompt.since)}, after ${duration(Date.parse(prompt.since) - Date.parse(queued.since))}`,
          version: prompt.version,
        },
      ]
    }
    const did = began.event === "EditMessage" ? "edited" : "sent"
    return [{ text: `${who}${did} ${clock(prompt.since)}`, version: prompt.version }]
  }
  const who = by === undefined ? "" : `${by} `
  return [{ text: `${who}${eventWords(began)} ${clock(began.created_at)}`, version: began.version }]
}

const work = ({ attempts, calls, replies, entered }: TurnFacts): ReadonlyArray<ChainLink> => {
  const ran = [
    ...(replies > 0 ? [counted(replies, "step")] : []),
    ...(calls.length > 0 ? [counted(calls.length, "call")] : []),
  ]
  const lost = attempts.filter(({ end }) => end === "retried")
  const failed = lost.at(-1)
  // The next try has not been made: what was said of this one is said beside.
  const waits = failed !== undefined && failed.ended_version === entered?.version
  const said = waits ? undefined : (failed?.failure?.detail ?? failed?.failure?.message)
  const retries = waits ? `${counted(lost.length, "try", "tries")} failed` : counted(lost.length, "retry", "retries")
  const crashed = attempts.filter(({ end }) => end === "crashed").length
  return [
    ...(ran.length > 0 ? [{ text: ran.join(", ") }] : []),
    ...(failed !== undefined
      ? [
          {
            text: `${retries}${said === undefined ? "" : `: “${shortened(said)}”`}`,
            ...(failed.ended_version !== undefined && { version: failed.ended_version }),
          },
        ]
      : []),
    ...(crashed > 0 ? [{ text: `${counted(crashed, "try", "tries")} cut off` }] : []),
  ]
}

/** Other owners that the chat went to meanwhile. */
const owners = ({ journal }: TurnFacts): ReadonlyArray<ChainLink> =>
  journal.flatMap((row, index) => {
    const before = journal[index - 1]
    return before === undefined || before.epoch === row.epoch
      ? []
      : [{ text: `epoch ${row.epoch} ${clock(row.created_at)}`, version: row.version }]
  })

/** From who sent it to what happened last, each with the clock. */
export const chainOf = (facts: TurnFacts, input: WhyInput): ReadonlyArray<ChainLink> => {
  const { began, here, waited, journal } = facts
  const from = began === undefined ? journal[0] : undefined
  const by = person(here.actor_user_id, input)
  const last = {
    text: `${by === undefined ? "" : `${by} `}${eventWords(here)} ${clock(here.created_at)}`,
    version: here.version,
  }
  return [
    ...(from === undefined ? [] : [{ text: `began before version ${from.version}` }]),
    ...beginning(facts, input),
    ...(waited > 0 ? [{ text: `waited ${duration(waited)} for a slot` }] : []),
    ...work(facts),
    ...owners(facts),
    ...(began?.version === here.version ? [] : [last]),
  ]
}
