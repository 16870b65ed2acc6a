import { describe, expect, it } from "vitest"
import type { ChatTransition } from "../../../../src/contract/inspection.ts"
import type { ChatSteps } from "../../../../src/contract/steps.ts"
import { attemptsAt } from "./attempts-at.ts"
import { messageWhy, type Subject } from "./message-why.ts"

const BEGAN = new Date(2026, 10, 12, 14, 0, 0).getTime()
const at = (second: number): string => new Date(BEGAN + second * 1000).toISOString()

const steps: ChatSteps = {
  first_version: 1,
  last_version: 12,
  began: at(0),
  times: [],
  states: [
    { version: 1, event: "Create", activity: "pending", status: "pending", since: at(0), until: at(2) },
    { version: 2, event: "Admit", activity: "running.generating", status: "running", since: at(2) },
  ],
  prompts: [
    { message_id: 1, version: 1, since: at(0), sent_by: "olga" },
    {
      ...{ message_id: 5, version: 8, since: at(20), sent_by: "eve", removed_version: 12 },
      queued: { version: 6, since: at(15), kind: "steer" },
    },
  ],
  attempts: [
    {
      ...{ version: 2, since: at(2), until: at(4), ended_version: 3, end: "retried", model_config_id: "m" },
      failure: { message: "The provider is busy.", detail: "slow   down" },
    },
    {
      ...{ version: 4, since: at(6), until: at(10), ended_version: 5, end: "replied", model_config_id: "m" },
      ...{
        first_token: at(7),
        message_id: 2,
        usage: { input_tokens: 21_000, output_tokens: 214 },
        cost_micros: 1_840_000,
      },
    },
    { version: 9, since: at(21), until: at(25), ended_version: 10, end: "stopped", message_id: 7, cost_micros: 1_204 },
  ],
  calls: [
    {
      ...{ id: "c1", tool_call_id: "call_1", tool_name: "execute", message_id: 2, state: "done", approval: "approved" },
      ...{ asked: at(10), since: at(13), until: at(16.5), is_error: true },
    },
    {
      id: "c2",
      tool_call_id: "call_2",
      tool_name: "read_file",
      message_id: 2,
      state: "canceled",
      asked: at(10),
      until: at(14),
    },
    {
      id: "c3",
      tool_call_id: "call_3",
      tool_name: "wait",
      message_id: 2,
      state: "done",
      asked: at(10),
      since: at(10),
      until: at(14),
    },
  ],
  owners: [],
}

const transition = (
  version: number,
  event: string,
  second: number,
  more: Partial<ChatTransition> = {},
): ChatTransition => ({
  ...{ version, event, detail: {}, from: "a", to: "b", epoch: 1, machine_version: 1, created_at: at(second) },
  ...more,
})

const about = {
  ...{ title: "", ownerId: "olga", ownerName: "Olga", lastError: undefined, queuePosition: undefined },
  models: new Map([["m", "Large"]]),
}

const told = (subject: Subject, me?: string) => {
  const transitions = [
    transition(6, "DecideApproval", 12.5, { actor_user_id: "olga" }),
    transition(7, "StopToolCall", 13.5, { actor_user_id: "eve", detail: { tool_call_id: "c3" } }),
    transition(8, "Steer", 20),
  ]
  const { reasons, version } = messageWhy(subject, { steps, transitions, about, me })
  return {
    version,
    lines: reasons.map(({ text, fact, words }) => [text, fact, words].filter((part) => part !== undefined).join(" | ")),
  }
}

describe("why a message is there", () => {
  it("says of one that was sent who sent it, and how long it waited", () => {
    expect(told({ kind: "message", id: 1 }, "olga")).toEqual({
      version: 1,
      lines: ["Sent by you | 14:00:00", "Waited for a free slot | 2.0 s", "The model was asked | after 2.0 s"],
    })
  })

  it("says of one of the queue how it came in, and that an edit took it away", () => {
    expect(told({ kind: "message", id: 5 })).toEqual({
      version: 8,
      lines: [
        "Sent to steer by another person | 14:00:15",
        "Waited in the queue | 5.0 s",
        "Went into the running turn, after its step | 14:00:20",
        "The model was asked | after 1.0 s",
        "Taken away by an edit | version 12",
      ],
    })
  })

  it("says of a reply what failed before it, who was asked, how fast it was and what it cost", () => {
    expect(told({ kind: "message", id: 2 })).toEqual({
      version: 5,
      lines: [
        "Try 1 failed | 14:00:04 | slow down",
        "Asked of Large, try 2 | 14:00:06",
        "First word after | 1.0 s",
        "Whole after | 4.0 s",
        "Tokens read and written | 21.0k → 214",
        "Cost | $1.84",
        "Asked for | 3 calls",
      ],
    })
    expect(told({ kind: "message", id: 7 }).lines).toEqual([
      "Asked of the model | 14:00:21",
      "Stopped after | 4.0 s",
      "Cost | $0.001204",
    ])
  })

  it("says of a call who approved it, when it ran and how it ended", () => {
    expect(told({ kind: "call", id: "call_1" })).toEqual({
      version: 5,
      lines: [
        "The model asked for it | 14:00:10",
        "Approved by Olga | 14:00:12, after 2.5 s",
        "Began | 14:00:13",
        "Failed after | 3.5 s",
      ],
    })
    expect(told({ kind: "call", id: "call_2" }).lines).toEqual([
      "The model asked for it | 14:00:10",
      "Answered without being run | 14:00:14",
    ])
    expect(told({ kind: "call", id: "call_3" }).lines).toContain("Stopped one call: another person | 14:00:13")
  })

  it("says so where what is kept does not reach back to it", () => {
    for (const subject of [
      { kind: "message", id: 99 },
      { kind: "call", id: "__proto__" },
    ] as const) {
      expect(told(subject)).toEqual({
        version: undefined,
        lines: ["It is older than what is kept of this chat's steps."],
      })
    }
  })
})

describe("lost attempts at a version", () => {
  const lost = (ended: string | null) => ({
    ...{ history_version: 1, attempt: 1, started_at: at(2), ended_at: ended, reason: "retry", content: [] },
  })

  it("are those that had ended by then", () => {
    const ended = (second: number, version: number) => attemptsAt([lost(at(second))], steps, version).length
    expect([ended(4, 2), ended(4, 3), ended(4, 12)]).toEqual([0, 1, 1])
    // Of one that the steps do not know only its time is known.
    expect([ended(1, 1), ended(1, 2), ended(90, 12)]).toEqual([0, 1, 0])
    expect(attemptsAt([lost(null)], steps, 12)).toEqual([])
  })
})
