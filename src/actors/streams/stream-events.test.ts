import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { messageRow } from "../../../test/support/message-row.ts"
import type { Part } from "../../contract/parts.ts"
import { ChatStreamEvent } from "../../contract/stream.ts"
import type { MessageRow } from "../../db/chats/rows.ts"
import { type Changes, changeEvents, framesOf, loggedPartEvent, partEvent } from "./stream-events.ts"

const CHAT = "00000000-0000-4000-8000-000000000001"

const message = (id: number, visibility: MessageRow["visibility"] = "both"): MessageRow =>
  messageRow("assistant", [{ type: "text", text: `message ${id}` }], {
    id,
    chat_id: CHAT,
    created_version: 2,
    visibility,
  })

const from = { version: 3, historyVersion: 2, attempt: 1, seq: 9 }
const to = { version: 4, historyVersion: 4, attempt: 0, seq: 0 }

const decode = Schema.decodeUnknownSync(Schema.parseJson(ChatStreamEvent))

const everything: Changes = {
  resetFrom: 5,
  messages: [message(5), message(6, "model"), message(7, "user")],
  queue: [],
  status: { status: "error", activity: "error" },
  error: { message: "It failed.", retryable: false },
  actionRequired: [{ provider_call_id: "call", tool_name: "mine", args: { a: 1 } }],
  retry: { attempt: 1, delay_ms: 10, error: "busy", retrying_at: "2026-01-02T03:04:05.000Z" },
  previewReset: true,
}

describe("the events of a change", () => {
  it("come in the order that readers rely on, each in the form of the contract", () => {
    const events = changeEvents(CHAT, from, to, everything).map(({ json }) => decode(json))
    expect(events.map(({ type }) => type)).toEqual([
      "history_reset",
      "message",
      "message",
      "queue_update",
      "status",
      "error",
      "action_required",
      "retry",
      "preview_reset",
    ])
  })

  it("hold no message that is for the model only", () => {
    const events = changeEvents(CHAT, from, to, everything).map(({ json }) => decode(json))
    const ids = events.flatMap((event) => (event.type === "message" ? [event.message.id] : []))
    expect(ids).toEqual([5, 7])
  })

  it("carry the new position with the last only, so that half a change is sent again", () => {
    const events = changeEvents(CHAT, from, to, everything)
    expect(events.slice(0, -1).map(({ cursor }) => cursor)).toEqual(Array.from({ length: 8 }, () => "3.2.1.9"))
    expect(events.at(-1)?.cursor).toBe("4.4.0.0")
    expect(events.map(({ json }) => decode(json).cursor)).toEqual(events.map(({ cursor }) => cursor))
  })

  it("are none when nothing changed that is shown", () => {
    expect(changeEvents(CHAT, from, to, { messages: [message(6, "model")], previewReset: false })).toEqual([])
  })
})

describe("a part", () => {
  it("is sent without what only the server may know", () => {
    const part = { type: "reasoning", text: "hm", provider_metadata: { secret: true } } as const
    const { json, seq, cursor } = partEvent(CHAT, from, "assistant", part)
    expect(decode(json)).toMatchObject({
      type: "message_part",
      message_part: { role: "assistant", history_version: 2, generation_attempt: 1, seq: 9 },
    })
    expect(json).not.toContain("secret")
    expect([seq, cursor]).toEqual([9, "3.2.1.9"])
  })

  it.each<Part>([
    { type: "text", text: ' "w\\1"\n\u2028é\ud83d\ude00' },
    { type: "reasoning", text: "hm", provider_metadata: { secret: true } },
    { type: "text", text: '"provider_metadata" in words' },
    { type: "tool-call", tool_call_id: "a", tool_name: "x", args_delta: '{"a":' },
    { type: "text", text: "x".repeat(4 * 1024 * 1024) },
  ])("that comes from the log is the same event as when it was shown, to the byte", (part) => {
    const stored = JSON.stringify(part)
    const shown = partEvent(CHAT, from, "assistant", part)
    expect(loggedPartEvent(CHAT, from, "assistant", stored)).toEqual(shown)
    // Laid out by another hand, it is one line all the same.
    expect(loggedPartEvent(CHAT, from, "assistant", JSON.stringify(part, null, 2))).toEqual(shown)
  })
})

describe("frames", () => {
  const ofLength = (length: number) =>
    partEvent(CHAT, from, "assistant", { type: "text", text: "é".repeat(length / 2) })
  const MIB = 1024 * 1024

  it("hold 256 events and 1 MiB at most, and an event that is longer alone", () => {
    const lengths = [...Array.from({ length: 300 }, () => 10), MIB / 2, MIB / 2, 2 * MIB, 10, 10]
    const events = lengths.map(ofLength)
    const frames = [...framesOf(events)]
    expect(frames.map((frame) => frame.events.length)).toEqual([256, 45, 1, 1, 2])
    expect(frames.flatMap((frame) => frame.events)).toEqual(events)
    for (const frame of frames) expect(JSON.parse(frame.text)).toHaveLength(frame.events.length)
    const several = frames.filter((frame) => frame.events.length > 1)
    expect(several.filter((frame) => Buffer.byteLength(frame.text) > MIB)).toEqual([])
  })

  it("are filled to the last byte", () => {
    const small = ofLength(10)
    const others = Math.floor((MIB - 1) / 2 - small.bytes - 1)
    const event = { ...small, json: "x".repeat(others), bytes: others }
    const last = MIB - 3 - 2 * others - 1
    const filler = { ...small, json: "y".repeat(last), bytes: last }
    const [frame, ...rest] = framesOf([event, event, filler])
    expect([Buffer.byteLength(frame?.text ?? ""), rest]).toEqual([MIB, []])
  })
})
