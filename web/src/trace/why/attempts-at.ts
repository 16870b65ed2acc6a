import type { Attempt } from "../../../../src/contract/chats.ts"
import type { ChatSteps } from "../../../../src/contract/steps.ts"

/** The attempts that had come to nothing by a version, so that a conversation of then shows the lost texts of then. */
export const attemptsAt = (
  attempts: ReadonlyArray<Attempt>,
  { attempts: steps, states }: ChatSteps,
  version: number,
): ReadonlyArray<Attempt> => {
  const now = states.findLast((state) => state.version <= version)?.since
  // An attempt ends in the transaction of the transition that ends it, at the same time.
  const endedAt = new Map(steps.map(({ until, ended_version }) => [until, ended_version]))
  return attempts.filter(({ ended_at }) => {
    if (ended_at === null) return false
    const ended = endedAt.get(ended_at)
    return ended === undefined ? now !== undefined && Date.parse(ended_at) <= Date.parse(now) : ended <= version
  })
}
