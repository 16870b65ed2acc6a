import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { ActivityChangeEvent } from "../../contract/stream.ts"
import type { BoardCall, BoardRow } from "../../db/chats/board.ts"
import { activityEvent, boardToWire } from "./board-wire.ts"

const NOW = Date.parse("2026-11-12T14:21:36Z")
const at = (secondsAgo: number) => new Date(NOW - secondsAgo * 1000).toISOString()

const row = (more: Partial<BoardRow>): BoardRow => ({
  id: "6f0d9a3e-0000-4000-8000-000000000001",
  owner_id: "u",
  activity: "waiting",
  snapshot_version: 7,
  last_error: null,
  retry_state: null,
  last_turn_summary: null,
  queue_position: null,
  moves: [{ activity: more.activity ?? "waiting", since: at(12) }],
  calls: [],
  cost_micros: null,
  parts: null,
  input_tokens: null,
  output_tokens: null,
  total_tokens: null,
  reasoning_tokens: null,
  cache_creation_tokens: null,
  cache_read_tokens: null,
  context_limit: null,
  ...more,
})

const call = (more: Partial<BoardCall>): BoardCall => ({
  id: "1",
  provider_call_id: "p",
  tool_name: "execute",
  args: { command: "npm test" },
  args_long: false,
  object: "npm test",
  approval: null,
  approval_reason: null,
  allow_rule: null,
  finished_at: null,
  asked: 0,
  ...more,
})
const asked = (count: number, more: Partial<BoardCall> = {}) => call({ approval: "asked", asked: count, ...more })

const lineOf = (more: Partial<BoardRow>) => activityEvent(row(more)).line

describe("the line of a card", () => {
  it.each<[string, Partial<BoardRow>]>([
    ["Runs npm test", { activity: "running.executing", calls: [call({})] }],
    ["Runs npm test and 1 more", { activity: "running.executing", calls: [call({}), call({ object: "ls" })] }],
    [
      "Reads src/a.ts",
      { activity: "running.executing", calls: [call({ tool_name: "read_file", object: "src/a.ts" })] },
    ],
    [
      "Runs github__push",
      { activity: "running.executing", calls: [call({ tool_name: "github__push", object: null })] },
    ],
    ["Running tools", { activity: "running.executing" }],
    ["Thinking", { activity: "running.generating", parts: [{ type: "reasoning", text: "hm", reset: false }] }],
    ["Writing the answer", { activity: "running.generating", parts: [{ type: "text", text: "Hi", reset: false }] }],
    ["Asks for 1 command", { activity: "requires_action.approval", calls: [asked(1)] }],
    [
      "Asks for 1 command, 1 file and 2 other calls",
      {
        activity: "requires_action.approval",
        calls: [
          asked(4),
          asked(4, { tool_name: "write_file" }),
          asked(4, { tool_name: "x" }),
          asked(4, { tool_name: "y" }),
        ],
      },
    ],
    [
      "Asks you: Which library?",
      { activity: "requires_action.client_tools", calls: [call({ object: "Which library?" })] },
    ],
    [
      "Waits for an answer from outside: deploy",
      { activity: "requires_action.client_tools", calls: [call({ tool_name: "deploy", object: null })] },
    ],
    ["The key was refused.", { activity: "error", last_error: { message: "The key was refused.", retryable: false } }],
    ["All tests pass.", { activity: "waiting", last_turn_summary: "All tests pass." }],
  ])("%s", (line, more) => {
    expect(lineOf(more)).toBe(line)
  })

  it("is one line without control characters, of 120 characters at most, whatever the model calls", () => {
    const command = `echo \u001b[31m\u202e\n${"long ".repeat(100)}`
    const event = activityEvent(
      row({ activity: "running.executing", calls: [call({ object: command.slice(0, 400) })] }),
    )
    expect(Schema.decodeUnknownSync(ActivityChangeEvent)(event).line.length).toBeLessThanOrEqual(120)
    expect(`${event.line}${event.object}`).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(event.line.endsWith(event.object ?? "none")).toBe(true)
  })

  it("of a state that this version does not know is its name", () => {
    expect(activityEvent({ ...row({}), activity: "running.dreaming" as BoardRow["activity"] })).toMatchObject({
      line: "running.dreaming",
      approvals: [],
      output: [],
    })
  })
})

it("shows what is asked as far as it is short, counts all of it, and nothing of it once nobody is asked", () => {
  const calls = [
    asked(8, { args_long: true, args: null }),
    ...Array.from({ length: 7 }, (_, n) => asked(8, { id: `${n}` })),
  ]
  expect(activityEvent(row({ activity: "requires_action.approval", calls }))).toMatchObject({
    asked: 8,
    approvals: ["0", "1", "2", "3", "4", "5"].map((id) => ({ id, args: '{"command":"npm test"}' })),
  })
  expect(activityEvent(row({ activity: "running.executing", calls }))).toMatchObject({ asked: 0, approvals: [] })
})

it("shows the last two lines of a tool's output since its last reset, and the last line of the answer", () => {
  const output = (text: string, reset = false) => ({ type: "tool-result", text, reset })
  const parts = [output("gone\n"), output("one\ntwo\n", true), output("thr"), output("ee\n")]
  expect(activityEvent(row({ activity: "running.executing", parts })).output).toEqual(["two", "three"])
  const words = ["First line.\nThe sec", "ond"].map((text) => ({ type: "text", text, reset: false }))
  expect(activityEvent(row({ activity: "running.generating", parts: words })).output).toEqual(["The second"])
  expect(activityEvent(row({ activity: "waiting", parts: words })).output).toEqual([])
})

it("a strip begins with the state that held when its ten minutes began", () => {
  const moves = [
    { activity: "pending", since: at(1200) },
    { activity: "running.generating", since: at(700) },
    { activity: "running.executing", since: at(60) },
    { activity: "waiting", since: at(5) },
  ]
  const { since, strip } = boardToWire(row({ moves }), NOW - 600_000)
  expect(strip.map(({ activity }) => activity)).toEqual(["running.generating", "running.executing", "waiting"])
  expect(since).toBe(at(5))
})
