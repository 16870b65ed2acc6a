import { Deferred, Effect, Exit, Scope } from "effect"
import { afterEach, expect, it } from "vitest"
import type { ChatRow } from "../../db/chats/rows.ts"
import type { Orphan } from "../../db/chats/instances.ts"
import { makeTrials, type Trials } from "./trials.ts"

const scopes: Array<Scope.CloseableScope> = []
afterEach(async () => {
  for (const scope of scopes.splice(0)) await Effect.runPromise(Scope.close(scope, Exit.void))
})

/** What a trial reads of a row. */
const rowOf = (id: string, suspicion: number) => ({ id, suspicion, on_trial: true, owner_epoch: 1 }) as ChatRow

const suspect = (id: string, suspicion = 2): Orphan => ({ id, suspicion, recovery_attempts: 0 })

/** A line on which each resumed chat is on trial, for so long that only what it shows ends it. */
const line = async (trialMs = 60_000) => {
  const scope = await Effect.runPromise(Scope.make())
  scopes.push(scope)
  const resumed: Array<string> = []
  const acquitted: Array<string> = []
  const begun = new Map<string, ReturnType<Trials["begin"]>>()
  let suspicion = 2
  const trials: Trials = await Effect.runPromise(
    makeTrials({
      trialMs,
      resume: (chatId) =>
        Effect.sync(() => {
          resumed.push(chatId)
          begun.set(chatId, trials.begin(rowOf(chatId, suspicion)))
        }),
      acquit: ({ id }) => Effect.sync(() => void acquitted.push(id)),
      othersWork: () => false,
    }).pipe(Scope.extend(scope)),
  )
  return { trials, resumed, acquitted, begun, suspicionOf: (given: number) => void (suspicion = given) }
}

it("resumes the next when the one before has shown something, in the order in which they came", async () => {
  const { trials, resumed, acquitted, begun } = await line()
  trials.add([suspect("one"), suspect("two")])
  trials.add([suspect("two"), suspect("three")])
  await expect.poll(() => resumed).toEqual(["one"])
  begun.get("one")?.shown()
  await expect.poll(() => resumed).toEqual(["one", "two"])
  begun.get("two")?.moved()
  await expect.poll(() => resumed).toEqual(["one", "two", "three"])
  expect(acquitted).toEqual(["one", "two"])
})

it("resumes the next when the time of the one before is over", async () => {
  const { trials, resumed, acquitted } = await line(20)
  trials.add([suspect("one"), suspect("two")])
  await expect.poll(() => acquitted).toEqual(["one", "two"])
  expect(resumed).toEqual(["one", "two"])
})

it("is not content with words after a third crash", async () => {
  const { trials, resumed, begun, suspicionOf } = await line()
  suspicionOf(3)
  trials.add([suspect("one", 3), suspect("two", 3)])
  await expect.poll(() => resumed).toEqual(["one"])
  begun.get("one")?.shown()
  await Effect.runPromise(Deferred.make<void>())
  expect(resumed).toEqual(["one"])
  begun.get("one")?.moved()
  await expect.poll(() => resumed).toEqual(["one", "two"])
})

it("tries no chat that is not on trial", async () => {
  const { trials } = await line()
  expect(trials.begin({ ...rowOf("calm", 0), on_trial: false })).toBeUndefined()
})
