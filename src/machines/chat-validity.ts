import type { ChatTag } from "./chat-setup.ts"
import { hasTag, isActivity } from "./chat-state.ts"

/**
 * Which rows are a state of the machine. No transition leads out of these; rows that are none of them were changed by hand,
 * restored in part, or written by a version that this one does not know.
 */

/** What of the rows the rules look at. */
export interface StateFacts {
  readonly activity: string
  readonly archived: boolean
  readonly queue: number
  /** Calls that wait for a result of the client, and calls that wait for a person. */
  readonly openCalls: number
  readonly askedCalls: number
  readonly hasDeadline: boolean
}

/** What is wrong with the rows, as the end of a sentence about the chat; undefined for a sound chat. */
export const faultOfState = (facts: StateFacts): string | undefined => {
  const { activity, archived, queue } = facts
  if (!isActivity(activity)) return `is in a state that this version does not know (${activity})`
  const is = (tag: ChatTag) => hasTag(activity, tag)
  if (is("resting") && !is("failed") && queue > 0) return "rests while messages wait in its queue"
  if (archived && !is("resting")) return "is archived and at work"
  if (is("asks-client") && facts.openCalls === 0) return "waits for results of no call"
  if (is("asks-client") && !facts.hasDeadline) return "waits for results without a deadline"
  if (is("asks-person") && facts.askedCalls === 0) return "waits for an approval of no call"
  return undefined
}
