import { describe, expect, it } from "vitest"
import { accepts } from "./chat-accepts.ts"
import { chatMachine } from "./chat-machine.ts"
import { initialContext, QUEUE_LIMIT } from "./chat-setup.ts"
import { type Activity, snapshotOf } from "./chat-state.ts"
import { refuses } from "./refused-events.ts"

const stateOf = (activity: Activity, context: Partial<typeof initialContext> = {}) =>
  snapshotOf({ activity, planMode: false, mode: null, context: { ...initialContext, ...context } })

const reasons = (...of: Parameters<typeof stateOf>) =>
  Object.fromEntries(refuses(stateOf(...of)).map(({ event, reason }) => [event, reason]))

describe("events that are refused", () => {
  it("say what would have to be otherwise", () => {
    expect(reasons("waiting", { archived: true })).toEqual({
      SendMessage: "The chat is archived.",
      EditMessage: "The chat is archived.",
      RequestCompaction: "The chat is archived.",
      ClearContext: "The chat is archived.",
      FinishError: "The chat is archived.",
      SetToolPolicy: "The chat is archived.",
    })
    expect(reasons("waiting")).toEqual({})
    expect(reasons("running.generating", { queue: QUEUE_LIMIT })).toEqual({
      SendMessage: `The queue is full: ${QUEUE_LIMIT} messages wait in it.`,
      Steer: "No message waits to steer the turn.",
    })
    expect(reasons("pending")).toMatchObject({ PromoteQueuedMessage: "No message waits in the queue." })
    expect(reasons("error", { queue: 1 })).toMatchObject({ ClearContext: "Messages wait in the queue." })
    expect(reasons("error")).toMatchObject({ DeleteQueuedMessage: "No message waits in the queue." })
  })

  it("are never those that are accepted, nor those that a state forbids or does not know", () => {
    const state = stateOf("running.interrupting")
    const refused = refuses(state).map(({ event }) => event)
    expect(refused).not.toContain("Interrupt")
    expect(accepts(state).filter((event) => refused.includes(event))).toEqual([])
  })

  it("have words for every guard of the machine", () => {
    const activities: ReadonlyArray<Activity> = [
      "waiting",
      "error",
      "pending",
      "running.generating",
      "running.executing",
    ]
    const contexts = [{}, { archived: true }, { queue: QUEUE_LIMIT }, { queue: 1, steer: 1 }]
    const all = activities.flatMap((activity) => contexts.flatMap((context) => refuses(stateOf(activity, context))))
    expect(all.filter(({ reason }) => reason.includes("guard"))).toEqual([])
    expect(Object.keys(chatMachine.implementations.guards).length).toBeGreaterThan(10)
  })
})
