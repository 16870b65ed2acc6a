import { describe, expect, it } from "vitest"
import { stepsOf } from "../../../../src/chats/steps.ts"
import type { StepRows, StepTransition } from "../../../../src/db/chats/steps.ts"
import { everyVariant } from "../../../../src/machines/chat-journal.ts"
import { chatMachineGraph } from "../../../../src/machines/machine-graph.ts"
import { knowsEvent } from "./event-words.ts"
import type { WhyInput } from "./turn-facts.ts"
import { A, about, at, B, C, call, G, I, lifeOf, type Line, T, transitionsOf, X } from "./why-fixture.ts"
import { why } from "./why.ts"

/** The words for why a chat is as it is, against the steps that the server makes of a journal. */

const ask = (
  lines: ReadonlyArray<Line>,
  {
    rows = {},
    version = lines.length,
    ...more
  }: { rows?: Partial<StepRows>; version?: number } & Partial<WhyInput> = {},
) => {
  const life = lifeOf(lines)
  const prompt = (row: (typeof life)[number], id: number) => ({
    id,
    created_version: row.version,
    removed_version: null,
    created_by: row.by ?? "olga",
    created_at: row.created_at,
  })
  const prompts = life
    .filter(
      ({ event, from_activity }) =>
        ["Create", "EditMessage"].includes(event) || (event === "SendMessage" && !from_activity.includes(".")),
    )
    .map(prompt)
  const steps = stepsOf({
    transitions: life satisfies ReadonlyArray<StepTransition>,
    replies: [],
    calls: [],
    failures: [],
    queued: [],
    prompts,
    ...rows,
  })
  const found = why({
    ...{
      steps,
      transitions: transitionsOf(life),
      version,
      now: false,
      definition: chatMachineGraph(),
      about,
      deadlines: [],
      me: undefined,
    },
    ...more,
  })
  return {
    sentence: found?.sentence.map(({ text }) => text).join(""),
    cause: found?.sentence.flatMap(({ text, strong }) => (strong ? [text] : [])),
    chain: found?.chain.map(({ text }) => text).join(" › "),
    failure: found?.failure,
  }
}

const granted = { slot: "granted", model_config_id: "m" }
const begun: ReadonlyArray<Line> = [["Create", G, granted]]
const recorded: Line = ["RecordToolCalls", X, { tool_call_ids: ["a", "b"] }]
const busy = {
  message: "The provider is busy.",
  detail: "slow down, please",
  kind: "rate_limit" as const,
  status_code: 429,
}

describe("why a chat is as it is", () => {
  it.each<[string, ReadonlyArray<Line>, string, Parameters<typeof ask>[1]?]>([
    ["asked", begun, "Large is asked for step 1, since 14:00:00."],
    [
      "asked by a model that nobody knows",
      begun,
      "The model is asked for step 1, since 14:00:00.",
      { about: undefined },
    ],
    ["in line", [["Create", "pending"]], "Waits for a free slot, since 14:00:00."],
    [
      "in line, now",
      [["Create", "pending"]],
      "Waits for a free slot, place 2 in the line, since 14:00:00.",
      { now: true },
    ],
    [
      "in line again",
      [...begun, recorded, ["CommitStep", G], ["Yield", "pending"]],
      "Waits for a free slot, since 14:00:03. It gave its slot back between two steps, so that others get their turn, or for the server to be shut down.",
    ],
    [
      "running tools",
      [...begun, recorded],
      "Runs 2 calls: execute and read_file, which the model asked for 14:00:01.",
      { rows: { calls: [call("execute", 1), call("read_file", 1)] } },
    ],
    [
      "running what is left of its tools",
      [...begun, recorded, ["SetMode", X, { mode: "plan" }]],
      "Runs 1 call: execute, which the model asked for 14:00:01. Switched to planning 14:00:02.",
      { rows: { calls: [call("execute", 1), call("read_file", 1, { finished_at: at(1.5) })] } },
    ],
    [
      "running tools that were approved",
      [
        ...begun,
        recorded,
        ["RequireApproval", A, { undecided: 1 }],
        ["DecideApproval", X, { ...granted, undecided: 0 }],
      ],
      "Runs 1 call: execute, which are approved now 14:00:03.",
      { rows: { calls: [call("execute", 1)] } },
    ],
    [
      "waiting for an approval",
      [...begun, recorded, ["RequireApproval", A, { undecided: 2 }]],
      "2 calls wait for olga, because the rules for tools ask before execute and write_file.",
      { rows: { calls: [call("execute", 1, { approval: "asked" }), call("write_file", 1, { approval: "asked" })] } },
    ],
    [
      "waiting for the reader's approval",
      [...begun, recorded, ["RequireApproval", A, { undecided: 1 }]],
      "1 call waits for you, because the rules for tools ask before execute.",
      { me: "olga", rows: { calls: [call("execute", 1, { approval: "asked" })] } },
    ],
    [
      "waiting for a client",
      [...begun, recorded, ["EnterRequiresAction", T, { deadline_at: at(60).toISOString() }]],
      "Waits for an answer from outside: the model called ask_user, which the program that began this chat answers, until 14:01:00.",
      { rows: { calls: [call("ask_user", 1)] } },
    ],
    [
      "waiting to try again",
      [...begun, ["RecordRetryState", B, { attempt: 1, delay_ms: 8000, kind: "rate_limit" }]],
      "The provider's rate limit is reached (HTTP 429). Try 2 is made at 14:00:09. The provider is busy.",
      { rows: { failures: [{ ended_at: at(1), failure: busy }] } },
    ],
    [
      "trying again",
      [
        ...begun,
        ["RecordRetryState", B, { attempt: 1, delay_ms: 8000 }],
        ["RecordGenerationAttempt", G, { model_config_id: "m" }],
      ],
      "Large is asked again, try 2 at step 1, since 14:00:02. Before: The provider is busy.",
      { rows: { failures: [{ ended_at: at(1), failure: busy }] } },
    ],
    [
      "taken over",
      [...begun, ["RecordGenerationAttempt", G, { model_config_id: "m", epoch: 2 }]],
      "The server died in the middle of a reply that was begun 14:00:00. Another owner (epoch 2) took the chat over 14:00:01 and asked the model again.",
    ],
    [
      "begun again by its own server",
      [...begun, ["RecordGenerationAttempt", G, { model_config_id: "m" }]],
      "The reply was cut off on our side, 1.0 s after it had begun. The model was asked again 14:00:01.",
    ],
    ["stopping", [...begun, ["Interrupt", I]], "Stops, because olga asked for it, 14:00:01."],
    [
      "stopping for another message",
      [...begun, ["SendMessage", I, { busy_behavior: "interrupt" }]],
      "Stops, because olga sent a message that goes before the rest of this turn, 14:00:01.",
    ],
    [
      "compacting",
      [...begun, ["FinishTurn", "waiting"], ["RequestCompaction", C, granted]],
      "Compacts the conversation, because olga asked for it, since 14:00:02.",
    ],
    [
      "compacting by itself",
      [["Create", C, granted]],
      "Compacts the conversation, because the context of the model is nearly full, since 14:00:00.",
    ],
    [
      "steered",
      [...begun, ["SendMessage", G, { busy_behavior: "steer" }], ["Steer", G]],
      "Takes in what was said meanwhile, and asks the model next.",
    ],
    ["answered", [...begun, ["FinishTurn", "waiting"]], "Answered in 1.0 s."],
    [
      "answered after work",
      [
        ...begun,
        recorded,
        ["CommitStep", G],
        ["RecordGenerationAttempt", G, { model_config_id: "m" }],
        ["FinishTurn", "waiting"],
      ],
      "Answered, after 2 steps and 1 call in 4.0 s.",
      { rows: { calls: [call("execute", 1, { finished_at: at(2) })] } },
    ],
    [
      "with a plan",
      [...begun, recorded, ["FinishTurn", "waiting"]],
      "The plan is ready and waits to be read, after 1 call in 2.0 s.",
      { rows: { calls: [call("propose_plan", 1)] } },
    ],
    [
      "stopped in a reply",
      [...begun, ["Interrupt", I], ["FinishInterruption", "waiting"]],
      "Stopped by olga in the middle of a reply, 14:00:01.",
    ],
    [
      "stopped among tools",
      [...begun, recorded, ["Interrupt", I, { by: "eve" }], ["FinishInterruption", "waiting"]],
      "Stopped by another person while tools ran, 14:00:02.",
    ],
    [
      "stopped before it began",
      [
        ["Create", "pending"],
        ["Interrupt", "waiting"],
      ],
      "Stopped by olga before it had begun, 14:00:01.",
    ],
    [
      "compacted",
      [
        ["Create", C, granted],
        ["CommitCompaction", "waiting"],
      ],
      "The conversation is compacted: the model goes on from its summary.",
    ],
    [
      "failed",
      [...begun, ["FinishError", "error", { kind: "auth", status_code: 401 }]],
      "The provider refused the credentials (HTTP 401). The turn ended with it.",
    ],
    [
      "failed in words",
      [...begun, ["FinishError", "error", { kind: "rate_limit" }]],
      "The provider's rate limit is reached (HTTP 429). The provider is busy.",
      { rows: { failures: [{ ended_at: at(1), failure: busy }] } },
    ],
    [
      "cleared",
      [...begun, ["FinishError", "error"], ["ClearContext", "waiting"]],
      "The context was cleared: the model begins anew, and the messages stay to be read.",
    ],
    [
      "repaired",
      [...begun, ["ReconcileInvalidState", "error"]],
      "The chat was repaired: its rows were no state of the machine. The turn failed.",
    ],
    [
      "changed at rest",
      [...begun, ["FinishTurn", "waiting"], ["SetArchived", "waiting", { archived: true, by: "olga" }]],
      "Answered in 1.0 s. Olga archived the chat 14:00:02.",
    ],
  ])("is said: %s", (_, lines, words, more) => {
    const { sentence, cause } = ask(lines, more)
    expect(sentence).toBe(words)
    expect(cause?.length).toBeGreaterThan(0)
  })

  it("is told as a chain, from who sent it to what happened last", () => {
    const lines: ReadonlyArray<Line> = [
      ["Create", "pending"],
      ["Admit", G, { model_config_id: "m" }],
      ["RecordRetryState", B, { delay_ms: 1000 }],
      ["RecordGenerationAttempt", G, { model_config_id: "m" }],
      recorded,
      ["CommitStep", G],
      ["RecordGenerationAttempt", G, { model_config_id: "m" }],
      ["RecordGenerationAttempt", G, { model_config_id: "m", epoch: 2 }],
    ]
    const rows = { calls: [call("execute", 4, { finished_at: at(5) })], failures: [{ ended_at: at(2), failure: busy }] }
    expect(ask(lines, { rows }).chain).toBe(
      "olga sent 14:00:00 › waited 1.0 s for a slot › 1 step, 1 call › 1 retry: “slow down, please” › 1 try cut off › epoch 2 14:00:07 › the model was asked 14:00:07",
    )
    expect(ask(lines, { rows, version: 3 }).chain).toBe(
      "olga sent 14:00:00 › waited 1.0 s for a slot › 1 try failed › the attempt failed, to be tried again 14:00:02",
    )
    // What had not happened yet is not told.
    expect(ask(lines, { rows, version: 2 }).chain).toBe(
      "olga sent 14:00:00 › waited 1.0 s for a slot › got a slot 14:00:01",
    )
  })

  it("says of a message of the queue when it was sent and when it went in", () => {
    const lines: ReadonlyArray<Line> = [
      ...begun,
      ["SendMessage", G, { busy_behavior: "queue" }],
      ["FinishTurn", G, granted],
    ]
    const message = { removed_version: null, created_by: "olga" }
    const rows = {
      prompts: [
        { ...message, id: 1, created_version: 1, created_at: at(0) },
        { ...message, id: 2, created_version: 3, created_at: at(2) },
      ],
      queued: [
        { kind: "queue" as const, created_by: "olga", created_at: at(1), created_version: 2, removed_version: 3 },
      ],
    }
    expect(ask(lines, { rows }).chain).toBe("olga queued 14:00:01 › went in 14:00:02, after 1.0 s")
    expect(ask(lines, { rows, version: 2 }).sentence).toBe(
      "Large is asked for step 1, since 14:00:00. Meanwhile: sent, 14:00:01.",
    )
  })

  it("gives for a failure its time, the tries, the provider's words and what the chat remembers of it", () => {
    const lines: ReadonlyArray<Line> = [
      ...begun,
      ["RecordRetryState", B, { delay_ms: 10 }],
      ["RecordGenerationAttempt", G, { model_config_id: "m" }],
      ["FinishError", "error", { kind: "rate_limit", status_code: 429 }],
    ]
    const rows = {
      failures: [
        { ended_at: at(1), failure: busy },
        { ended_at: at(3), failure: busy },
      ],
    }
    expect(ask(lines, { rows }).failure).toMatchObject({
      tries: 2,
      detail: "slow down, please",
      status: 429,
      at: at(3).toISOString(),
    })
    const lastError = { ...busy, detail: "for an hour", retryable: true, attempts: 7, retry_at: at(90).toISOString() }
    const now = ask(lines, { rows, now: true, about: { ...about, lastError } })
    expect(now.failure).toMatchObject({ tries: 7, detail: "for an hour", retryAt: at(90).toISOString() })
    // Of one that is long over the chat remembers nothing: what its last turn failed with is another matter.
    expect(ask(lines, { rows, about: { ...about, lastError } }).failure).toMatchObject({
      tries: 2,
      detail: "slow down, please",
    })
  })

  it("begins in the middle where the journal does, and says so", () => {
    const lines: ReadonlyArray<Line> = [...begun, recorded, ["CommitStep", G]]
    const life = lifeOf(lines)
    const steps = stepsOf({ transitions: life, replies: [], calls: [], failures: [], queued: [], prompts: [] })
    const rest = transitionsOf(life.slice(1))
    const input = {
      steps,
      transitions: rest,
      now: false,
      definition: chatMachineGraph(),
      about,
      deadlines: [],
      me: undefined,
    }
    expect(why({ ...input, version: 3 })?.chain[0]?.text).toBe("began before version 2")
    expect(why({ ...input, version: 1 })).toBeUndefined()
    expect(why({ ...input, version: 9 })).toBeUndefined()
  })

  it("has words for every event, and none that hide for one that it does not know", () => {
    const events = new Set(everyVariant.map(({ type }) => type as string))
    expect(["ReconcileInvalidState", ...events].filter((event) => event !== "ACTIVATE" && !knowsEvent(event))).toEqual(
      [],
    )
    for (const name of ["__proto__", "constructor", "Teleport"]) {
      expect(ask([...begun, [name, "beyond.known"]]).sentence).toContain(name.slice(1))
    }
  })

  it("says something about every event in every state that the machine knows", () => {
    const states = chatMachineGraph().states.filter(({ tags, path }) => tags.length > 0 && path.startsWith("life."))
    for (const { path } of states) {
      for (const { type } of everyVariant) {
        const { sentence, chain } = ask([...begun, [type, path.slice("life.".length)]])
        const where = `${type} -> ${path}`
        expect([where, sentence, chain]).toEqual([
          where,
          expect.stringMatching(/^\S.{5,}\.$/s),
          expect.stringMatching(/^\S/),
        ])
        expect([where, `${sentence} ${chain}`]).toEqual([
          where,
          expect.not.stringMatching(/undefined|NaN|Invalid|\[object/),
        ])
      }
    }
  })
})
