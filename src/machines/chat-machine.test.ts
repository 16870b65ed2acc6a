import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createActor, fromCallback, transition } from "xstate"
import type { ChatEventType, ChatMachineEvent, NewMessage, QueuedInput } from "./chat-events.ts"
import { chatMachine } from "./chat-machine.ts"
import { type ChatContext, type ChatModeState, type EffectInput, initialContext, QUEUE_LIMIT } from "./chat-setup.ts"
import { activityOf, type ChatSnapshot, decide, snapshotOf, unborn } from "./chat-state.ts"

/** Leaves of the life region, by the letter that stands for them in the tables below. */
const leaves = {
  N: "none",
  W: "waiting",
  E: "error",
  P: "pending",
  G: "running.generating",
  X: "running.executing",
  C: "running.compacting",
  B: "running.backing_off",
  I: "running.interrupting",
  T: "requires_action.client_tools",
  A: "requires_action.approval",
} as const
type Letter = keyof typeof leaves
const letters = Object.keys(leaves) as ReadonlyArray<Letter>

const modes: ReadonlyArray<ChatModeState> = ["normal", "plan", "explore", "computer_use"]
const queueLengths = [0, 1, QUEUE_LIMIT] as const

const input: QueuedInput = { content: [{ type: "text", text: "hi" }], modelConfigId: "model", createdBy: "user" }
const reply: NewMessage = { role: "assistant", visibility: "both", content: [{ type: "text", text: "ho" }] }
const result: NewMessage = { role: "tool", visibility: "both", content: [] }

/** Every event, with the variants that a guard tells apart. */
const events = {
  Create: { type: "Create", messages: [reply] },
  "SendMessage queue": { type: "SendMessage", busyBehavior: "queue", input },
  "SendMessage interrupt": { type: "SendMessage", busyBehavior: "interrupt", input },
  "SendMessage steer": { type: "SendMessage", busyBehavior: "steer", input },
  EditMessage: { type: "EditMessage", messageId: 7, input },
  DeleteQueuedMessage: { type: "DeleteQueuedMessage", queuedMessageId: 3, steer: false },
  PromoteQueuedMessage: { type: "PromoteQueuedMessage", queuedMessageId: 3, steer: false },
  Interrupt: { type: "Interrupt" },
  CompleteRequiresAction: { type: "CompleteRequiresAction", results: [result] },
  CancelRequiresAction: { type: "CancelRequiresAction", reason: "deadline" },
  "DecideApproval all": { type: "DecideApproval", undecided: 0, decisions: [] },
  "DecideApproval some": { type: "DecideApproval", undecided: 1, decisions: [] },
  "SetArchived true": { type: "SetArchived", archived: true },
  "SetArchived false": { type: "SetArchived", archived: false },
  RequestCompaction: { type: "RequestCompaction" },
  ClearContext: { type: "ClearContext" },
  Admit: { type: "Admit" },
  Yield: { type: "Yield" },
  RecordGenerationAttempt: { type: "RecordGenerationAttempt", modelConfigId: "model" },
  RecordRetryState: {
    type: "RecordRetryState",
    retry: { attempt: 1, delay_ms: 5, error: "busy", retrying_at: "2026-01-01T00:00:00.000Z" },
  },
  RecordToolCalls: { type: "RecordToolCalls", message: reply, calls: [] },
  RequireApproval: { type: "RequireApproval", undecided: 1 },
  EnterRequiresAction: { type: "EnterRequiresAction", results: [], deadlineAt: "2026-01-01T00:00:00.000Z" },
  CommitStep: { type: "CommitStep", results: [result] },
  Steer: { type: "Steer" },
  FinishTurn: { type: "FinishTurn", messages: [reply] },
  FinishInterruption: { type: "FinishInterruption", messages: [reply] },
  FinishError: { type: "FinishError", error: { message: "no", retryable: false } },
  ACTIVATE: { type: "ACTIVATE" },
} as const satisfies Record<string, ChatMachineEvent>
type EventName = keyof typeof events

/**
 * What each event does in each state of a chat that is not archived and whose queue holds no steering message.
 *
 * A cell is one outcome, or three for queues of 0, 1 and 20 (`a/b/c`). An outcome is `-` (refused) or the leaf that is
 * reached and, when it changes, the queue: `+` one more, `<` one fewer, `0` emptied.
 */
const live = `
                          N   W   E        P        G        X        C        B        I        T        A
Create                    P   -   -        -        -        -        -        -        -        -        -
SendMessage queue         -   P   P/P/-    P+/P+/-  G+/G+/-  X+/X+/-  C+/C+/-  B+/B+/-  I+/I+/-  T+/T+/-  A+/A+/-
SendMessage interrupt     -   P   P/P/-    P+/P+/-  I+/I+/-  I+/I+/-  I+/I+/-  I+/I+/-  I+/I+/-  P+/P+/-  P+/P+/-
SendMessage steer         -   P   P/P/-    P+/P+/-  G+/G+/-  X+/X+/-  C+/C+/-  B+/B+/-  I+/I+/-  T+/T+/-  A+/A+/-
EditMessage               -   P   P0       P0       G0       G0       G0       G0       P0       P0       P0
DeleteQueuedMessage       -   -   -/E</E<  -/P</P<  -/G</G<  -/X</X<  -/C</C<  -/B</B<  -/I</I<  -/T</T<  -/A</A<
PromoteQueuedMessage      -   -   -/P</P<  -/P/P    -/I/I    -/I/I    -/I/I    -/I/I    -/I/I    -/P</P<  -/P</P<
Interrupt                 -   -   -        W/P</P<  I        I        I        I        -        P        P
CompleteRequiresAction    -   -   -        -        -        -        -        -        -        P        -
CancelRequiresAction      -   -   -        -        -        -        -        -        -        P        -
DecideApproval all        -   -   -        -        -        -        -        -        -        -        P
DecideApproval some       -   -   -        -        -        -        -        -        -        -        A
SetArchived true          -   W   E        -        -        -        -        -        -        -        -
SetArchived false         -   -   -        -        -        -        -        -        -        -        -
RequestCompaction         -   P   P        -        -        -        -        -        -        -        -
ClearContext              -   W   W/-/-    -        -        -        -        -        -        -        -
Admit                     -   -   -        G        -        -        -        -        -        -        -
Yield                     -   -   -        -        P        P        P        P        -        -        -
RecordGenerationAttempt   -   -   -        -        G        X        -        G        -        -        -
RecordRetryState          -   -   -        -        B        -        -        -        -        -        -
RecordToolCalls           -   -   -        -        X        -        -        -        -        -        -
RequireApproval           -   -   -        -        -        A        -        -        -        -        -
EnterRequiresAction       -   -   -        -        -        T        -        -        -        -        -
CommitStep                -   -   -        -        -        G        -        -        -        -        -
Steer                     -   -   -        -        -        -        -        -        -        -        -
FinishTurn                -   -   -        -        W/P</P<  W/P</P<  -        -        -        -        -
FinishInterruption        -   -   -        -        -        -        -        -        W/P</P<  -        -
FinishError               -   E   -        E        E        E        E        E        E        -        -
ACTIVATE                  -   -   -        -        G        X        C        B        I        T        -
`

/** The same for archived chats. Only a chat that waits or has failed can be archived. */
const archived = `
                          W   E
Create                    -   -
SendMessage queue         -   -
SendMessage interrupt     -   -
SendMessage steer         -   -
EditMessage               -   -
DeleteQueuedMessage       -   -
PromoteQueuedMessage      -   -
Interrupt                 -   -
CompleteRequiresAction    -   -
CancelRequiresAction      -   -
DecideApproval all        -   -
DecideApproval some       -   -
SetArchived true          -   -
SetArchived false         W   E
RequestCompaction         -   -
ClearContext              -   -
Admit                     -   -
Yield                     -   -
RecordGenerationAttempt   -   -
RecordRetryState          -   -
RecordToolCalls           -   -
RequireApproval           -   -
EnterRequiresAction       -   -
CommitStep                -   -
Steer                     -   -
FinishTurn                -   -
FinishInterruption        -   -
FinishError               -   -
ACTIVATE                  -   -
`

/** `SetMode`, which no state of the life region has a say in: the mode reached, or `-`. */
const modeTable: Record<ChatModeState, Record<"plan" | "normal", ChatModeState | "-">> = {
  normal: { plan: "plan", normal: "normal" },
  plan: { plan: "plan", normal: "normal" },
  explore: { plan: "-", normal: "-" },
  computer_use: { plan: "-", normal: "-" },
}

interface Table {
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, string>>
}

const parseTable = (text: string): Table => {
  const [head = "", ...lines] = text.split("\n").filter((line) => line.trim() !== "")
  const columns = head.trim().split(/\s+/)
  const rows = lines.map((line): [string, ReadonlyMap<string, string>] => {
    const cells = line.slice(26).trim().split(/\s+/)
    return [line.slice(0, 26).trim(), new Map(columns.map((column, index) => [column, cells[index] ?? "missing"]))]
  })
  return { columns, rows: new Map(rows) }
}

const tables = { live: parseTable(live), archived: parseTable(archived) }

/** A chat that waits has no queue, one that does not exist has nothing, and only idle chats can be archived. */
const possible = (leaf: Letter, queue: number, isArchived: boolean): boolean =>
  (queue === 0 || (leaf !== "N" && leaf !== "W")) && (!isArchived || leaf === "W" || leaf === "E")

const snapshot = (leaf: Letter, mode: ChatModeState, context: Partial<ChatContext> = {}): ChatSnapshot =>
  leaf === "N"
    ? unborn(mode, { ...initialContext, ...context })
    : snapshotOf({
        activity: leaves[leaf],
        planMode: mode === "plan",
        mode: mode === "explore" || mode === "computer_use" ? mode : null,
        context: { ...initialContext, ...context },
      })

/** What the machine does, in the words of the tables. */
const outcome = (from: ChatSnapshot, event: ChatMachineEvent): string => {
  const decided = decide(from, event)
  if (decided === undefined) return "-"
  const reached = letters.find((letter) => leaves[letter] === activityOf(decided.next.value)) ?? "?"
  const [before, after] = [from.context.queue, decided.next.context.queue]
  if (after === before) return reached
  if (event.type === "EditMessage") return after === 0 ? `${reached}0` : `${reached}?`
  return after === before + 1 ? `${reached}+` : after === before - 1 ? `${reached}<` : `${reached}?`
}

const expectedAt = (cell: string, queue: number): string => {
  const cells = cell.split("/")
  const at = cells.length === 1 ? cells[0] : cells[queueLengths.findIndex((length) => length === queue)]
  // Emptying an empty queue changes nothing.
  return (queue === 0 ? at?.replace("0", "") : at) ?? "missing"
}

const leafPaths = (states: typeof chatMachine.root.states, parent = ""): ReadonlyArray<string> =>
  Object.entries(states).flatMap(([name, node]) => {
    const path = parent === "" ? name : `${parent}.${name}`
    return Object.keys(node.states).length === 0 ? [path] : leafPaths(node.states, path)
  })

describe("the table covers the machine", () => {
  it("names every leaf of the life region", () => {
    const life = chatMachine.root.states["life"]
    expect(leafPaths(life?.states ?? {}).toSorted()).toEqual(Object.values(leaves).toSorted())
  })

  it("names every mode", () => {
    const mode = chatMachine.root.states["mode"]
    expect(Object.keys(mode?.states ?? {}).toSorted()).toEqual(modes.toSorted())
  })

  it("names every event", () => {
    const inTable: ReadonlyArray<ChatEventType> = [...Object.values(events).map(({ type }) => type), "SetMode"]
    const inMachine = chatMachine.events.filter((type) => !type.startsWith("xstate."))
    expect([...new Set(inMachine)].toSorted()).toEqual([...new Set(inTable)].toSorted())
  })

  it.each(["live", "archived"] as const)("has a cell for every event and state (%s)", (which) => {
    const { columns, rows } = tables[which]
    expect(columns).toEqual(which === "live" ? letters : ["W", "E"])
    expect([...rows.keys()].toSorted()).toEqual(Object.keys(events).toSorted())
    for (const cells of rows.values()) expect([...cells.values()]).not.toContain("missing")
  })
})

describe.each(modes)("every event in every state, mode %s", (mode) => {
  for (const isArchived of [false, true]) {
    for (const leaf of letters) {
      const lengths = queueLengths.filter((queue) => possible(leaf, queue, isArchived))
      if (lengths.length === 0) continue
      it(`${isArchived ? "archived " : ""}${leaves[leaf]}`, () => {
        const table = isArchived ? tables.archived : tables.live
        const found: Array<string> = []
        const wanted: Array<string> = []
        for (const queue of lengths) {
          for (const [name, event] of Object.entries(events) as Array<[EventName, ChatMachineEvent]>) {
            const from = snapshot(leaf, mode, { queue, archived: isArchived })
            const at = `${name}, queue ${queue}: `
            found.push(at + outcome(from, event))
            wanted.push(at + expectedAt(table.rows.get(name)?.get(leaf) ?? "missing", queue))
          }
        }
        expect(found).toEqual(wanted)
      })

      it(`SetMode in ${isArchived ? "archived " : ""}${leaves[leaf]}`, () => {
        for (const queue of lengths) {
          for (const to of ["plan", "normal"] as const) {
            const from = snapshot(leaf, mode, { queue, archived: isArchived })
            const decided = decide(from, { type: "SetMode", mode: to })
            expect(decided?.next.value.mode ?? "-").toBe(modeTable[mode][to])
            const reached = decided?.next ?? from
            expect(reached.value.life).toEqual(from.value.life)
            expect(reached.context).toEqual(from.context)
          }
        }
      })
    }
  }
})

const everyPossibleState = letters.flatMap((leaf) =>
  queueLengths.flatMap((queue) =>
    [false, true].flatMap((isArchived) => (possible(leaf, queue, isArchived) ? [{ leaf, queue, isArchived }] : [])),
  ),
)

describe("every decision", () => {
  it("leaves the snapshot of a refused event as it was, and says so beforehand", () => {
    let refused = 0
    for (const { leaf, queue, isArchived } of everyPossibleState) {
      for (const event of Object.values(events)) {
        const from = snapshot(leaf, "normal", { queue, archived: isArchived })
        if (from.can(event)) continue
        refused += 1
        const [next, actions] = transition(chatMachine, from, event)
        expect(next).toBe(from)
        expect(actions).toEqual([])
      }
    }
    expect(refused).toBeGreaterThan(300)
  })

  it("names what an accepted event does", () => {
    for (const { leaf, queue, isArchived } of everyPossibleState) {
      for (const event of Object.values(events)) {
        const from = snapshot(leaf, "normal", { queue, archived: isArchived })
        const decided = decide(from, event)
        if (decided === undefined || event.type === "ACTIVATE" || event.type === "SetArchived") continue
        expect(decided.changes, `${event.type} in ${leaves[leaf]}`).not.toEqual([])
      }
    }
  })

  it("is the same when it is made again", () => {
    for (const { leaf, queue, isArchived } of everyPossibleState) {
      for (const event of Object.values(events)) {
        const once = decide(snapshot(leaf, "plan", { queue, archived: isArchived }), event)
        const again = decide(snapshot(leaf, "plan", { queue, archived: isArchived }), event)
        expect(again?.changes).toEqual(once?.changes)
        expect(again?.next.value).toEqual(once?.next.value)
        expect(again?.next.context).toEqual(once?.next.context)
      }
    }
  })

  it("keeps the counters of any sequence of events within their bounds", () => {
    const all: ReadonlyArray<ChatMachineEvent> = [
      ...Object.values(events).filter(({ type }) => type !== "Create"),
      { type: "SetMode", mode: "plan" },
      { type: "SetMode", mode: "normal" },
    ]
    fc.assert(
      fc.property(fc.array(fc.nat(all.length - 1), { maxLength: 120 }), (choices) => {
        let at = snapshot("N", "normal")
        at = decide(at, events["Create"])?.next ?? at
        for (const choice of choices) {
          const event = all[choice]
          // The caller knows from the rows whether the message it names steers.
          const named =
            event?.type === "DeleteQueuedMessage" || event?.type === "PromoteQueuedMessage"
              ? { ...event, steer: at.context.steer > 0 }
              : event
          at = (named === undefined ? undefined : decide(at, named))?.next ?? at
          const { queue, steer, archived } = at.context
          const activity = activityOf(at.value)
          expect(queue).toBeGreaterThanOrEqual(0)
          expect(queue).toBeLessThanOrEqual(QUEUE_LIMIT)
          expect(steer).toBeGreaterThanOrEqual(0)
          expect(steer).toBeLessThanOrEqual(queue)
          expect(activity === "waiting" && queue > 0).toBe(false)
          expect(archived && activity !== "waiting" && activity !== "error").toBe(false)
        }
      }),
      { numRuns: 300 },
    )
  })
})

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

describe("ACTIVATE", () => {
  const invoking: ReadonlyArray<Letter> = ["G", "X", "C", "B", "I", "T"]

  it.each(invoking)("starts the effect of %s, which a state from rows has not started", (leaf) => {
    const started: Array<string> = []
    const effect = (name: string) => fromCallback<ChatMachineEvent, EffectInput>(() => void started.push(name))
    const actor = createActor(
      chatMachine.provide({
        actors: {
          generate: effect("G"),
          execute: effect("X"),
          compact: effect("C"),
          backOff: effect("B"),
          finishInterruption: effect("I"),
          awaitClientTools: effect("T"),
        },
      }),
      { snapshot: snapshot(leaf, "normal") },
    )
    actor.start()
    expect(started).toEqual([])
    actor.send(events.ACTIVATE)
    expect(started).toEqual([leaf])
    expect(activityOf(actor.getSnapshot().value)).toBe(leaves[leaf])
    actor.stop()
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
