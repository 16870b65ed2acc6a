import { describe, expect, it } from "vitest"
import type { RetryState } from "../../../src/contract/chat-error.ts"
import { type ChatStream, emptyStream } from "../stream/state.ts"
import type { StreamContext } from "../stream/store.ts"
import {
  errorTitle,
  failedAttempts,
  nextAttempt,
  phaseOf,
  retryAnnouncement,
  retryTitle,
  secondsUntil,
  tryingAgain,
} from "./live-status.ts"

const error = { message: "No.", retryable: false }
const retry: RetryState = { attempt: 1, delay_ms: 1000, error: "Busy.", retrying_at: "2026-06-01T10:00:00Z" }
const status = (status: NonNullable<ChatStream["status"]>["status"], activity: string = status) => ({
  status,
  activity,
})
const running = status("running", "running.generating")
const preview = [{ type: "text" as const, text: "half" }]

const context = (
  stream: Partial<ChatStream>,
  connection: Partial<StreamContext["connection"]> = {},
): StreamContext => ({
  stream: { ...emptyStream, ...stream },
  connection: { state: "open", failures: 0, retryAt: undefined, ...connection },
  verdicts: new Map(),
})
const down = { state: "waiting", failures: 3, retryAt: 1 } as const

describe("the first that holds is shown", () => {
  it.each([
    ["a retry over a lost connection", context({ status: running, retry }, down), "retrying"],
    ["an error over a lost connection", context({ status: status("error"), error }, down), "failed"],
    ["a lost connection over what was going on", context({ status: running, preview }, down), "reconnecting"],
    [
      "stopping over what was streamed",
      context({ status: status("running", "running.interrupting"), preview }),
      "stopping",
    ],
    ["thinking before the first part", context({ status: running }), "thinking"],
    ["streaming from the first part on", context({ status: running, preview }), "streaming"],
    ["tools that run", context({ status: status("running", "running.executing") }), "executing"],
    ["compaction", context({ status: status("running", "running.compacting") }), "compacting"],
    [
      "a wait for the next try that was not told",
      context({ status: status("running", "running.backing_off") }),
      "backing off",
    ],
    ["waiting for a slot", context({ status: status("pending") }), "queued"],
    ["waiting for an outside answer", context({ status: status("requires_action") }), "action"],
    ["waiting for an approval", context({ status: status("requires_action", "requires_action.approval") }), "approval"],
    ["nothing", context({ status: status("waiting") }), "idle"],
    ["loading before the first status", context({}), "loading"],
  ])("%s", (_, given, phase) => {
    expect(phaseOf(given, undefined).phase).toBe(phase)
  })

  it("does not mention the first lost connections", () => {
    expect(phaseOf(context({ status: running }, { state: "waiting", failures: 1 }), undefined).phase).toBe("thinking")
  })

  it("is the error the chat remembers, only while it has failed", () => {
    expect(phaseOf(context({ status: status("error") }), error)).toEqual({ phase: "failed", error })
    expect(phaseOf(context({ status: running }), error).phase).toBe("thinking")
    expect(phaseOf(context({ status: status("waiting") }), error).phase).toBe("idle")
  })

  it("names the calls that are waited for", () => {
    const call = { tool_call_id: "1", tool_name: "execute", args: "{}" }
    const approvals = [{ ...call, id: "6f0d9a3e-0000-4000-8000-000000000002", reason: "Policy." }]
    expect(
      phaseOf(context({ status: status("requires_action", "requires_action.approval"), approvals }), undefined),
    ).toEqual({ phase: "approval", tools: ["execute"] })
    const waiting = status("requires_action", "requires_action.client_tools")
    expect(phaseOf(context({ status: waiting, clientToolCalls: [call, call] }), undefined)).toEqual({
      phase: "action",
      tools: ["execute", "execute"],
    })
  })

  it("forgets a retry once the turn is over", () => {
    expect(phaseOf(context({ status: status("waiting"), retry }), undefined).phase).toBe("idle")
  })
})

it("a turn that is tried again has not failed", () => {
  expect([retryTitle("generic"), retryAnnouncement(undefined)]).toEqual(["Trying again", "Trying again."])
  expect(retryTitle("overloaded")).toBe("The provider is overloaded")
  expect(retryAnnouncement("overloaded")).toBe("The provider is overloaded. Trying again.")
})

it("a person reads when the next attempt comes, and how many failed only on demand", () => {
  expect([tryingAgain(8), tryingAgain(undefined)]).toEqual(["Trying again in 8 s.", "Trying again…"])
  expect([failedAttempts(1), failedAttempts(4)]).toEqual(["1 attempt has failed.", "4 attempts have failed."])
})

it.each([
  [1_001, 0, 2],
  [1_000, 0, 1],
  [0, 0, undefined],
  [-5, 0, undefined],
  [Number.NaN, 0, undefined],
])("counts down to %d at %d as %s", (instant, now, seconds) => {
  expect(secondsUntil(instant, now)).toBe(seconds)
})

it.each([
  ["nobody listens", { detail: "connect ECONNREFUSED 127.0.0.1:1" }, "The provider cannot be reached"],
  ["a name that nobody knows", { detail: "getaddrinfo ENOTFOUND api.example" }, "The provider cannot be reached"],
  ["no way there", { detail: "connect EHOSTUNREACH 10.0.0.1:443" }, "The provider cannot be reached"],
  ["a proxy's words", { detail: "Connection refused" }, "The provider cannot be reached"],
  ["a line that broke", { detail: "read ECONNRESET" }, "The connection to the provider broke off"],
  ["a socket that was closed", { detail: "other side closed" }, "The connection to the provider broke off"],
  ["a gateway whose server is away", { status_code: 503 }, "The provider is not available"],
  ["a gateway that gave up", { status_code: 504, detail: "upstream closed" }, "The provider did not answer in time"],
  ["a clock that ran out", { detail: "connect ETIMEDOUT 10.0.0.1:443" }, "The provider did not answer in time"],
  ["nothing known", {}, "The provider did not answer in time"],
])("a time-out by %s is called what it was", (_, failure, title) => {
  expect(errorTitle({ kind: "timeout", ...failure })).toBe(title)
  expect(retryTitle("timeout", failure)).toBe(title)
})

it("which attempt comes next, and of how many", () => {
  expect(nextAttempt({ ...retry, attempt: 2, max_attempts: 25 })).toBe("Attempt 3 of 25")
  expect(nextAttempt({ ...retry, attempt: 2 })).toBe("Attempt 3")
})
