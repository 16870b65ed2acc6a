import { describe, expect, it } from "vitest"
import type { ChatStreamEvent } from "../../contract/stream.ts"
import type { Part } from "../../contract/parts.ts"
import { partEvent, type EventText, writeEvent } from "./stream-events.ts"
import { transcriptEvents } from "./transcript-events.ts"

const CHAT = "6f0b4dfe-5b6b-4c95-8033-3b3de7ebf10d"
const head = (cursor: string) => ({ chat_id: CHAT, cursor })
const at = { version: 4, historyVersion: 2, attempt: 1, seq: 1 }

const of = (type: ChatStreamEvent["type"], payload: object, cursor = "1.0.0.0"): EventText =>
  writeEvent({ type, ...head(cursor), ...payload } as ChatStreamEvent)
const part = (seq: number, given: Part, role: "assistant" | "tool" = "assistant") =>
  partEvent(CHAT, { ...at, seq }, role, given)

const status = of("status", { status: { status: "running", activity: "running.executing" } })
const message = of("message", { message: { id: 1, content: [{ type: "text", text: "Hello" }] } })

describe("what who reads along is told of a change", () => {
  it.each<[ChatStreamEvent["type"], object]>([
    ["queue_update", { queued_messages: [{ content: [{ type: "text", text: "secret" }] }] }],
    ["approval_required", { approval_required: { approvals: [{ args: '{"command":"secret"}' }] } }],
    ["action_required", { action_required: { tool_calls: [{ args: "secret" }] } }],
    ["retry", { retry: { error: "secret" } }],
    ["transition", { transition: { detail: "secret" } }],
  ])("has no %s", (type, payload) => {
    const told = transcriptEvents([message, of(type, payload), status])
    expect(told).toEqual([message, status])
    expect(JSON.stringify(told)).not.toContain("secret")
  })

  it("is the very same list where nothing of it is kept from him", () => {
    const events = [message, status, of("preview_reset", {}), part(1, { type: "text", text: "result_delta" })]
    expect(transcriptEvents(events)).toBe(events)
  })

  it("ends with the position of the whole change, whatever of it was left out", () => {
    const queue = of("queue_update", { queued_messages: [] }, "4.2.1.0")
    const [first, last, ...more] = transcriptEvents([message, status, queue])
    expect([first, more]).toEqual([message, []])
    expect([last?.type, last?.cursor, last && JSON.parse(last.json).cursor]).toEqual(["status", "4.2.1.0", "4.2.1.0"])
    expect(last?.bytes).toBe(Buffer.byteLength(last?.json ?? ""))
    expect(transcriptEvents([queue])).toEqual([])
  })
})

describe("what he is told of parts", () => {
  const call: Part = { type: "tool-call", tool_call_id: "c1", tool_name: "execute", args: { command: "ls" } }
  const output = (more: object): Part => ({ type: "tool-result", tool_call_id: "c1", tool_name: "execute", ...more })

  it("is the message as it is written, and of a tool's output while it runs only that there is some", () => {
    const events = [
      part(1, { type: "text", text: "I look." }),
      part(2, call),
      part(3, output({ result_delta: "secret\n" }), "tool"),
      part(4, output({ result_delta: "more secrets", result_reset: true }), "tool"),
      part(5, output({ result: { output: "done" } }), "tool"),
    ]
    const told = transcriptEvents(events)
    // Not a number is missing: who counts them would think that he has lost some.
    expect(told.map(({ seq, cursor }) => [seq, cursor])).toEqual(events.map(({ seq, cursor }) => [seq, cursor]))
    expect([told[0], told[1], told[4]]).toEqual([events[0], events[1], events[4]])
    expect(told.map(({ json }) => json).join()).not.toContain("secret")
    const parts = told.map(({ json }) => (JSON.parse(json) as { message_part: { part: Part } }).message_part.part)
    expect(parts[3]).toEqual(output({ result_delta: "", result_reset: true }))
  })
})
