import { afterEach, beforeEach, expect, test } from "vitest"
import { answered, failureOf, generate, requestTo, user } from "../../../test/support/provider-call.ts"
import { ScriptedProvider } from "../../../test/support/scripted-provider.ts"
import type { GenerateRequest, PromptMessage, StreamEvent } from "../provider.ts"

let provider: ScriptedProvider

beforeEach(async () => {
  provider = await ScriptedProvider.start()
})

afterEach(async () => {
  await provider.close()
})

const request = (messages: ReadonlyArray<PromptMessage>, changes: Partial<GenerateRequest> = {}): GenerateRequest =>
  requestTo(provider.connection("openai"), messages, { model: "gpt-5.2", ...changes })

const inputOf = (index: number) => provider.requests[index]?.body["input"]

test("text, reasoning summaries, parallel calls, usage", async () => {
  provider.script({
    items: [
      { reasoning: ["first", " thought"] },
      { text: ["Hel", "lo"] },
      {
        calls: [
          { tool: "execute", args: { command: "ls" } },
          { tool: "read_file", args: '{"broken' },
        ],
      },
    ],
    usage: { input: 50, output: 9, cached: 20, reasoning: 4 },
  })
  const events: Array<StreamEvent> = []
  const result = await generate(request([user("hi")]), events)
  expect(provider.requests[0]).toMatchObject({ protocol: "responses", refusal: undefined })
  expect(events.slice(0, 4)).toEqual([
    { type: "reasoning", text: "first" },
    { type: "reasoning", text: " thought" },
    { type: "text", text: "Hel" },
    { type: "text", text: "lo" },
  ])
  expect(result).toMatchObject({
    finishReason: "tool-calls",
    responseId: "resp_1",
    usage: { input_tokens: 30, cache_read_tokens: 20, output_tokens: 9, total_tokens: 59, reasoning_tokens: 4 },
    parts: [
      { type: "reasoning", text: "first thought" },
      { type: "text", text: "Hello" },
      { type: "tool-call", tool_name: "execute", args: { command: "ls" } },
      { type: "tool-call", tool_name: "read_file", args_text: '{"broken' },
    ],
  })
})

test("a whole conversation is replayed statelessly, with the encrypted reasoning before what it led to", async () => {
  provider.script(
    {
      items: [{ reasoning: "think", encrypted: "secret-1" }, { calls: [{ tool: "execute", args: { command: "a" } }] }],
    },
    { items: [{ reasoning: "more", encrypted: "secret-2" }, { text: "done" }] },
    { items: [{ text: "bye" }] },
  )
  const first = await generate(request([user("go")]))
  const afterTools = [user("go"), ...answered(first, { output: "ok" })]
  const second = await generate(request(afterTools))
  await generate(request([...afterTools, { role: "assistant", parts: second.parts }, user("thanks")]))
  expect(provider.refusals).toEqual([])
  expect(inputOf(2)).toMatchObject([
    { role: "user" },
    { type: "reasoning", encrypted_content: "secret-1", summary: [{ type: "summary_text", text: "think" }] },
    { type: "function_call", name: "execute", arguments: '{"command":"a"}' },
    { type: "function_call_output", output: '{"output":"ok"}' },
    { type: "reasoning", encrypted_content: "secret-2" },
    { role: "assistant", content: "done" },
    { role: "user" },
  ])
  expect(provider.requests[2]?.body).toMatchObject({ store: false, include: ["reasoning.encrypted_content"] })
})

test("reasoning that lost what followed it, and that of other providers, is left out", async () => {
  provider.script({ items: [{ reasoning: "think" }] }, { items: [{ text: "ok" }] })
  const interrupted = await generate(request([user("go")]))
  expect(interrupted.parts).toMatchObject([{ type: "reasoning", text: "think" }])
  const foreign: PromptMessage = {
    role: "assistant",
    parts: [
      {
        type: "reasoning",
        text: "x",
        provider_metadata: { anthropic: { block: { type: "thinking", thinking: "x", signature: "s" } } },
      },
      { type: "text", text: "from elsewhere" },
    ],
  }
  await generate(request([user("go"), { role: "assistant", parts: interrupted.parts }, user("a"), foreign, user("b")]))
  expect(provider.refusals).toEqual([])
  expect(JSON.stringify(inputOf(1))).not.toContain("reasoning")
})

test("the provider's own web search: parts, and replay of the raw item", async () => {
  provider.script(
    {
      items: [
        { reasoning: "look" },
        { search: "cats", results: [{ url: "https://cats.example", title: "Cats" }] },
        { text: "found" },
      ],
    },
    { items: [{ text: "ok" }] },
  )
  const config = {
    provider_options: {
      openai: { web_search_enabled: true, allowed_domains: ["cats.example"], search_context_size: "high" },
    },
  }
  const first = await generate(request([user("cats?")], { config }))
  expect(first.finishReason).toBe("stop")
  expect(first.parts).toMatchObject([
    { type: "reasoning" },
    { type: "tool-call", tool_name: "web_search", provider_executed: true, args: { type: "search", query: "cats" } },
    { type: "tool-result", tool_name: "web_search", provider_executed: true, is_error: false },
    { type: "text", text: "found" },
  ])
  await generate(request([user("cats?"), { role: "assistant", parts: first.parts }, user("more")], { config }))
  expect(provider.refusals).toEqual([])
  expect(inputOf(1)).toMatchObject([{}, { type: "reasoning" }, { type: "web_search_call" }, { content: "found" }, {}])
  expect(provider.requests[0]?.body["tools"]).toContainEqual({
    type: "web_search",
    search_context_size: "high",
    filters: { allowed_domains: ["cats.example"] },
  })
})

test("citations become sources, the phase of a message is kept", async () => {
  const item = { type: "message", id: "m", role: "assistant", status: "completed", phase: "commentary", content: [] }
  provider.script({
    items: [
      { text: "see" },
      {
        event: {
          type: "response.output_text.annotation.added",
          annotation: { type: "url_citation", url: "https://a.example", title: "A" },
        },
      },
      { event: { type: "response.output_item.done", output_index: 0, item } },
    ],
  })
  const events: Array<StreamEvent> = []
  const result = await generate(request([user("hi")]), events)
  const source = { type: "source", url: "https://a.example", title: "A" } as const
  expect(events).toContainEqual({ type: "source", source })
  expect(result.parts[1]).toEqual(source)
  provider.script({ items: [{ text: "ok" }] })
  await generate(request([user("hi"), { role: "assistant", parts: result.parts }, user("go")]))
  expect(inputOf(1)).toContainEqual({ role: "assistant", content: "see", phase: "commentary" })
})

test.each([
  ["length", "length"],
  ["content-filter", "content-filter"],
  ["stop", "stop"],
] as const)("finish %s", async (finish, expected) => {
  provider.script({ items: [{ text: "so far" }], finish })
  expect((await generate(request([user("hi")]))).finishReason).toBe(expected)
})

test.each([
  [
    { type: "response.failed", response: { error: { code: "rate_limit_exceeded", message: "Rate limit reached" } } },
    "rate_limit",
  ],
  [{ type: "response.failed", response: { error: { code: "server_error", message: "sorry" } } }, "generic"],
  [{ type: "error", code: "server_error", message: "sorry", param: null }, "generic"],
])("a failure in the stream: %j", async (event, kind) => {
  provider.script({ items: [{ text: "half" }, { event }] })
  expect(await failureOf(request([user("hi")]))).toMatchObject({ kind, retryable: true })
})

test("options, limits and effort", async () => {
  provider.script({ items: [{ text: "ok" }], repeat: true })
  await generate(
    request([user("hi")], {
      config: {
        reasoning_effort: { default: "none", max: "high" },
        max_output_tokens: 500,
        provider_options: {
          openai: {
            reasoning_summary: "auto",
            store: true,
            instructions: "And be brief.",
            metadata: { team: "x", count: 3 },
            logit_bias: { 1: 2 },
            prediction: "x",
            max_completion_tokens: 3,
            top_log_probs: 2,
            strict_json_schema: true,
          },
        },
      },
    }),
  )
  await generate(
    request([user("hi")], { model: "gpt-4o", config: { provider_options: { openai: { reasoning_effort: "ultra" } } } }),
  )
  expect(provider.refusals).toEqual([])
  expect(provider.requests[0]?.body).toMatchObject({
    reasoning: { effort: "minimal", summary: "auto" },
    max_output_tokens: 500,
    store: true,
    instructions: "You are a test.\n\nAnd be brief.",
    metadata: { team: "x" },
    top_logprobs: 2,
    tools: [{ strict: true }, { strict: true }],
  })
  for (const field of ["logit_bias", "prediction", "max_completion_tokens"])
    expect(provider.requests[0]?.body).not.toHaveProperty(field)
  // A model that does not think refuses encrypted reasoning and a limit above its own.
  expect(provider.requests[1]?.body).toMatchObject({ max_output_tokens: 16_384 })
  for (const field of ["include", "reasoning"]) expect(provider.requests[1]?.body).not.toHaveProperty(field)
})

test("Azure speaks it too, with its own key header", async () => {
  provider.script({ items: [{ text: "ok" }] })
  await generate(requestTo(provider.connection("azure"), [user("hi")], { model: "my-deployment" }))
  expect(provider.requests[0]).toMatchObject({ protocol: "responses", headers: { "api-key": "scripted-key" } })
})
