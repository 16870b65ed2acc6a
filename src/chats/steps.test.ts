import { describe, expect, it } from "vitest"
import type { StepRows, StepTransition } from "../db/chats/steps.ts"
import { stepsOf } from "./steps.ts"

const BEGAN = Date.UTC(2026, 0, 1)
const at = (second: number) => new Date(BEGAN + second * 1000)
const text = (second: number) => at(second).toISOString()

/** A journal of lines `event -> state`, one second apart; with `!` the event brings the slot. */
const journal = (...lines: ReadonlyArray<string>): ReadonlyArray<StepTransition> => {
  let from = "none"
  return lines.map((line, index) => {
    const [event = "", to = ""] = line.split(" -> ")
    const transition: StepTransition = {
      version: index + 1,
      event: event.replace("!", ""),
      detail: event.endsWith("!") ? { slot: "granted", model_config_id: "m" } : {},
      from_activity: from,
      to_activity: to,
      epoch: 1,
      created_at: at(index),
    }
    from = to
    return transition
  })
}

const steps = (transitions: ReadonlyArray<StepTransition>, rest: Partial<StepRows> = {}) =>
  stepsOf({ transitions, replies: [], calls: [], prompts: [], queued: [], failures: [], ...rest })

const ends = (...lines: ReadonlyArray<string>) =>
  steps(journal(...lines)).attempts.map(({ version, end, ended_version }) => [version, end, ended_version])

const GENERATING = "running.generating"

describe("the steps of a chat", () => {
  it("are its states, one after the other without a hole, the last one open", () => {
    const { states } = steps(
      journal(`Create! -> ${GENERATING}`, `SendMessage -> ${GENERATING}`, `FinishTurn -> waiting`),
    )
    expect(states).toEqual([
      { version: 1, event: "Create", activity: GENERATING, status: "running", since: text(0), until: text(2) },
      { version: 3, event: "FinishTurn", activity: "waiting", status: "waiting", since: text(2) },
    ])
  })

  it("say how each attempt ended", () => {
    expect(ends(`Create! -> ${GENERATING}`, "RecordToolCalls -> running.executing")).toEqual([[1, "replied", 2]])
    expect(ends("Create -> pending", `Admit -> ${GENERATING}`, "FinishTurn -> waiting")).toEqual([[2, "replied", 3]])
    expect(
      ends(
        `Create! -> ${GENERATING}`,
        "RecordRetryState -> running.backing_off",
        `RecordGenerationAttempt -> ${GENERATING}`,
        "FinishError -> error",
      ),
    ).toEqual([
      [1, "retried", 2],
      [3, "failed", 4],
    ])
    expect(ends(`Create! -> ${GENERATING}`, "Interrupt -> running.interrupting")).toEqual([[1, "stopped", 2]])
    expect(ends(`Create! -> ${GENERATING}`, `EditMessage -> ${GENERATING}`)).toEqual([[1, "edited", 2]])
    expect(ends(`Create! -> ${GENERATING}`, "Yield -> pending")).toEqual([[1, "yielded", 2]])
    expect(ends(`Create! -> ${GENERATING}`, `RecordGenerationAttempt -> ${GENERATING}`)).toEqual([
      [1, "crashed", 2],
      [2, undefined, undefined],
    ])
  })

  it("have no attempt where a message that steers came before anything was asked of the model", () => {
    expect(
      ends(
        `Create! -> ${GENERATING}`,
        `Steer -> ${GENERATING}`,
        `RecordGenerationAttempt -> ${GENERATING}`,
        "FinishTurn -> waiting",
      ),
    ).toEqual([[3, "replied", 4]])
  })

  it("have the turn that begins with the end of the one before it", () => {
    expect(ends(`Create! -> ${GENERATING}`, `FinishTurn! -> ${GENERATING}`, "FinishTurn -> waiting")).toEqual([
      [1, "replied", 2],
      [2, "replied", 3],
    ])
  })

  it("have with a stopped attempt the message that it became", () => {
    const lines = journal(
      `Create! -> ${GENERATING}`,
      "Interrupt -> running.interrupting",
      "FinishInterruption -> waiting",
    )
    const reply = {
      ...{ id: 7, created_version: 3, model_config_id: "m", input_tokens: 5, output_tokens: null, total_tokens: null },
      ...{ reasoning_tokens: null, cache_creation_tokens: null, cache_read_tokens: null, context_limit: null },
      total_cost_micros: 12,
    }
    expect(steps(lines, { replies: [reply] }).attempts).toMatchObject([
      { end: "stopped", ended_version: 2, message_id: 7, usage: { input_tokens: 5 }, cost_micros: 12 },
    ])
  })

  it("tell of another owner, and leave out calls from before the first version", () => {
    const moved = journal(`Create! -> ${GENERATING}`, `RecordGenerationAttempt -> ${GENERATING}`).map(
      (transition, index) => ({ ...transition, epoch: index + 1 }),
    )
    const call = (second: number) => ({
      id: `call ${second}`,
      message_id: 1,
      provider_call_id: "p",
      tool_name: "execute",
      state: "done" as const,
      is_error: true,
      approval: null,
      created_at: at(second),
      started_at: at(second),
      finished_at: at(second + 1),
    })
    const { owners, calls } = steps(moved, { calls: [call(-1), call(1)] })
    expect(owners).toEqual([
      { epoch: 1, version: 1, since: text(0) },
      { epoch: 2, version: 2, since: text(1) },
    ])
    expect(calls).toEqual([
      {
        id: "call 1",
        tool_call_id: "p",
        tool_name: "execute",
        message_id: 1,
        asked: text(1),
        since: text(1),
        until: text(2),
        state: "done",
        is_error: true,
      },
    ])
  })

  it("keep what people were told of an attempt that failed", () => {
    const failure = { message: "The provider is busy.", detail: "try later", status_code: 429 }
    const lines = journal(`Create! -> ${GENERATING}`, "RecordRetryState -> running.backing_off")
    expect(steps(lines, { failures: [{ ended_at: at(1), failure }] }).attempts).toMatchObject([
      { end: "retried", failure },
    ])
    expect(steps(lines, { failures: [{ ended_at: at(2), failure }] }).attempts[0]).not.toHaveProperty("failure")
  })

  it("tell of a message how it came into the conversation", () => {
    const message = (id: number, version: number) => ({
      id,
      created_version: version,
      removed_version: null,
      created_by: "u",
      created_at: at(version - 1),
    })
    const waited = (kind: "queue" | "steer", from: number, until: number) => ({
      kind,
      created_by: "u",
      created_at: at(from - 1),
      created_version: from,
      removed_version: until,
    })
    const lines = journal(
      `Create! -> ${GENERATING}`,
      `SendMessage -> ${GENERATING}`,
      `SendMessage -> ${GENERATING}`,
      `Steer -> ${GENERATING}`,
      `SendMessage -> ${GENERATING}`,
      `EditMessage -> ${GENERATING}`,
    )
    const rows = {
      prompts: [message(1, 1), message(2, 4), message(3, 4), { ...message(4, 6), removed_version: 9 }],
      queued: [waited("steer", 2, 4), waited("steer", 3, 4), waited("queue", 5, 6)],
    }
    const sent = (id: number, version: number) => ({ message_id: id, version, since: text(version - 1), sent_by: "u" })
    const queued = (version: number) => ({ queued: { version, since: text(version - 1), kind: "steer" } })
    expect(steps(lines, rows).prompts).toEqual([
      sent(1, 1),
      { ...sent(2, 4), ...queued(2) },
      { ...sent(3, 4), ...queued(3) },
      // What waited when an earlier message was edited has gone with what came after it.
      { ...sent(4, 6), removed_version: 9 },
    ])
  })
})
