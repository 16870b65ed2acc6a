import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { transition } from "xstate"
import {
  everyPossibleState,
  events,
  type EventName,
  granted,
  type GrantedName,
  leaves,
  letters,
  modes,
  possible,
  queueLengths,
  snapshot,
} from "../../test/support/machine-states.ts"
import type { ChatEventType, ChatMachineEvent } from "./chat-events.ts"
import { chatMachine } from "./chat-machine.ts"
import { type ChatModeState, QUEUE_LIMIT } from "./chat-setup.ts"
import { activityOf, type ChatSnapshot, decide } from "./chat-state.ts"

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
SendMessage preempt       -   P   P        P        I+/I+/-  I+/I+/-  I+/I+/-  I+/I+/-  I+/I+/-  P        P
SendMessage steer         -   P   P/P/-    P+/P+/-  G+/G+/-  X+/X+/-  C+/C+/-  B+/B+/-  I+/I+/-  T+/T+/-  A+/A+/-
EditMessage               -   P   P0       P0       G0       G0       G0       G0       P0       P0       P0
DeleteQueuedMessage       -   -   -/E</E<  -/P</P<  -/G</G<  -/X</X<  -/C</C<  -/B</B<  -/I</I<  -/T</T<  -/A</A<
ChangeQueuedMessage queue -   -   -/E/E    -/P/P    -/G/G    -/X/X    -/C/C    -/B/B    -/I/I    -/T/T    -/A/A
ChangeQueuedMessage steer -   -   -        -/P/P    -/G/G    -/X/X    -/C/C    -/B/B    -        -/T/T    -/A/A
PromoteQueuedMessage      -   -   -/P</P<  -/P/P    -/I/I    -/I/I    -/I/I    -/I/I    -/I/I    -/P</P<  -/P</P<
Interrupt                 -   -   -        W/P</P<  I        I        I        I        -        P        P
Retry                     -   -   P        -        -        -        -        P        -        -        -
CompleteRequiresAction    -   -   -        -        -        -        -        -        -        P        -
CancelRequiresAction      -   -   -        -        -        -        -        -        -        P        -
DecideApproval all        -   -   -        -        -        -        -        -        -        -        P
DecideApproval some       -   -   -        -        -        -        -        -        -        -        A
SetToolPolicy all         -   W   E        P        G        X        C        B        I        T        P
SetToolPolicy some        -   W   E        P        G        X        C        B        I        T        A
StopToolCall              -   -   -        -        -        X        -        -        -        -        -
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
CommitCompaction          -   -   -        -        -        -        W/P</P<  -        -        -        -
FinishTurn                -   -   -        -        W/P</P<  W/P</P<  -        -        -        -        -
FinishInterruption        -   -   -        -        -        -        -        -        W/P</P<  -        -
FinishError               -   E   -        E        E        E        E        E        E        -        -
ReconcileInvalidState     -   E   E0       E0       E0       E0       E0       E0       E0       E0       E0
ACTIVATE                  -   -   -        -        G        X        C        B        I        T        -
`

/** The same for archived chats. Only a chat that waits or has failed can be archived. */
const archived = `
                          W   E
Create                    -   -
SendMessage queue         -   -
SendMessage interrupt     -   -
SendMessage preempt       -   -
SendMessage steer         -   -
EditMessage               -   -
DeleteQueuedMessage       -   -
ChangeQueuedMessage queue -   -
ChangeQueuedMessage steer -   -
PromoteQueuedMessage      -   -
Interrupt                 -   -
Retry                     -   -
CompleteRequiresAction    -   -
CancelRequiresAction      -   -
DecideApproval all        -   -
DecideApproval some       -   -
SetToolPolicy all         -   -
SetToolPolicy some        -   -
StopToolCall              -   -
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
CommitCompaction          -   -
FinishTurn                -   -
FinishInterruption        -   -
FinishError               -   -
ReconcileInvalidState     E   E0
ACTIVATE                  -   -
`

/**
 * The same again for events that bring a slot. Where the chat would join the line, its work begins; from within the line, and
 * where a turn goes on anyway, the slot changes nothing.
 */
const withSlot = `
                          N   W   E        P        G        X        C        B        I        T        A
Create                    G   -   -        -        -        -        -        -        -        -        -
SendMessage queue         -   G   G/G/-    P+/P+/-  G+/G+/-  X+/X+/-  C+/C+/-  B+/B+/-  I+/I+/-  T+/T+/-  A+/A+/-
SendMessage interrupt     -   G   G/G/-    P+/P+/-  I+/I+/-  I+/I+/-  I+/I+/-  I+/I+/-  I+/I+/-  G+/G+/-  G+/G+/-
SendMessage preempt       -   G   G        P        I+/I+/-  I+/I+/-  I+/I+/-  I+/I+/-  I+/I+/-  G        G
SendMessage steer         -   G   G/G/-    P+/P+/-  G+/G+/-  X+/X+/-  C+/C+/-  B+/B+/-  I+/I+/-  T+/T+/-  A+/A+/-
EditMessage               -   G   G0       P0       G0       G0       G0       G0       G0       G0       G0
PromoteQueuedMessage      -   -   -/G</G<  -/P/P    -/I/I    -/I/I    -/I/I    -/I/I    -/I/I    -/G</G<  -/G</G<
Interrupt                 -   -   -        W/P</P<  I        I        I        I        -        G        G
Retry                     -   -   G        -        -        -        -        G        -        -        -
CompleteRequiresAction    -   -   -        -        -        -        -        -        -        G        -
CancelRequiresAction      -   -   -        -        -        -        -        -        -        G        -
DecideApproval all        -   -   -        -        -        -        -        -        -        -        X
DecideApproval some       -   -   -        -        -        -        -        -        -        -        A
SetToolPolicy all         -   W   E        P        G        X        C        B        I        T        X
SetToolPolicy some        -   W   E        P        G        X        C        B        I        T        A
RequestCompaction         -   C   C        -        -        -        -        -        -        -        -
CommitCompaction          -   -   -        -        -        -        W/G</G<  -        -        -        -
FinishTurn                -   -   -        -        W/G</G<  W/G</G<  -        -        -        -        -
FinishInterruption        -   -   -        -        -        -        -        -        W/G</G<  -        -
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

const tables = { live: parseTable(live), archived: parseTable(archived), withSlot: parseTable(withSlot) }

/** What the machine does, in the words of the tables. */
const outcome = (from: ChatSnapshot, event: ChatMachineEvent): string => {
  const decided = decide(from, event)
  if (decided === undefined) return "-"
  const reached = letters.find((letter) => leaves[letter] === activityOf(decided.next.value)) ?? "?"
  const [before, after] = [from.context.queue, decided.next.context.queue]
  if (after === before) return reached
  if (event.type === "EditMessage" || event.type === "ReconcileInvalidState")
    return after === 0 ? `${reached}0` : `${reached}?`
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
    // No chat is ever in the one that all work arrives by: it is left before the transition is over.
    expect(leafPaths(life?.states ?? {}).toSorted()).toEqual([...Object.values(leaves), "arriving"].toSorted())
    expect(life?.states["arriving"]?.transitions.size).toBe(0)
    expect(life?.states["arriving"]?.always?.length).toBeGreaterThan(0)
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

  it("has a row with a slot for every event that brings a chat into the line, but for the one that gives a slot up", () => {
    const joining = [...tables.live.rows].flatMap(([name, cells]) =>
      [...cells].some(([leaf, cell]) => leaf !== "P" && cell.includes("P")) ? [name] : [],
    )
    const { columns, rows } = tables.withSlot
    expect(columns).toEqual(letters)
    expect([...rows.keys()].toSorted()).toEqual(Object.keys(granted).toSorted())
    expect([...rows.keys(), "Yield"]).toEqual(expect.arrayContaining(joining))
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

      it(`with a slot, ${isArchived ? "archived " : ""}${leaves[leaf]}`, () => {
        const table = isArchived ? tables.archived : tables.withSlot
        for (const queue of lengths) {
          for (const [name, event] of Object.entries(granted) as Array<[GrantedName, ChatMachineEvent]>) {
            const from = snapshot(leaf, mode, { queue, archived: isArchived })
            const at = `${name}, queue ${queue}: `
            expect(at + outcome(from, event)).toBe(at + expectedAt(table.rows.get(name)?.get(leaf) ?? "missing", queue))
          }
        }
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
              : event?.type === "ChangeQueuedMessage"
                ? { ...event, steer: at.context.steer === at.context.queue }
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
