import type { ChatSteps } from "../../../src/contract/steps.ts"

/** For tests and the gallery: a chat's life as it would be served, from what happened and when. */

const BEGAN = Date.parse("2026-06-01T10:00:00.000Z")

export type LifeState = ChatSteps["states"][number]["activity"]

/** In this state from so many milliseconds after the beginning, by an event. */
export type LifeMoment = readonly [ms: number, activity: LifeState, event?: string]

const statusOf = (activity: LifeState): ChatSteps["states"][number]["status"] => {
  const [status] = activity.split(".")
  return (status ?? activity) as ChatSteps["states"][number]["status"]
}

export const at = (ms: number): string => new Date(BEGAN + ms).toISOString()

/** One version for each moment. */
export const lifeOf = (moments: ReadonlyArray<LifeMoment>, more: Partial<ChatSteps> = {}): ChatSteps => ({
  first_version: 1,
  last_version: moments.length,
  began: at(moments[0]?.[0] ?? 0),
  times: moments.map(([ms]) => ms - (moments[0]?.[0] ?? 0)),
  states: moments.map(([ms, activity, event = "Event"], index) => {
    const next = moments[index + 1]
    const state = { version: index + 1, event, activity, status: statusOf(activity), since: at(ms) }
    return next === undefined ? state : { ...state, until: at(next[0]) }
  }),
  prompts: [],
  attempts: [],
  calls: [],
  owners: [{ epoch: 1, version: 1, since: at(moments[0]?.[0] ?? 0) }],
  ...more,
})
