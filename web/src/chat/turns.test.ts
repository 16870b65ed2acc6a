import { describe, expect, it } from "vitest"
import type { Attempt, Message } from "../../../src/contract/chats.ts"
import type { Part, ToolResultPart } from "../../../src/contract/parts.ts"
import { promptAt, promptBeside } from "./prompts.ts"
import { resultsOf, timelineRows } from "./rows.ts"
import { factsLine, factsOf } from "./turn-facts.ts"
import { type TimelineRow, type TimelineState, turnRows } from "./turns.ts"

const at = (second: number) => new Date(Date.UTC(2026, 5, 1, 10, 0, second)).toISOString()
const say = (text: string): Part => ({ type: "text", text })
const call = (id: string, tool_name = "execute", args: unknown = { command: "ls" }): Part => ({
  type: "tool-call",
  tool_call_id: id,
  tool_name,
  args,
})
const result = (id: string, value: unknown, more: Partial<ToolResultPart> = {}): ToolResultPart => ({
  type: "tool-result",
  tool_call_id: id,
  tool_name: "execute",
  result: value,
  ...more,
})
const message = (id: number, role: Message["role"], ...content: ReadonlyArray<Part>): Message => ({
  id,
  chat_id: "c",
  created_at: at(id),
  role,
  content,
})
const attempt = (started: number, reason: string, content: ReadonlyArray<Part> = [say("lost")]): Attempt => ({
  history_version: started,
  attempt: 1,
  started_at: at(started),
  ended_at: at(started + 1),
  reason,
  content,
})

const show = (
  messages: ReadonlyArray<Message>,
  { attempts = [], ...state }: Partial<TimelineState> = {},
): ReadonlyArray<TimelineRow> =>
  turnRows(timelineRows(messages, attempts), {
    allLoaded: true,
    attempts,
    preview: undefined,
    results: resultsOf(messages),
    running: false,
    unfolded: new Set(),
    writtenBy: new Map(),
    ...state,
  })

const told = (rows: ReadonlyArray<TimelineRow>) =>
  rows.map((row) => (row.kind === "agent" ? `agent ${row.key} ${row.from}-${row.to}` : `${row.kind} ${row.key}`))

const worked = [
  message(1, "user", say("go")),
  message(2, "assistant", say("first"), call("a")),
  message(3, "tool", result("a", { success: true })),
  message(4, "assistant", call("b")),
  message(5, "tool", result("b", { success: false, exit_code: 1 })),
  message(134, "assistant", say("done")),
]

describe("a turn", () => {
  it("that is over is one line and its answer", () => {
    expect(told(show(worked))).toEqual(["prompt m1", "fold m134f", "agent m134 0-1", "end m134e"])
  })

  it("that is unfolded shows all that was done", () => {
    expect(told(show(worked, { unfolded: new Set(["m134"]) }))).toEqual([
      "prompt m1",
      "fold m134f",
      "agent m2 0-2",
      "agent m4 0-1",
      "agent m134 0-1",
      "end m134e",
    ])
  })

  it("that goes on shows all, and what is written at its end", () => {
    expect(told(show(worked.slice(0, 5), { running: true, preview: "a9.1" }))).toEqual([
      "prompt m1",
      "agent m2 0-2",
      "agent m4 0-1",
      "agent a9.1 0-Infinity",
    ])
  })

  it("goes on as the same row when what was written is a message", () => {
    const writtenBy = new Map([[134, "a9.1"]])
    expect(told(show(worked, { running: true, writtenBy })).at(-1)).toBe("agent a9.1 0-1")
    expect(told(show(worked, { writtenBy }))).toContain("agent a9.1 0-1")
  })

  it("of one call is not folded: a line would hide a line", () => {
    const one = [
      message(1, "user", say("go")),
      message(2, "assistant", call("a")),
      message(3, "assistant", say("done")),
    ]
    expect(told(show(one))).toEqual(["prompt m1", "agent m2 0-1", "agent m3 0-1", "end m3e"])
  })

  it("folds what its last message did before it answered", () => {
    const rows = show([message(1, "user", say("go")), message(2, "assistant", call("a"), call("b"), say("done"))])
    expect(told(rows)).toEqual(["prompt m1", "fold m2f", "agent m2 2-3", "end m2e"])
  })

  it("whose reply failed keeps what was shown of it in view", () => {
    expect(told(show(worked.slice(0, 5), { preview: "a9.1" }))).toEqual([
      "prompt m1",
      "fold m4f",
      "agent a9.1 0-Infinity",
      "end m4e",
    ])
  })

  it("shows what was cut off just now, until the next attempt has said something", () => {
    const attempts = [attempt(6, "retry")]
    const lost = show(worked.slice(0, 5), { attempts, running: true }).find(({ kind }) => kind === "attempt")
    expect(lost).toMatchObject({ open: true })
    // Those before the last are folded, whatever ended them.
    const two = show(worked.slice(0, 5), { attempts: [...attempts, attempt(7, "crash")], running: true })
    expect(two.flatMap((row) => (row.kind === "attempt" ? [row.open] : []))).toEqual([false, true])
    const before = show(worked, { attempts, running: true }).find(({ kind }) => kind === "attempt")
    expect(before).toMatchObject({ open: false })
  })

  it("stands between boundaries, which are never folded", () => {
    const rows = show([
      ...worked,
      message(140, "assistant", call("s", "chat_summarized")),
      message(141, "user", say("x")),
    ])
    expect(told(rows).slice(-3)).toEqual(["end m134e", "boundary m140", "prompt m141"])
  })
})

describe("a turn was stopped", () => {
  const ends = (messages: ReadonlyArray<Message>, attempts: ReadonlyArray<Attempt> = []) =>
    show(messages, { attempts }).flatMap((row) => (row.kind === "end" ? [row.stopped] : []))
  const prompt = message(1, "user", say("go"))

  it.each<[string, ReadonlyArray<Message>, ReadonlyArray<Attempt>]>([
    [
      "in the middle of a reply",
      [prompt, { ...message(2, "assistant", say("half")), finish_reason: "interrupted" }],
      [],
    ],
    [
      "while a tool ran",
      [prompt, message(2, "assistant", call("a")), message(3, "tool", result("a", { canceled: "interrupted" }))],
      [],
    ],
    ["before anything was shown", [prompt], [attempt(2, "interrupt", [])]],
  ])("%s", (_, messages, attempts) => {
    expect(ends(messages, attempts)).toEqual([true])
  })

  it("and not those before and after it", () => {
    const answered = [prompt, message(2, "assistant", say("a")), message(10, "user", say("b"))]
    expect(
      ends(
        [...answered, message(30, "user", say("c")), message(31, "assistant", say("d"))],
        [attempt(11, "interrupt", [])],
      ),
    ).toEqual([false, true, false])
  })
})

describe("the facts of a turn", () => {
  const lineOf = (messages: ReadonlyArray<Message>, state: Partial<TimelineState> = {}) => {
    const fold = show(messages, state).find((row) => row.kind === "fold")
    return fold?.kind === "fold" ? factsLine(factsOf(fold.turn, resultsOf(messages))) : undefined
  }

  it("are its time, its steps and what failed", () => {
    expect(lineOf(worked)).toBe("2 min 13 s, 3 steps, 1 failed")
  })

  it("say what became of files, and how often it was tried again", () => {
    const edited = [
      message(1, "user", say("go")),
      message(2, "assistant", call("a", "write_file", { path: "x.ts", content: "one\ntwo\n" })),
      message(3, "tool", result("a", { success: true })),
      message(
        5,
        "assistant",
        call("b", "edit_files", { files: [{ path: "x.ts", edits: [{ search: "one", replace: "1" }] }] }),
      ),
      message(6, "tool", result("b", { success: true })),
      message(8, "assistant", say("done")),
    ]
    expect(lineOf(edited, { attempts: [attempt(4, "retry")] })).toBe("7.0 s, 3 steps, 1 file +3 −1, 1 retry")
  })

  it("are not said of what is not loaded", () => {
    expect(lineOf(worked.slice(1), { allLoaded: false })).toBe("at least 3 steps, 1 failed")
    expect(lineOf(worked.slice(1))).toBe("3 steps, 1 failed")
  })
})

it("the prompt of what is read, and those beside it", () => {
  const rows = show([...worked, message(200, "user", say("more")), message(201, "assistant", say("yes"))])
  expect(promptAt(rows, "m134")?.key).toBe("m1")
  expect(promptAt(rows, "m201")?.key).toBe("m200")
  // It is in view itself.
  expect(promptAt(rows, "m200")).toBeUndefined()
  expect(promptAt(rows, undefined)).toBeUndefined()
  expect([promptBeside(rows, undefined, "previous"), promptBeside(rows, "m200", "previous")]).toEqual(["m200", "m1"])
  expect([promptBeside(rows, "m1", "next"), promptBeside(rows, "m200", "next")]).toEqual(["m200", undefined])
  expect(promptBeside(rows, "m1", "previous")).toBeUndefined()
})
