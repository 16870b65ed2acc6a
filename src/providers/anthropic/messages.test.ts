import { afterEach, beforeEach, expect, test } from "vitest"
import { answered, generate, requestTo, user } from "../../../test/support/provider-call.ts"
import { ScriptedProvider } from "../../../test/support/scripted-provider.ts"
import type { Part } from "../../contract/parts.ts"
import type { GenerateRequest, PromptMessage, StreamEvent } from "../provider.ts"

let provider: ScriptedProvider

beforeEach(async () => {
  provider = await ScriptedProvider.start()
})

afterEach(async () => {
  await provider.close()
})

const request = (messages: ReadonlyArray<PromptMessage>, changes: Partial<GenerateRequest> = {}): GenerateRequest =>
  requestTo(provider.connection("anthropic"), messages, { model: "claude-test-4-5", ...changes })

const thinking = { provider_options: { anthropic: { thinking: { budget_tokens: 2_000 } } } }

const messagesOf = (index: number) => provider.requests[index]?.body["messages"]

const assistant = (parts: ReadonlyArray<Part>): PromptMessage => ({ role: "assistant", parts })

test("text, thinking, calls, usage", async () => {
  provider.script({
    items: [
      { reasoning: ["h", "m"] },
      { text: ["Hel", "lo"] },
      { calls: [{ tool: "execute", args: { command: "a long command" } }, { tool: "read_file" }] },
    ],
    usage: { input: 10, output: 5, cached: 100, cacheWritten: 7 },
  })
  const events: Array<StreamEvent> = []
  const result = await generate(request([user("hi")]), events)
  expect(provider.requests[0]).toMatchObject({
    protocol: "messages",
    refusal: undefined,
    headers: { "x-api-key": "scripted-key" },
  })
  expect(events.slice(0, 4).map((event) => event.type)).toEqual(["reasoning", "reasoning", "text", "text"])
  expect(result).toMatchObject({
    finishReason: "tool-calls",
    responseId: "msg_1",
    usage: { input_tokens: 10, output_tokens: 5, cache_read_tokens: 100, cache_creation_tokens: 7, total_tokens: 122 },
    parts: [
      { type: "reasoning", text: "hm" },
      { type: "text", text: "Hello" },
      { type: "tool-call", tool_call_id: "toolu_1_0", tool_name: "execute", args: { command: "a long command" } },
      { type: "tool-call", tool_call_id: "toolu_1_1", tool_name: "read_file", args: {} },
    ],
  })
})

test("signed and hidden thinking go back unchanged, before the calls they led to", async () => {
  provider.script(
    {
      items: [{ reasoning: "because", signature: "sig-1" }, { redacted: "hidden-1" }, { calls: [{ tool: "execute" }] }],
    },
    { items: [{ text: "done" }] },
    { items: [{ text: "bye" }] },
  )
  const first = await generate(request([user("go")], { config: thinking }))
  const history = [user("go"), ...answered(first, { output: "ok" })]
  await generate(request(history, { config: thinking }))
  await generate(
    request([...history, user("thanks")], { config: { provider_options: { anthropic: { send_reasoning: false } } } }),
  )
  expect(provider.refusals).toEqual([])
  expect(messagesOf(1)).toMatchObject([
    { role: "user" },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "because", signature: "sig-1" },
        { type: "redacted_thinking", data: "hidden-1" },
        { type: "tool_use", name: "execute", input: {} },
      ],
    },
    { role: "user", content: [{ type: "tool_result", content: '{"output":"ok"}' }] },
  ])
  expect(JSON.stringify(messagesOf(2))).not.toContain("thinking")
})

test("thinking of another provider and thinking alone are left out", async () => {
  provider.script({ items: [{ reasoning: "only this", signature: "s" }] }, { items: [{ text: "ok" }] })
  const interrupted = await generate(request([user("go")]))
  await generate(
    request([
      user("go"),
      assistant(interrupted.parts),
      user("a"),
      assistant([
        { type: "reasoning", text: "x", provider_metadata: { openai_responses: { item: {} } } },
        { type: "text", text: "b" },
      ]),
      user("c"),
    ]),
  )
  expect(provider.refusals).toEqual([])
  expect(messagesOf(1)).toMatchObject([
    { role: "user", content: [{ text: "go\n\na" }] },
    { role: "assistant", content: [{ text: "b" }] },
    { role: "user", content: [{ text: "c" }] },
  ])
})

test("a message that ends with thinking goes without any: it may neither end so nor be changed", async () => {
  const cutOff = [{ reasoning: "one" }, { text: "so" }, { reasoning: "two" }]
  provider.script({ items: cutOff, finish: "length" }, { items: [{ text: "ok" }] })
  const first = await generate(request([user("go")], { config: thinking }))
  expect(first.parts.map(({ type }) => type)).toEqual(["reasoning", "text", "reasoning"])
  await generate(request([user("go"), assistant(first.parts), user("on")], { config: thinking }))
  expect(provider.refusals).toEqual([])
  expect(messagesOf(1)).toMatchObject([{}, { content: [{ type: "text", text: "so" }] }, {}])
})

test("the provider's own search is kept as a pair and replayed raw", async () => {
  const results = [{ url: "https://cats.example", title: "Cats" }]
  provider.script({ items: [{ search: "cats", results }, { text: "found" }] }, { items: [{ text: "ok" }] })
  const config = { provider_options: { anthropic: { web_search_enabled: true, allowed_domains: ["cats.example"] } } }
  const first = await generate(request([user("cats?")], { config }))
  expect(first).toMatchObject({
    finishReason: "stop",
    parts: [
      { type: "tool-call", tool_name: "web_search", provider_executed: true, args: { query: "cats" } },
      { type: "tool-result", provider_executed: true, is_error: false, result: results },
      { type: "text", text: "found" },
    ],
  })
  await generate(request([user("cats?"), assistant(first.parts), user("more")], { config }))
  expect(provider.refusals).toEqual([])
  expect(messagesOf(1)).toMatchObject([
    {},
    {
      content: [
        { type: "server_tool_use", input: { query: "cats" }, caller: { type: "direct" } },
        { type: "web_search_tool_result", content: [{ encrypted_content: "enc https://cats.example" }] },
        { type: "text" },
      ],
    },
    {},
  ])
  expect(provider.requests[0]?.body["tools"]).toContainEqual({
    type: "web_search_20250305",
    name: "web_search",
    allowed_domains: ["cats.example"],
  })
})

test("searches that are no pair never reach the API: lone calls, lone, doubled and early results", async () => {
  const results = [{ url: "https://cats.example", title: "Cats" }]
  provider.script(
    { items: [{ search: "cats", results }, { text: "found" }] },
    { items: [{ text: "ok" }], repeat: true },
  )
  const { parts } = await generate(request([user("cats?")]))
  const [call, result, text] = parts
  if (!call || !result || !text) throw new Error("three parts were scripted")
  const broken: ReadonlyArray<ReadonlyArray<Part>> = [
    [call, text],
    [result, text],
    [result, call, text],
    [call, result, result, text],
    [call, call, result, text],
  ]
  for (const order of broken) await generate(request([user("cats?"), assistant(order), user("more")]))
  expect(provider.refusals).toEqual([])
  // A result that cannot stand as one is told in words.
  expect(JSON.stringify(messagesOf(2))).toContain("Web search results:\\n- Cats https://cats.example")
})

test("ids of other providers are rewritten to the alphabet and made unique, calls and results alike", async () => {
  provider.script({ items: [{ text: "ok" }] })
  const step = (output: string): ReadonlyArray<PromptMessage> => [
    assistant([
      { type: "tool-call", tool_call_id: "functions.execute:0", tool_name: "execute", args: { command: "a" } },
    ]),
    {
      role: "tool",
      parts: [
        {
          type: "tool-result",
          tool_call_id: "functions.execute:0",
          tool_name: "execute",
          result: output,
          is_error: true,
        },
      ],
    },
  ]
  await generate(request([user("go"), ...step("one"), ...step("two")]))
  expect(provider.refusals).toEqual([])
  expect(messagesOf(0)).toMatchObject([
    {},
    { content: [{ id: "functions_execute_0" }] },
    { content: [{ tool_use_id: "functions_execute_0", content: "one", is_error: true }] },
    { content: [{ id: "functions_execute_0_2" }] },
    { content: [{ tool_use_id: "functions_execute_0_2", content: "two" }] },
  ])
})

test("results stand first in the message after their calls, also when a user message follows", async () => {
  provider.script(
    { items: [{ calls: [{ tool: "execute" }, { tool: "read_file", args: "[1]" }] }] },
    { items: [{ text: "ok" }] },
  )
  const first = await generate(request([user("go")]))
  await generate(request([user("go"), ...answered(first, ""), user("and now?"), user("  ")]))
  expect(provider.refusals).toEqual([])
  expect(messagesOf(1)).toMatchObject([
    {},
    { content: [{}, { input: { invalid_arguments: [1] } }] },
    {
      content: [
        { type: "tool_result", content: "(no output)" },
        { type: "tool_result" },
        { type: "text", text: "and now?" },
      ],
    },
  ])
})

test("cache marks: the last system block and the last two messages, never on thinking", async () => {
  provider.script({ items: [{ reasoning: "first", signature: "s" }, { text: "then" }] }, { items: [{ text: "ok" }] })
  const first = await generate(request([user("a")]))
  await generate(request([user("a"), assistant(first.parts), user("b")], { system: ["one", " ", "two"] }))
  const cache_control = { type: "ephemeral" }
  expect(provider.refusals).toEqual([])
  expect(provider.requests[1]?.body["system"]).toEqual([
    { type: "text", text: "one" },
    { type: "text", text: "two", cache_control },
  ])
  expect(messagesOf(1)).toEqual([
    { role: "user", content: [{ type: "text", text: "a" }] },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "first", signature: "s" },
        { type: "text", text: "then", cache_control },
      ],
    },
    { role: "user", content: [{ type: "text", text: "b", cache_control }] },
  ])
})

test("limits, thinking, effort, sampling and what they need of the API", async () => {
  provider.script({ items: [{ text: "ok" }], repeat: true })
  const options = (anthropic: Record<string, unknown>, rest = {}) => ({ ...rest, provider_options: { anthropic } })
  const budget = { thinking: { budget_tokens: 40_000 }, thinking_display: "omitted" }
  const sampling = { temperature: 1.5, top_k: 3 }
  await generate(request([user("a")], { config: options(budget, sampling) }))
  const low = { reasoning_effort: { default: "minimal", max: "max" }, max_output_tokens: 9 } as const
  await generate(request([user("b")], { model: "claude-test-5-5", config: { ...options(budget, sampling), ...low } }))
  const plainOptions = { effort: "extreme", disable_parallel_tool_use: true, context_1m_enabled: true }
  await generate(request([user("c")], { model: "claude-3-haiku-20240307", config: options(plainOptions, sampling) }))
  expect(provider.refusals).toEqual([])
  const [long, adaptive, plain] = provider.requests
  const thinking = { type: "enabled", budget_tokens: 40_000, display: "omitted" }
  expect(long?.body).toMatchObject({ max_tokens: 72_000, thinking })
  expect(adaptive?.body).toMatchObject({
    max_tokens: 9,
    thinking: { type: "adaptive", display: "omitted" },
    output_config: { effort: "low" },
  })
  expect(plain?.body).toMatchObject({
    max_tokens: 4_096,
    temperature: 1,
    top_k: 3,
    tool_choice: { type: "auto", disable_parallel_tool_use: true },
  })
  for (const thinker of [long, adaptive]) {
    for (const field of ["temperature", "top_k"]) expect(thinker?.body).not.toHaveProperty(field)
  }
  for (const field of ["thinking", "output_config"]) expect(plain?.body).not.toHaveProperty(field)
  expect(plain?.headers).toMatchObject({ "anthropic-version": "2023-06-01", "anthropic-beta": "context-1m-2025-08-07" })
  expect(long?.headers["anthropic-version"]).not.toBe("2023-06-01")
})

test.each([
  ["length", "length"],
  ["content-filter", "refusal"],
] as const)("finish %s", async (finish, expected) => {
  provider.script({ items: [{ text: "so far" }], finish })
  expect((await generate(request([user("hi")]))).finishReason).toBe(expected)
})

test("citations become sources and go back with their text", async () => {
  const citation = {
    type: "web_search_result_location",
    cited_text: "meow",
    encrypted_index: "e",
    title: "Cats",
    url: "https://cats.example",
  }
  provider.script({
    items: [
      { text: "cats" },
      { event: { type: "content_block_delta", index: 0, delta: { type: "citations_delta", citation } } },
    ],
  })
  const result = await generate(request([user("hi")]))
  expect(result.parts).toMatchObject([
    { type: "text", text: "cats" },
    { type: "source", url: "https://cats.example", title: "Cats" },
  ])
  provider.script({ items: [{ text: "ok" }] })
  await generate(request([user("hi"), assistant(result.parts), user("go")]))
  expect(messagesOf(1)).toMatchObject([{}, { content: [{ text: "cats", citations: [citation] }] }, {}])
})
