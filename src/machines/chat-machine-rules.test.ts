import { describe, expect, it } from "vitest"
import { events, leaves, type Letter, letters, snapshot, input } from "../../test/support/machine-states.ts"
import type { ChatMachineEvent } from "./chat-events.ts"
import { chatMachine } from "./chat-machine.ts"
import { type EffectName, initialContext } from "./chat-setup.ts"
import { activityOf, type ChatSnapshot, decide, type EffectStep, effectsOf } from "./chat-state.ts"

const changesOf = (from: ChatSnapshot, event: ChatMachineEvent): ReadonlyArray<string> =>
  decide(from, event)?.changes.map(({ type }) => type) ?? []

const contextAfter = (from: ChatSnapshot, event: ChatMachineEvent) => decide(from, event)?.next.context

describe("Admit", () => {
  it.each([
    ["generate", "running.generating"],
    ["execute", "running.executing"],
    ["compact", "running.compacting"],
  ] as const)("goes on with %s", (resume, activity) => {
    const decided = decide(snapshot("P", "normal", { resume }), events.Admit)
    expect(decided && activityOf(decided.next.value)).toBe(activity)
  })

  it.each([
    ["G", "generate"],
    ["B", "generate"],
    ["X", "execute"],
    ["C", "compact"],
  ] as const)("after a Yield in %s goes on there", (leaf, resume) => {
    expect(contextAfter(snapshot(leaf, "normal"), events.Yield)?.resume).toBe(resume)
  })
})

/** The effect of each state that has one. */
const effectOf: Partial<Record<Letter, EffectName>> = {
  G: "generate",
  X: "execute",
  C: "compact",
  B: "backOff",
  I: "finishInterruption",
  T: "awaitClientTools",
}

const letterOf = (state: ChatSnapshot): Letter | undefined =>
  letters.find((letter) => leaves[letter] === activityOf(state.value))

describe("effects", () => {
  /** What runs after these steps where `running` did before. */
  const after = (running: EffectName | undefined, steps: ReadonlyArray<EffectStep>) =>
    steps.reduce<EffectName | undefined>((_, step) => (step.type === "start" ? step.name : undefined), running)

  it.each(letters)("after any transition from %s exactly the effect of the new state runs", (leaf) => {
    let accepted = 0
    for (const queue of [0, 1]) {
      for (const event of Object.values(events)) {
        const decided = decide(snapshot(leaf, "normal", { queue }), event)
        if (decided === undefined) continue
        accepted += 1
        const reached = letterOf(decided.next)
        expect([event.type, after(effectOf[leaf], decided.effects)]).toEqual([event.type, reached && effectOf[reached]])
      }
    }
    expect(accepted).toBeGreaterThan(0)
  })

  it("are told whether their attempt has been counted", () => {
    const admitted = decide(snapshot("P", "normal"), events.Admit)
    expect(admitted?.effects).toEqual([{ type: "start", name: "generate", input: { attemptRecorded: true } }])
    const executing = decide(snapshot("X", "normal"), events.CommitStep)
    expect(executing?.effects).toEqual([
      { type: "stop" },
      { type: "start", name: "generate", input: { attemptRecorded: false } },
    ])
  })

  it("go on through what does not leave their state", () => {
    expect(decide(snapshot("G", "normal"), events["SendMessage queue"])?.effects).toEqual([])
    expect(decide(snapshot("G", "normal"), events.RecordGenerationAttempt)?.effects).toEqual([])
  })

  it("are begun anew by a steering message", () => {
    const steered = decide(snapshot("G", "normal", { queue: 1, steer: 1 }), events.Steer)
    expect(steered?.effects.map(({ type }) => type)).toEqual(["stop", "start"])
  })
})

describe("ACTIVATE", () => {
  const invoking: ReadonlyArray<Letter> = ["G", "X", "C", "B", "I", "T"]

  it.each(invoking)("begins the effect of %s, which a state from rows has not begun", (leaf) => {
    expect(effectsOf(snapshot(leaf, "normal"))).toEqual([
      { type: "stop" },
      { type: "start", name: effectOf[leaf], input: { attemptRecorded: false } },
    ])
  })

  it("is refused where nothing is invoked", () => {
    const states = chatMachine.root.states["life"]?.states ?? {}
    const invokes = letters.filter((letter) => {
      const [parent = "", child] = leaves[letter].split(".")
      const node = child === undefined ? states[parent] : states[parent]?.states[child]
      return (node?.invoke.length ?? 0) > 0
    })
    expect(invokes).toEqual(letters.filter((letter) => invoking.includes(letter)))
    expect(letters.filter((letter) => snapshot(letter, "normal").can(events.ACTIVATE))).toEqual(invokes)
  })
})

describe("counters", () => {
  it("count an attempt, and begin again when the history changes", () => {
    const once = decide(snapshot("G", "normal"), events.RecordGenerationAttempt)
    expect(once?.next.context.attempt).toBe(1)
    const retried = once && decide(once.next, events.RecordRetryState)
    expect(retried?.next.context.attempt).toBe(1)
    const twice = retried && decide(retried.next, events.RecordGenerationAttempt)
    expect(twice?.next.context.attempt).toBe(2)
    const recorded = twice && decide(twice.next, events.RecordToolCalls)
    expect(recorded?.next.context).toMatchObject({ attempt: 0, steps: 1 })
    const committed = recorded && decide(recorded.next, events.CommitStep)
    expect(committed?.next.context).toMatchObject({ attempt: 0, steps: 1 })
  })

  it.each(["W", "E"] as const)("begin again with a turn sent in %s", (leaf) => {
    const from = snapshot(leaf, "normal", { attempt: 2, steps: 9, resume: "execute" })
    expect(contextAfter(from, events["SendMessage queue"])).toEqual(initialContext)
  })

  it("begin again with the turn of the next queued message", () => {
    const from = snapshot("G", "normal", { attempt: 2, steps: 9, queue: 2 })
    expect(contextAfter(from, events.FinishTurn)).toEqual({ ...initialContext, queue: 1 })
  })
})

describe("messages to a chat that is not waiting", () => {
  it.each(["queue", "interrupt", "steer"] as const)("after an error the oldest goes first (%s)", (busyBehavior) => {
    const decided = decide(snapshot("E", "normal", { queue: 2 }), { type: "SendMessage", busyBehavior, input })
    expect(decided?.changes).toEqual([
      { type: "clearError", params: undefined },
      { type: "enqueue", params: { input, kind: "queue" } },
      { type: "promoteHead", params: undefined },
    ])
    expect(decided?.next.context).toMatchObject({ queue: 2, steer: 0 })
  })

  it("interrupting keeps the message and ends the attempt", () => {
    expect(changesOf(snapshot("G", "normal"), events["SendMessage interrupt"])).toEqual(["enqueue", "closeAttempt"])
  })

  it("a pause for results is answered before the message", () => {
    const decided = decide(snapshot("T", "normal"), events["SendMessage interrupt"])
    expect(decided?.changes.map(({ type }) => type)).toEqual(["cancelPendingCalls", "enqueue"])
    expect(decided?.next.context).toMatchObject({ resume: "generate", attempt: 0, queue: 1 })
  })
})

describe("promoting", () => {
  it.each(["G", "X", "C", "B"] as const)("in %s moves the message to the head and interrupts", (leaf) => {
    const changes = changesOf(snapshot(leaf, "normal", { queue: 1 }), events.PromoteQueuedMessage)
    expect(changes).toEqual(["moveToHead", "closeAttempt"])
  })

  it("while interrupting moves it only", () => {
    expect(changesOf(snapshot("I", "normal", { queue: 1 }), events.PromoteQueuedMessage)).toEqual(["moveToHead"])
  })

  it.each(["T", "A"] as const)("in %s answers the open calls before the message", (leaf) => {
    const changes = changesOf(snapshot(leaf, "normal", { queue: 1 }), events.PromoteQueuedMessage)
    expect(changes).toEqual(["clearError", "cancelPendingCalls", "promoteQueued"])
  })
})

describe("steering", () => {
  const steered = snapshot("G", "normal", { queue: 3, steer: 2, attempt: 1, steps: 4 })

  it("counts to the queue", () => {
    const from = snapshot("X", "normal", { queue: 1 })
    expect(contextAfter(from, events["SendMessage steer"])).toMatchObject({ queue: 2, steer: 1 })
    const enqueued = decide(from, events["SendMessage steer"])?.changes
    expect(enqueued).toEqual([{ type: "enqueue", params: { input, kind: "steer" } }])
  })

  it("takes every steering message into the running turn and calls the model again", () => {
    expect(changesOf(steered, events.Steer)).toEqual(["closeAttempt", "promoteSteers"])
    expect(contextAfter(steered, events.Steer)).toMatchObject({ queue: 1, steer: 0, attempt: 0, steps: 4 })
  })

  it("goes before the other messages when the turn ends first", () => {
    expect(contextAfter(steered, events.FinishTurn)).toMatchObject({ queue: 2, steer: 1, steps: 0 })
  })

  it("is no longer counted when it is deleted", () => {
    const deleted = contextAfter(steered, { ...events.DeleteQueuedMessage, steer: true })
    expect(deleted).toMatchObject({ queue: 2, steer: 1 })
    const other = contextAfter(steered, events.DeleteQueuedMessage)
    expect(other).toMatchObject({ queue: 2, steer: 2 })
  })
})

describe("ends of a turn", () => {
  it("store the partial reply before the message that goes next", () => {
    const changes = changesOf(snapshot("I", "normal", { queue: 1 }), events.FinishInterruption)
    expect(changes).toEqual(["appendMessages", "cancelPendingCalls", "promoteHead"])
  })

  it("keep the queue after an error", () => {
    const decided = decide(snapshot("G", "normal", { queue: 3 }), events.FinishError)
    expect(decided?.changes.map(({ type }) => type)).toEqual(["closeAttempt", "setError"])
    expect(decided?.next.context.queue).toBe(3)
  })

  it("begin everything afresh after an edit", () => {
    const from = snapshot("G", "normal", { queue: 3, steer: 1, attempt: 2, steps: 5 })
    expect(changesOf(from, events.EditMessage)).toEqual([
      "clearError",
      "closeAttempt",
      "softDeleteFrom",
      "clearQueue",
      "appendUserMessage",
    ])
    expect(contextAfter(from, events.EditMessage)).toEqual(initialContext)
  })
})
