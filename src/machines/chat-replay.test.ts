import { describe, expect, it } from "vitest"
import { accepts } from "./chat-accepts.ts"
import { type JournalRow, replay, ReplayFailed } from "./chat-replay.ts"
import { initialContext } from "./chat-setup.ts"
import { activityOf, unborn } from "./chat-state.ts"

type Entry = string | [string, JournalRow["detail"]]

const journal = (...events: ReadonlyArray<Entry>): ReadonlyArray<JournalRow> =>
  events.map((entry, index) => {
    const [event, detail] = typeof entry === "string" ? [entry, {}] : entry
    return { version: index + 1, event, detail }
  })

const stateOf = (...events: ReadonlyArray<Entry>) => {
  const { value, context } = replay("normal", journal(...events))
  return { life: activityOf(value), mode: value.mode, ...context }
}

describe("a replay", () => {
  it("needs ids and scalars only", () => {
    expect(
      stateOf(
        "Create",
        "Admit",
        "RecordGenerationAttempt",
        ["SendMessage", { busy_behavior: "queue" }],
        ["SendMessage", { busy_behavior: "steer" }],
        ["SetMode", { mode: "plan" }],
        ["RecordToolCalls", { tool_call_ids: ["a"] }],
      ),
    ).toEqual({ ...initialContext, life: "running.executing", mode: "plan", queue: 2, steer: 1, steps: 1 })
  })

  it.each([
    ["DeleteQueuedMessage", { steer: true }, { queue: 1, steer: 0 }],
    ["DeleteQueuedMessage", { steer: false }, { queue: 1, steer: 1 }],
    ["DecideApproval", { undecided: 1 }, { life: "requires_action.approval" }],
    ["DecideApproval", { undecided: 0 }, { life: "pending", resume: "execute" }],
    ["SetToolPolicy", { rules: 2, undecided: 1 }, { life: "requires_action.approval" }],
    ["SetToolPolicy", { rules: 2, undecided: 0 }, { life: "pending", resume: "execute" }],
    ["SendMessage", { busy_behavior: "interrupt" }, { life: "pending", queue: 3 }],
    ["SendMessage", { busy_behavior: "queue" }, { life: "requires_action.approval", queue: 3 }],
  ])("of %s goes by what it carried: %j", (event, detail, expected) => {
    const before = journal(
      "Create",
      "Admit",
      ["SendMessage", { busy_behavior: "queue" }],
      ["SendMessage", { busy_behavior: "steer" }],
      "RecordToolCalls",
      "RequireApproval",
    )
    const rows = [...before, { version: 7, event, detail }]
    const { value, context } = replay("normal", rows)
    expect({ life: activityOf(value), ...context }).toMatchObject(expected)
  })

  it.each([
    ["Create", {}, { life: "running.generating", attempt: 1 }],
    ["SendMessage", { busy_behavior: "queue" }, { life: "running.generating", attempt: 1 }],
    ["RequestCompaction", {}, { life: "running.compacting", resume: "compact", attempt: 0 }],
  ])("of %s with a slot comes to where it began its work", (event, detail, expected) => {
    const before = event === "Create" ? [] : journal("Create", "Interrupt")
    const { value, context } = replay("normal", [
      ...before,
      { version: 9, event, detail: { ...detail, slot: "granted" } },
    ])
    expect({ life: activityOf(value), ...context }).toMatchObject(expected)
  })

  it("begins in the mode in which the chat was created", () => {
    expect(replay("explore", journal("Create")).value.mode).toBe("explore")
    expect(replay("plan", journal("Create", ["SetMode", { mode: "normal" }])).value.mode).toBe("normal")
  })

  it("goes on from a stored state as from the beginning", () => {
    const rows = journal("Create", "Admit", "RecordGenerationAttempt", "FinishTurn", [
      "SetArchived",
      { archived: true },
    ])
    const half = replay("normal", rows.slice(0, 3))
    const { value, context } = replay("normal", rows.slice(3), half)
    expect({ value, context }).toEqual({
      value: { life: "waiting", mode: "normal" },
      context: { ...initialContext, archived: true },
    })
  })

  it.each([
    ["an event that is not possible there", journal("Create", "FinishTurn")],
    ["an event of another machine", journal("Create", "Teleport")],
  ])("fails at %s, naming the version", (_name, rows) => {
    expect(() => replay("normal", rows)).toThrow(ReplayFailed)
    expect(() => replay("normal", rows)).toThrow(/version 2/)
  })
})

describe("what a state accepts", () => {
  it("is what the machine would take", () => {
    expect(accepts(unborn("normal", initialContext))).toEqual(["SetMode", "Create"])
    expect(accepts(replay("normal", journal("Create", "Interrupt"))).toSorted()).toEqual([
      "ClearContext",
      "EditMessage",
      "FinishError",
      "RequestCompaction",
      "SendMessage",
      "SetArchived",
      "SetMode",
      "SetToolPolicy",
    ])
    expect(accepts(replay("normal", journal("Create", "Interrupt", ["SetArchived", { archived: true }])))).toEqual([
      "SetArchived",
      "SetMode",
    ])
  })
})
