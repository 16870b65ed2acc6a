import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Part } from "../../../src/contract/parts.ts"
import type { ChatStreamEvent } from "../../../src/contract/stream.ts"
import { addMessages, applyEvents, startOver } from "./apply.ts"
import { type Happening, ScriptedChat } from "./scripted-chat.ts"
import { type ChatStream, emptyStream } from "./state.ts"

const text = fc.string({ minLength: 1, maxLength: 8 })
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("text"), text }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("reasoning"), text }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("call"), pieces: fc.array(text, { minLength: 1, maxLength: 4 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("commit") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("user"), text }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("retry") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("fail") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("ask"), calls: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("decide") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("clientTool") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("edit"), keep: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("queue"), texts: fc.array(text, { maxLength: 3 }) }) },
)
const chat = fc.array(happening, { maxLength: 30 }).map((happenings) => new ScriptedChat(happenings))

/** All that a reader sees. How he got there (cursor, number of resets) may differ. */
const visible = ({
  messages,
  preview,
  queue,
  status,
  approvals,
  clientToolCalls,
  retry,
  error,
  broken,
}: ChatStream) => ({
  messages,
  preview,
  queue,
  status,
  approvals,
  clientToolCalls,
  retry,
  error,
  broken,
})

const uninterrupted = (script: ScriptedChat, position: number) =>
  visible(applyEvents(emptyStream, script.events.slice(0, position)))

/** Ways to come back: with the cursor, with a repeated stretch, with resets, or anew after a reload of the page. */
type Return = { readonly after: number } & (
  | { readonly how: "continue" | "reload" }
  | { readonly how: "repeat"; readonly back: number }
  | { readonly how: "resets"; readonly keep: number }
)

const comeback: fc.Arbitrary<Return> = fc.oneof(
  fc.record({ after: fc.nat(20), how: fc.constantFrom("continue" as const, "reload" as const) }),
  fc.record({ after: fc.nat(20), how: fc.constant("repeat" as const), back: fc.nat(5) }),
  fc.record({ after: fc.nat(20), how: fc.constant("resets" as const), keep: fc.nat(5) }),
)

const repeatable = (event: ChatStreamEvent): boolean => event.type === "message_part"

const read = (script: ScriptedChat, comebacks: ReadonlyArray<Return>): ChatStream => {
  let state = emptyStream
  let position = 0
  const total = script.events.length
  for (const back of comebacks) {
    const until = Math.min(total, position + back.after)
    state = applyEvents(state, script.events.slice(position, until))
    // What happened while the connection was down is in the next snapshot.
    position = back.how === "reload" || back.how === "resets" ? Math.min(total, until + 3) : until
    if (back.how === "reload") state = applyEvents(emptyStream, script.snapshot(position))
    if (back.how === "resets") {
      const from = state.messages[back.keep]?.id ?? 1
      const rowsBefore = script
        .snapshot(position)
        .filter((event) => event.type === "message" && event.message.id < from)
      const unchanged = rowsBefore.length === state.messages.filter(({ id }) => id < from).length
      state = applyEvents(state, script.resets(position, unchanged ? from : 1))
    }
    if (back.how === "repeat") {
      let start = until
      while (start > 0 && until - start < back.back && repeatable(script.events[start - 1]!)) start -= 1
      state = applyEvents(state, script.events.slice(start, until))
    }
  }
  return applyEvents(state, script.events.slice(position))
}

describe("a reader that loses the connection", () => {
  it("ends with what a reader sees who never lost it", () => {
    fc.assert(
      fc.property(chat, fc.array(comeback, { maxLength: 5 }), (script, comebacks) => {
        expect(visible(read(script, comebacks))).toEqual(uninterrupted(script, script.events.length))
      }),
      { numRuns: 500 },
    )
  })

  it("sees the same after a reload at any point", () => {
    fc.assert(
      fc.property(chat, (script) => {
        for (let position = 1; position <= script.events.length; position++) {
          expect(visible(applyEvents(emptyStream, script.snapshot(position)))).toEqual(uninterrupted(script, position))
        }
      }),
      { numRuns: 100 },
    )
  })

  it("sees the same however the events are cut into frames", () => {
    fc.assert(
      fc.property(chat, fc.nat(7), (script, size) => {
        let state = emptyStream
        for (let start = 0; start < script.events.length; start += size + 1) {
          state = applyEvents(state, script.events.slice(start, start + size + 1))
        }
        expect(state).toEqual(applyEvents(emptyStream, script.events))
      }),
    )
  })
})

const part = (seq: number, content: Part, historyVersion = 1, attempt = 1): ChatStreamEvent => ({
  type: "message_part",
  chat_id: "c",
  cursor: `${historyVersion}.${attempt}.${seq}`,
  message_part: { role: "assistant", part: content, history_version: historyVersion, generation_attempt: attempt, seq },
})
const say = (words: string): Part => ({ type: "text", text: words })

describe("parts of the message being written", () => {
  it("join: text with text, reasoning with reasoning", () => {
    const { preview } = applyEvents(emptyStream, [
      part(1, { type: "reasoning", text: "Let me " }),
      part(2, { type: "reasoning", text: "think." }),
      part(3, say("It ")),
      part(4, say("works.")),
    ])
    expect(preview).toEqual([{ type: "reasoning", text: "Let me think." }, say("It works.")])
  })

  it("gather a call's arguments until the whole call comes", () => {
    const call = { type: "tool-call", tool_call_id: "1", tool_name: "execute" } as const
    const pieces = [part(1, { ...call, args_delta: '{"com' }), part(2, { ...call, args_delta: 'mand":"ls"}' })]
    expect(applyEvents(emptyStream, pieces).preview).toEqual([{ ...call, args_delta: '{"command":"ls"}' }])
    const whole = part(3, { ...call, args: { command: "ls" } })
    expect(applyEvents(emptyStream, [...pieces, whole]).preview).toEqual([{ ...call, args: { command: "ls" } }])
  })

  it("of two calls do not mix", () => {
    const call = (id: string, args_delta: string): Part => ({
      type: "tool-call",
      tool_call_id: id,
      tool_name: "t",
      args_delta,
    })
    const { preview } = applyEvents(emptyStream, [
      part(1, call("a", "1")),
      part(2, call("b", "2")),
      part(3, call("a", "3")),
    ])
    expect(preview).toMatchObject([
      { tool_call_id: "a", args_delta: "13" },
      { tool_call_id: "b", args_delta: "2" },
    ])
  })

  it("of a call that is in its message already are not shown again; its result is", () => {
    const call: Part = { type: "tool-call", tool_call_id: "1", tool_name: "execute", args: {} }
    const result: Part = { type: "tool-result", tool_call_id: "1", tool_name: "execute", result: { output: "done" } }
    const message = {
      id: 1,
      chat_id: "c",
      created_at: "2026-06-01T10:00:00Z",
      role: "assistant" as const,
      content: [call],
    }
    const committed: ChatStreamEvent = { type: "message", chat_id: "c", cursor: "m", message }
    const state = applyEvents(emptyStream, [committed, part(1, call), part(2, result)])
    expect(state).toMatchObject({ preview: [result], broken: false, cursor: "1.1.2" })
    // Of a call that is still being written, the whole is what counts, even where a model uses its ids again.
    const again = applyEvents(emptyStream, [
      committed,
      part(1, { ...call, args: undefined, args_delta: "{" }),
      part(2, call),
    ])
    expect(again.preview).toEqual([call])
  })

  it("of an older attempt are dropped", () => {
    const state = applyEvents(emptyStream, [part(1, say("new"), 1, 2), part(2, say("old"), 1, 1)])
    expect(state.preview).toEqual([say("new")])
    expect(state.broken).toBe(false)
  })

  it("of a newer attempt replace the older ones", () => {
    const state = applyEvents(emptyStream, [part(1, say("old")), part(1, say("new"), 1, 2)])
    expect(state.preview).toEqual([say("new")])
  })

  it("with one missing mark the state as broken and leave the cursor before the gap", () => {
    const state = applyEvents(emptyStream, [part(1, say("a")), part(3, say("c")), part(4, say("d"))])
    expect(state).toMatchObject({ broken: true, cursor: "1.1.1", preview: [say("a")] })
  })
})

describe("previews that came to nothing are counted", () => {
  const reset: ChatStreamEvent = { type: "preview_reset", chat_id: "c", cursor: "r" }

  it("when they are reset, and not when their message took their place", () => {
    expect(applyEvents(emptyStream, [reset]).lostPreviews).toBe(0)
    expect(applyEvents(emptyStream, [part(1, say("half")), reset]).lostPreviews).toBe(1)
  })

  it("when the stream starts over while one is shown", () => {
    expect(startOver(emptyStream)).toEqual(emptyStream)
    expect(startOver(applyEvents(emptyStream, [part(1, say("half"))]))).toEqual({ ...emptyStream, lostPreviews: 1 })
  })
})

describe("messages", () => {
  const message = (id: number, role: "user" | "assistant", words: string) => ({
    id,
    chat_id: "c",
    created_at: "2026-06-01T10:00:00Z",
    role,
    content: [say(words)],
  })
  const committed = (id: number, role: "user" | "assistant", words: string): ChatStreamEvent => ({
    type: "message",
    chat_id: "c",
    cursor: `m${id}`,
    message: message(id, role, words),
  })

  it("of the user leave the preview alone; the answer replaces it", () => {
    const streaming = applyEvents(emptyStream, [part(1, say("half")), committed(2, "user", "and?")])
    expect(streaming.preview).toEqual([say("half")])
    expect(applyEvents(streaming, [committed(3, "assistant", "half and whole")]).preview).toEqual([])
  })

  it("that come again are replaced, in order of their ids", () => {
    const state = applyEvents(emptyStream, [
      committed(3, "assistant", "b"),
      committed(1, "user", "a"),
      committed(3, "assistant", "c"),
    ])
    expect(state.messages.map(({ id, content }) => [id, content])).toEqual([
      [1, [say("a")]],
      [3, [say("c")]],
    ])
  })

  it("of an older page go in front and replace nothing", () => {
    const state = applyEvents(emptyStream, [committed(5, "user", "new")])
    const more = addMessages(state, [message(5, "user", "stale"), message(2, "user", "old")])
    expect(more.messages.map(({ content }) => content)).toEqual([[say("old")], [say("new")]])
    expect(addMessages(more, [message(2, "user", "old")])).toBe(more)
  })
})

describe("what is waited for", () => {
  const head = { chat_id: "c", cursor: "w" }
  const call = { tool_call_id: "1", tool_name: "execute", args: "{}" }
  const approval = { ...call, id: "6f0d9a3e-0000-4000-8000-000000000002", reason: "Policy." }
  const status = (activity: string, name: "requires_action" | "running" = "requires_action"): ChatStreamEvent => ({
    type: "status",
    ...head,
    status: { status: name, activity },
  })
  const asks = (approvals: ReadonlyArray<typeof approval>): ChatStreamEvent => ({
    type: "approval_required",
    ...head,
    approval_required: { approvals },
  })

  it("is what is left after a part of the calls was decided", () => {
    const other = { ...approval, tool_call_id: "2" }
    const asked = applyEvents(emptyStream, [status("requires_action.approval"), asks([approval, other])])
    expect(asked.approvals).toEqual([approval, other])
    expect(applyEvents(asked, [asks([other])]).approvals).toEqual([other])
  })

  it("ends with the status", () => {
    const asked = applyEvents(emptyStream, [status("requires_action.approval"), asks([approval])])
    expect(applyEvents(asked, [status("running.executing", "running")]).approvals).toEqual([])
    const waits = applyEvents(emptyStream, [
      status("requires_action.client_tools"),
      { type: "action_required", ...head, action_required: { tool_calls: [call] } },
    ])
    expect(waits.clientToolCalls).toEqual([call])
    expect(applyEvents(waits, [status("running.generating", "running")]).clientToolCalls).toEqual([])
  })
})

it("after an edit is what was before it, and the new message", () => {
  const message = (id: number): ChatStreamEvent => ({
    type: "message",
    chat_id: "c",
    cursor: `m${id}`,
    message: { id, chat_id: "c", created_at: "2026-06-01T10:00:00Z", role: "user", content: [say(String(id))] },
  })
  const edited = applyEvents(emptyStream, [
    message(1),
    message(2),
    message(3),
    { type: "history_reset", chat_id: "c", cursor: "h", history_reset: { from_id: 2 } },
    message(4),
    { type: "queue_update", chat_id: "c", cursor: "q", queued_messages: [] },
  ])
  expect(edited.messages.map(({ id }) => id)).toEqual([1, 4])
  expect(edited.queue).toEqual([])
})

it("keeps an unknown kind of event from doing harm", () => {
  const state = applyEvents(emptyStream, [part(1, say("a"))])
  const unknown = JSON.parse('{"type":"from_the_future","chat_id":"c","cursor":"9"}') as ChatStreamEvent
  expect(applyEvents(state, [unknown])).toEqual({ ...state, cursor: "9" })
})
