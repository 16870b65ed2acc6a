import { describe, expect, it } from "vitest"
import { type RawAnswer, caseFile, sse } from "../../../test/support/raw-provider.ts"
import { callsOf, chunk, failureIn, replyTo, textOf } from "../../../test/support/raw-reply.ts"
import type { ProviderType } from "../../contract/models.ts"
import { endOf, endWord } from "./reply-ends.ts"

describe("a provider's word for the end", () => {
  it.each([
    ["stop", "stop"],
    ["STOP", "stop"],
    ["FinishReason.STOP", "stop"],
    ["eos_token", "stop"],
    ["stop_sequence", "stop"],
    ["toolCalls", "tool-calls"],
    ["tool-calls", "tool-calls"],
    ["MAX_TOKENS", "length"],
    ["maxTokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["SAFETY", "content-filter"],
    ["content-filter", "content-filter"],
    ["sensitive", "content-filter"],
    ["refusal", "refusal"],
    ["pause_turn", "pause"],
    ["network_error", "failed"],
    ["insufficient_system_resource", "failed"],
    ["MALFORMED_FUNCTION_CALL", "failed"],
    ["abort", "failed"],
    ["Error", "failed"],
    ["something new", "other"],
  ])("%s means %s", (word, end) => {
    expect(endOf(word)).toBe(end)
  })

  it("is none while the field is empty, in whatever way", () => {
    expect([null, undefined, "", " ", "null", "None", 0, false].map(endWord)).toEqual(Array(8).fill(undefined))
    expect(endWord("stop")).toBe("stop")
  })
})

const anthropic = (...events: ReadonlyArray<object>): RawAnswer =>
  sse({ type: "message_start", message: { content: [] } }, ...events)
const block = [
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "whole" } },
]
const responseText = { type: "response.output_text.delta", item_id: "m", output_index: 0, delta: "whole" }

describe("a reply is whole", () => {
  it.each<[string, ProviderType, RawAnswer]>([
    ["with [DONE] and no finish reason", "openai-compat", caseFile("03-done-without-finish/text.sse")],
    [
      "with a last event without a line end",
      "openai-compat",
      caseFile("04-last-event-unterminated/chat-no-newline.sse"),
    ],
    [
      "with a last event without a blank line",
      "openai-compat",
      caseFile("04-last-event-unterminated/chat-one-newline.sse"),
    ],
    ["with a closing event that nothing follows", "openai", caseFile("04-last-event-unterminated/responses.sse")],
    ["with [DONE] in place of a completed response", "openai", sse(responseText, "[DONE]")],
    [
      "with a stop reason and no message_stop",
      "anthropic",
      anthropic(...block, { type: "message_delta", delta: { stop_reason: "end_turn" } }),
    ],
    ["with message_stop and no stop reason", "anthropic", anthropic(...block, { type: "message_stop" })],
    [
      "with a finish reason that no other server has",
      "openai-compat",
      sse(chunk({ content: "whole" }), chunk({}, "EOS")),
    ],
  ])("%s", async (_, type, answer) => {
    const reply = await replyTo(type, answer)
    expect(textOf(reply)).not.toBe("")
    expect(reply.finishReason).toBe("stop")
  })

  it("whose connection breaks behind its end", async () => {
    const reply = await replyTo("openai-compat", {
      ...sse(chunk({ content: "whole" }), chunk({}, "stop")),
      end: "reset",
    })
    expect(textOf(reply)).toBe("whole")
  })

  it("with calls and [DONE]", async () => {
    const reply = await replyTo("openai-compat", caseFile("03-done-without-finish/tool.sse"))
    expect(callsOf(reply)).toHaveLength(1)
    expect(reply.finishReason).toBe("tool-calls")
  })

  it("with all that a server says that ends with every event, and not with less when that one breaks off", async () => {
    const pieces = sse(chunk({ content: "one " }, "stop"), chunk({ content: "two" }, "stop"))
    expect(textOf(await replyTo("openai-compat", pieces))).toBe("one two")
    expect(await failureIn("openai-compat", { ...pieces, end: "reset" })).toMatchObject({ retryable: true })
  })

  it("without what comes behind [DONE]", async () => {
    const reply = await replyTo(
      "openai-compat",
      sse(chunk({ content: "whole" }, "stop"), "[DONE]", chunk({ content: "more" })),
    )
    expect(textOf(reply)).toBe("whole")
  })

  it("with the first reason that is more than a stop", async () => {
    const reply = await replyTo("openai-compat", sse(chunk({ content: "cu" }), chunk({}, "length"), chunk({}, "stop")))
    expect(reply.finishReason).toBe("length")
  })

  it("with no reason at all when [DONE] is all that was said", async () => {
    expect(await replyTo("openai-compat", sse("[DONE]"))).toMatchObject({ finishReason: "other", parts: [] })
  })
})

describe("a reply is cut", () => {
  it.each<[string, ProviderType, RawAnswer]>([
    ["that closes without an end", "openai-compat", sse(chunk({ content: "hal" }))],
    [
      "that closes in the middle of its last event",
      "openai-compat",
      { ...sse(), body: 'data: {"choices":[{"delta":{"content":"hal"}}]}\n\ndata: {"choices":[{"finish_rea' },
    ],
    ["that closes after a block", "anthropic", anthropic(...block, { type: "content_block_stop", index: 0 })],
    [
      "that closes after an item",
      "openai",
      sse(responseText, { type: "response.output_item.done", output_index: 0, item: { id: "m", type: "message" } }),
    ],
    ["that is empty", "openai-compat", sse()],
  ])("%s", async (_, type, answer) => {
    expect(await failureIn(type, answer)).toMatchObject({
      kind: "timeout",
      retryable: true,
      message: "Raw broke off in the middle of its answer.",
    })
  })
})

describe("a failure told as an end is a failure", () => {
  it.each(["fin-abort", "fin-choice-error", "fin-dsres", "fin-error", "fin-malformed", "fin-net"])(
    "%s",
    async (name) => {
      expect(await failureIn("openai-compat", caseFile(`06-finish-reason-failure/${name}.sse`))).toMatchObject({
        retryable: true,
      })
    },
  )

  it("in the provider's words where it has some", async () => {
    const error = { message: "The engine is overloaded right now", code: "overloaded_error" }
    expect(await failureIn("openai-compat", sse(chunk({ content: "hal" }, "error", { error })))).toMatchObject({
      kind: "overloaded",
    })
    expect(await failureIn("openai-compat", sse(chunk({ content: "hal" }, "network_error")))).toMatchObject({
      detail: 'The provider ended its reply with "network_error".',
    })
  })

  it.each([
    ["a response that is cancelled", { type: "response.completed", response: { status: "cancelled" } }],
    [
      "a response that failed, in an event that says completed",
      { type: "response.completed", response: { status: "failed", error: { code: "server_error", message: "sorry" } } },
    ],
  ])("of %s", async (_, event) => {
    expect(await failureIn("openai", sse(responseText, event))).toMatchObject({ retryable: true })
  })

  it("in an event that is an error without saying so in a field of that name", async () => {
    const words = { object: "error", message: "Rate limit reached for requests", code: 429 }
    expect(await failureIn("openai-compat", sse(chunk({ content: "hal" }), words))).toMatchObject({
      kind: "rate_limit",
    })
  })

  it.each([
    [{ detail: "Internal failure" }],
    [{ code: "overloaded_error", message: "The model is overloaded" }],
    [{ status: 503, message: "Unavailable" }],
  ])("in an event of words alone: %j", async (words) => {
    const answer = sse(chunk({ content: "hal" }), words, chunk({}, "stop"))
    expect((await failureIn("openai-compat", answer)).detail).toBe("detail" in words ? words.detail : words.message)
  })

  it("but a word on how it goes is none", async () => {
    const answer = sse(
      { type: "status", status: "queued", message: "You are third" },
      chunk({ content: "whole" }, "stop"),
    )
    expect(textOf(await replyTo("openai-compat", answer))).toBe("whole")
  })

  it("but an empty error is none", async () => {
    const answer = sse(
      { ...chunk({ content: "whole" }), error: {} },
      { ...chunk({}, "stop"), error: "" },
      { error: null },
    )
    expect(textOf(await replyTo("openai-compat", answer))).toBe("whole")
  })
})

describe("a reply that is not whole says why", () => {
  it.each<[string, ProviderType, RawAnswer]>([
    ["length", "openai-compat", caseFile("25-silent-endings/length.sse")],
    [
      "length",
      "anthropic",
      anthropic(...block, { type: "message_delta", delta: { stop_reason: "model_context_window_exceeded" } }),
    ],
    [
      "length",
      "openai",
      sse(responseText, {
        type: "response.incomplete",
        response: { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
      }),
    ],
    [
      "length",
      "openai",
      sse(responseText, {
        type: "response.completed",
        response: { status: "incomplete", incomplete_details: { reason: "something new" } },
      }),
    ],
    [
      "content-filter",
      "openai",
      sse(responseText, {
        type: "response.incomplete",
        response: { status: "incomplete", incomplete_details: { reason: "content_filter" } },
      }),
    ],
    ["content-filter", "openai-compat", sse(chunk({ content: "I" }), chunk({}, "SAFETY"))],
    ["refusal", "anthropic", anthropic(...block, { type: "message_delta", delta: { stop_reason: "refusal" } })],
    ["refusal", "openai-compat", sse(chunk({ refusal: "I can't." }), chunk({}, "stop"))],
    [
      "refusal",
      "openai",
      sse(
        { type: "response.refusal.delta", item_id: "m", delta: "I can't." },
        { type: "response.completed", response: { status: "completed" } },
      ),
    ],
  ])("%s of %s", async (end, type, answer) => {
    expect((await replyTo(type, answer)).finishReason).toBe(end)
  })

  const call = (args: string) =>
    chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "execute", arguments: args } }] })
  it.each([
    ["no arguments yet", "", "a execute ``"],
    ["half of its arguments", '{"comm', 'a execute `{"comm`'],
    ["all of its arguments", '{"command":"ls"}', 'a execute {"command":"ls"}'],
  ])("and a call at the limit with %s is as whole as that", async (_, args, expected) => {
    expect(callsOf(await replyTo("openai-compat", sse(call(args), chunk({}, "length"))))).toEqual([expected])
  })

  it("and a call without arguments that came to its end before the limit is whole", async () => {
    const answer = anthropic(
      { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "a", name: "list", input: {} } },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "max_tokens" } },
    )
    expect(callsOf(await replyTo("anthropic", answer))).toEqual(["a list {}"])
  })
})
