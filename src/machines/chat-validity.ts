import { chatMachine } from "./chat-machine.ts"

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

type States = typeof chatMachine.root.states

const leafPaths = (states: States, parent = ""): ReadonlyArray<string> =>
  Object.entries(states).flatMap(([name, node]) =>
    Object.keys(node.states).length === 0 ? [parent + name] : leafPaths(node.states, `${parent}${name}.`),
  )

const activities = new Set(leafPaths(chatMachine.root.states["life"]?.states ?? {}))
activities.delete("none")

export const isActivity = (activity: string): boolean => activities.has(activity)

const RESTING: ReadonlyArray<string> = ["waiting", "error"]

/** What is wrong with the rows, as the end of a sentence about the chat; undefined for a sound chat. */
export const faultOfState = (facts: StateFacts): string | undefined => {
  const { activity, archived, queue } = facts
  if (!isActivity(activity)) return `is in a state that this version does not know (${activity})`
  if (activity === "waiting" && queue > 0) return "rests while messages wait in its queue"
  if (archived && !RESTING.includes(activity)) return "is archived and at work"
  if (activity === "requires_action.client_tools" && facts.openCalls === 0) return "waits for results of no call"
  if (activity === "requires_action.client_tools" && !facts.hasDeadline) return "waits for results without a deadline"
  if (activity === "requires_action.approval" && facts.askedCalls === 0) return "waits for an approval of no call"
  return undefined
}
