import { describe, expect, it } from "vitest"
import { everyPossibleState, events, modes, snapshot } from "../../test/support/machine-states.ts"
import type { ChatMachineEvent } from "./chat-events.ts"
import { detailOf, eventOf, everyVariant } from "./chat-journal.ts"
import { type ChatSnapshot, decide } from "./chat-state.ts"

const facts = { modelConfigId: "model", planMode: false, recoveryAttempts: 2 }

/** As the database gives it back. */
const stored = (event: ChatMachineEvent) => JSON.parse(JSON.stringify(detailOf(event, facts)))

const states: ReadonlyArray<ChatSnapshot> = [
  ...everyPossibleState.flatMap(({ leaf, queue, isArchived }) =>
    // With and without a message that steers: only then can one be taken out of the queue.
    (queue === 0 ? [0] : [0, 1]).map((steer) => snapshot(leaf, "normal", { queue, steer, archived: isArchived })),
  ),
  ...modes.map((mode) => snapshot("W", mode)),
]

const reached = (from: ChatSnapshot, event: ChatMachineEvent | undefined) => {
  const next = event && decide(from, event)?.next
  return next && { value: next.value, context: next.context }
}

const nameOf = ({ type, ...event }: ChatMachineEvent) => `${type} ${JSON.stringify(event)}`

describe("the journal", () => {
  it.each([...Object.entries(events), ...everyVariant.map((event) => [nameOf(event), event] as const)])(
    "leads to the same state as the event itself: %s",
    (_name, event) => {
      const read = eventOf(event.type, stored(event))
      expect(read?.type).toBe(event.type)
      for (const state of states) expect(reached(state, read)).toEqual(reached(state, event))
    },
  )

  it.each(everyVariant.map((event) => [nameOf(event), event] as const))(
    "reads what it has written: %s",
    (_name, event) => {
      const once = eventOf(event.type, stored(event))
      expect(once).toEqual(event)
    },
  )

  it("has each event of the fixtures among its variants, but those that no chat is asked to take", () => {
    const variants = new Set(everyVariant.map(({ type }) => type))
    const without = Object.values(events).flatMap(({ type }) => (variants.has(type) ? [] : [type]))
    expect(without).toEqual(["ReconcileInvalidState", "ACTIVATE"])
    const fixtures = new Set<string>(Object.values(events).map(({ type }) => type))
    // Which no state of the life region has a say in: it has a table of its own.
    expect([...variants].filter((type) => !fixtures.has(type))).toEqual(["SetMode"])
  })

  it("reads rows that an older version has written with less in them", () => {
    expect(eventOf("SendMessage", {})).toMatchObject({ busyBehavior: "queue" })
    expect(eventOf("DecideApproval", {})).toMatchObject({ undecided: 0 })
    expect(eventOf("SetMode", {})).toMatchObject({ mode: "normal" })
    expect(eventOf("DeleteQueuedMessage", {})).toMatchObject({ steer: false })
  })

  it("knows no event of another machine, and no name that every object has", () => {
    expect(eventOf("Teleport", {})).toBeUndefined()
    expect(eventOf("toString", {})).toBeUndefined()
  })
})
