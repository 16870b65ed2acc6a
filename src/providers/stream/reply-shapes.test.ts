import { describe, expect, it } from "vitest"
import { caseFile, type RawAnswer, sse } from "../../../test/support/raw-provider.ts"
import { callsOf, chunk, failureIn, replyTo, textOf, thoughtsOf } from "../../../test/support/raw-reply.ts"
import type { ProviderType } from "../../contract/models.ts"

/** What servers that copy a protocol make of it, read as it is meant. */

const json = (body: unknown, type = "application/json"): RawAnswer => ({
  headers: { "content-type": type },
  body: JSON.stringify(body),
})

const completion = {
  id: "c",
  object: "chat.completion",
  choices: [
    { index: 0, finish_reason: "stop", message: { role: "assistant", content: "whole", reasoning_content: "hm" } },
  ],
  usage: { prompt_tokens: 3, completion_tokens: 2 },
}
const response = {
  id: "r",
  object: "response",
  status: "completed",
  error: null,
  usage: { input_tokens: 3, output_tokens: 2 },
  output: [
    { type: "reasoning", id: "rs", summary: [{ type: "summary_text", text: "hm" }] },
    { type: "message", id: "m", role: "assistant", content: [{ type: "output_text", text: "whole" }] },
  ],
}
const message = {
  id: "m",
  type: "message",
  role: "assistant",
  stop_reason: "end_turn",
  usage: { input_tokens: 3, output_tokens: 2 },
  content: [
    { type: "thinking", thinking: "hm", signature: "s" },
    { type: "text", text: "whole" },
  ],
}
const documents: ReadonlyArray<[ProviderType, object]> = [
  ["openai-compat", completion],
  ["openai", response],
  ["anthropic", message],
]

describe("a body is read by its content", () => {
  it.each(documents)("a whole reply of %s in one document", async (type, document) => {
    for (const label of ["application/json", "text/event-stream", "text/plain"]) {
      const reply = await replyTo(type, json(document, label))
      expect([textOf(reply), thoughtsOf(reply), reply.finishReason]).toEqual(["whole", "hm", "stop"])
      expect(reply.usage).toMatchObject({ input_tokens: 3, output_tokens: 2 })
    }
  })

  it("a whole reply that gives no reason for its end", async () => {
    const document = { choices: [{ message: { content: "whole" } }] }
    expect(await replyTo("openai-compat", json(document))).toMatchObject({ finishReason: "stop" })
  })

  it.each([["text/plain"], ["application/json"], ["text/html"], [undefined]])(
    "a stream that calls itself %s",
    async (label) => {
      const { body } = sse(chunk({ content: "whole" }), chunk({}, "stop"))
      const headers: Readonly<Record<string, string>> = label === undefined ? {} : { "content-type": label }
      expect(textOf(await replyTo("openai-compat", { headers, body }))).toBe("whole")
    },
  )

  it("a stream behind comments, blank lines and a byte order mark", async () => {
    const { body } = sse(chunk({ content: "whole" }), "[DONE]")
    expect(textOf(await replyTo("openai-compat", { body: ["\uFEFF", "\n \n", ": waiting\n\n", String(body)] }))).toBe(
      "whole",
    )
  })

  it("events as a list in one document, and one on each line", async () => {
    const events = [chunk({ content: "who" }), chunk({ content: "le" }), chunk({}, "stop")]
    expect(textOf(await replyTo("openai-compat", json(events)))).toBe("whole")
    const lines = { body: events.map((event) => JSON.stringify(event)).join("\n") }
    expect(textOf(await replyTo("openai-compat", lines))).toBe("whole")
    expect(await failureIn("openai-compat", { body: lines.body.slice(0, -60) })).toMatchObject({ retryable: true })
  })

  it.each([
    ["a page", { headers: { "content-type": "text/event-stream" }, body: "<html><h1>Welcome</h1></html>" }, "Welcome"],
    ["words", { headers: { "content-type": "text/event-stream" }, body: "No such service" }, "No such service"],
    ["another document", json({ status: "fine" }), '{"status":"fine"}'],
  ])("%s is no reply, whatever it calls itself", async (_, answer, detail) => {
    expect(await failureIn("openai-compat", answer)).toMatchObject({ kind: "config", retryable: false, detail })
  })

  it.each(["application/json", "text/event-stream"])(
    "an error in a document called %s is that error, in a list too",
    async (label) => {
      const error = { error: { type: "overloaded_error", message: "Overloaded" } }
      expect(await failureIn("openai-compat", json(error, label))).toMatchObject({ kind: "overloaded" })
      expect(await failureIn("openai-compat", json([error], label))).toMatchObject({ kind: "overloaded" })
    },
  )
})

describe("content", () => {
  it("in lists of typed pieces", async () => {
    const all = await replyTo("openai-compat", caseFile("05-content-as-array/all-array.sse"))
    expect([textOf(all), thoughtsOf(all)]).toEqual(["Hello world", "pondering more"])
    const mixed = await replyTo("openai-compat", caseFile("05-content-as-array/array-then-string.sse"))
    expect(textOf(mixed)).toBe("The first half, the second half")
  })

  it.each<[string, unknown, string, string]>([
    ["a text as an object", { type: "text", text: { value: "a" } }, "a", ""],
    ["plain texts in a list", ["a", "b"], "ab", ""],
    ["lists in lists", [[{ type: "output_text", text: "a" }], [[{ text: "b" }]]], "ab", ""],
    [
      "thoughts in a list of their own",
      [
        { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
        { type: "text", text: "a" },
      ],
      "a",
      "hm",
    ],
    [
      "a piece that nobody knows",
      [
        { type: "image_url", image_url: {} },
        { type: "text", text: "a" },
      ],
      "a",
      "",
    ],
  ])("as %s", async (_, content, text, thoughts) => {
    const reply = await replyTo("openai-compat", sse(chunk({ content }), chunk({}, "stop")))
    expect([textOf(reply), thoughtsOf(reply)]).toEqual([text, thoughts])
  })

  it("in a message in place of a delta, piece by piece or whole at the end", async () => {
    const piece = (content: string, finish: string | null = null) => ({
      choices: [{ message: { content }, finish_reason: finish }],
    })
    expect(textOf(await replyTo("openai-compat", sse(piece("ha"), piece("ha"), "[DONE]")))).toBe("haha")
    const again = sse(chunk({ content: "who" }), chunk({ content: "le" }), piece("whole", "stop"))
    expect(textOf(await replyTo("openai-compat", again))).toBe("whole")
  })

  it("of one choice only", async () => {
    const choices = [
      { index: 1, delta: { content: "other" } },
      { index: 0, delta: { content: "ours" } },
    ]
    const other = { choices: [{ index: 1, delta: { content: "other" }, finish_reason: "stop" }] }
    const answer = sse(chunk({ role: "assistant" }), { choices }, other, chunk({}, "stop"))
    expect(textOf(await replyTo("openai-compat", answer))).toBe("ours")
  })

  it.each(["reasoning_content", "reasoning", "thinking"])(
    "reasoning in the field %s goes back in it",
    async (field) => {
      const answer = sse(chunk({ [field]: "hm" }), chunk({ content: "a" }, "stop"))
      expect((await replyTo("openai-compat", answer)).parts[0]).toMatchObject({
        type: "reasoning",
        text: "hm",
        provider_metadata: { openai_chat: { field } },
      })
    },
  )

  it("of Responses that comes in closing events only", async () => {
    const [thinking, said] = response.output
    const call = { type: "function_call", id: "f", call_id: "a", name: "execute", arguments: '{"command":"ls"}' }
    const byItem = sse(
      { type: "response.output_item.done", output_index: 0, item: thinking },
      { type: "response.output_item.done", output_index: 1, item: said },
      { type: "response.output_item.done", output_index: 2, item: call },
      { type: "response.completed", response: { status: "completed", output: [thinking, said, call] } },
    )
    const atTheEnd = sse({ type: "response.completed", response: { ...response, output: [thinking, said, call] } })
    for (const answer of [byItem, atTheEnd]) {
      const reply = await replyTo("openai", answer)
      expect([thoughtsOf(reply), textOf(reply), callsOf(reply)]).toEqual([
        "hm",
        "whole",
        ['a execute {"command":"ls"}'],
      ])
    }
  })

  it("of Responses is not read twice where its deltas name no item", async () => {
    const delta = { type: "response.output_text.delta", delta: "whole" }
    const answer = sse(delta, { type: "response.completed", response: { ...response, output: [response.output[1]] } })
    expect(textOf(await replyTo("openai", answer))).toBe("whole")
  })

  it("of Responses with the index 0 for every item", async () => {
    const item = (id: string, text: string) => [
      { type: "response.output_item.added", output_index: 0, item: { id, type: "message" } },
      { type: "response.output_text.delta", output_index: 0, item_id: id, delta: text },
      {
        type: "response.output_item.done",
        output_index: 0,
        item: { id, type: "message", content: [{ type: "output_text", text }] },
      },
    ]
    const answer = sse(...item("a", "one "), ...item("b", "two"), {
      type: "response.completed",
      response: { status: "completed" },
    })
    expect(textOf(await replyTo("openai", answer))).toBe("one two")
  })

  it("of Anthropic in the start of the message, and in blocks that were never begun or ended", async () => {
    const start = sse({ type: "message_start", message }, { type: "message_stop" })
    expect(textOf(await replyTo("anthropic", start))).toBe("whole")
    const loose = sse(
      { type: "message_start", message: { content: [] } },
      { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "hm" } },
      { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "s" } },
      { type: "content_block_start", index: 1, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "whole" } },
      { type: "message_delta", delta: { stop_reason: "end_turn" } },
    )
    const reply = await replyTo("anthropic", loose)
    expect(reply.parts).toMatchObject([
      {
        type: "reasoning",
        text: "hm",
        provider_metadata: { anthropic: { block: { thinking: "hm", signature: "s" } } },
      },
      { type: "text", text: "whole" },
    ])
  })
})

describe("token counts", () => {
  const counted = (usage: object) =>
    replyTo("openai-compat", sse(chunk({ content: "a" }), { ...chunk({}, "stop"), usage }))
  it("are rounded, and read from text", async () => {
    expect(await counted({ prompt_tokens: 10.5, completion_tokens: "3", total_tokens: 13.2 })).toMatchObject({
      usage: { input_tokens: 11, output_tokens: 3, total_tokens: 13 },
      droppedCounts: [],
    })
  })

  it.each([-1, 1e308, 2 ** 53, "many", {}, true])(
    "of %j are unknown, and written down for the log",
    async (completion_tokens) => {
      const reply = await counted({ prompt_tokens: 3, completion_tokens })
      expect(reply.usage).toEqual({ input_tokens: 3 })
      expect(reply.droppedCounts).toEqual([`completion_tokens: ${String(completion_tokens)}`])
    },
  )

  it("that come with every event, or in parts, are the last of each", async () => {
    const usage = (counts: object) => ({ ...chunk({ content: "a" }), usage: counts })
    const answer = sse(
      usage({ prompt_tokens: 5, completion_tokens: 1 }),
      usage({ completion_tokens: 2, prompt_tokens: null }),
      "[DONE]",
    )
    expect((await replyTo("openai-compat", answer)).usage).toEqual({ input_tokens: 5, output_tokens: 2 })
  })

  it("that are too large together have no sum", async () => {
    const usage = { input_tokens: Number.MAX_SAFE_INTEGER, output_tokens: 5 }
    const answer = sse({ type: "message_start", message: { ...message, usage } }, { type: "message_stop" })
    expect((await replyTo("anthropic", answer)).usage).toEqual({
      input_tokens: Number.MAX_SAFE_INTEGER,
      output_tokens: 5,
    })
  })
})
