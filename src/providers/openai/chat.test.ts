import { afterEach, beforeEach, expect, test } from "vitest"
import { answered, failureOf, generate, requestTo, tool, user } from "../../../test/support/provider-call.ts"
import { ScriptedProvider } from "../../../test/support/scripted-provider.ts"
import { shortCallId } from "../call-names.ts"
import type { PromptMessage, StreamEvent } from "../provider.ts"

let provider: ScriptedProvider

beforeEach(async () => {
  provider = await ScriptedProvider.start({ models: ["small", "large"] })
})

afterEach(async () => {
  await provider.close()
})

const connection = () => provider.connection("openai-compat")

const chunk = (delta: unknown, finish_reason: string | null = null) => ({
  event: { id: "x", choices: [{ index: 0, delta, finish_reason }] },
})

test("text, reasoning, usage and finish reason", async () => {
  provider.script({
    items: [{ reasoning: ["hm", " so"] }, { text: ["Hel", "lo"] }],
    usage: { input: 100, output: 7, cached: 30, reasoning: 2 },
  })
  const events: Array<StreamEvent> = []
  const result = await generate(requestTo(connection(), [user("hi")]), events)
  expect(events).toEqual([
    { type: "reasoning", text: "hm" },
    { type: "reasoning", text: " so" },
    { type: "text", text: "Hel" },
    { type: "text", text: "lo" },
  ])
  expect(result).toMatchObject({
    finishReason: "stop",
    responseId: "chatcmpl-1",
    usage: { input_tokens: 70, cache_read_tokens: 30, output_tokens: 7, total_tokens: 107, reasoning_tokens: 2 },
    parts: [
      { type: "reasoning", text: "hm so", created_at: expect.any(String), completed_at: expect.any(String) },
      { type: "text", text: "Hello" },
    ],
  })
})

test("interleaved parallel calls are put together by index, and their results go back in a valid order", async () => {
  const args = { command: "a rather long command line" }
  provider.script(
    {
      items: [
        { reasoning: "plan" },
        {
          calls: [
            { tool: "execute", args },
            { tool: "read_file", args: { command: "x" } },
          ],
        },
      ],
    },
    { items: [{ text: "done" }] },
  )
  const events: Array<StreamEvent> = []
  const first = await generate(requestTo(connection(), [user("go")]), events)
  expect(first.finishReason).toBe("tool-calls")
  expect(first.parts.slice(1)).toEqual([
    { type: "tool-call", tool_call_id: "call_1_0", tool_name: "execute", args },
    { type: "tool-call", tool_call_id: "call_1_1", tool_name: "read_file", args: { command: "x" } },
  ])
  const deltas = events.flatMap((event) =>
    event.type === "tool-call-delta" && event.id === "call_1_0" ? [event.delta] : [],
  )
  expect(JSON.parse(deltas.join(""))).toEqual(args)
  const second = await generate(requestTo(connection(), [user("go"), ...answered(first, { output: "ok" })]))
  expect(second.parts).toEqual([{ type: "text", text: "done" }])
  // Mistral takes ids of nine letters and digits only.
  const ids = ["call_1_0", "call_1_1"].map((id) => shortCallId(id, 1, false))
  expect(ids.every((id) => /^[a-zA-Z0-9]{9}$/.test(id))).toBe(true)
  const step = [
    { role: "system" },
    { role: "user", content: "go" },
    { role: "assistant", content: null, reasoning_content: "plan", tool_calls: [{ id: ids[0] }, { id: ids[1] }] },
    { role: "tool", tool_call_id: ids[0], content: '{"output":"ok"}' },
    { role: "tool", tool_call_id: ids[1] },
  ]
  expect(provider.requests[1]?.body["messages"]).toMatchObject(step)
  // A later turn still carries the reasoning that led to calls.
  provider.script({ items: [{ text: "ok" }] })
  await generate(requestTo(connection(), [user("go"), ...answered(first, { output: "ok" }), user("next")]))
  expect(provider.requests[2]?.body["messages"]).toMatchObject([
    ...step,
    { role: "assistant" },
    { role: "user", content: "next" },
  ])
  expect(provider.refusals).toEqual([])
})

test.each([
  [
    "neither index nor id, whole calls in one chunk",
    [
      { function: { name: "execute", arguments: '{"command":"a"}' } },
      { function: { name: "execute", arguments: '{"command":"b"}' } },
    ],
    ["a", "b"],
  ],
  [
    "every call with index 0",
    [
      { index: 0, id: "one", function: { name: "execute", arguments: '{"command":"a"}' } },
      { index: 0, id: "two", function: { name: "execute", arguments: '{"command":"b"}' } },
    ],
    ["a", "b"],
  ],
  [
    "ids without index, arguments in pieces",
    [
      { id: "one", function: { name: "execute", arguments: '{"comm' } },
      { id: "two", function: { name: "execute", arguments: '{"command":' } },
      { id: "one", function: { arguments: 'and":"a"}' } },
      { id: "two", function: { arguments: '"b"}' } },
    ],
    ["a", "b"],
  ],
  [
    "bare argument pieces without index or id",
    [{ function: { name: "execute", arguments: '{"command":' } }, { function: { arguments: '"a"}' } }],
    ["a"],
  ],
  [
    "arguments as an object, and the name after the id",
    [
      { index: 0, id: "one" },
      { index: 0, function: { name: "execute", arguments: { command: "a" } } },
    ],
    ["a"],
  ],
])("sloppy servers: %s", async (_name, pieces, commands) => {
  provider.script({
    items: [...pieces.map((piece) => chunk({ tool_calls: [piece] })), chunk({}, "stop"), { cut: "end" }],
  })
  const result = await generate(requestTo(connection(), [user("go")]))
  const calls = result.parts.filter((part) => part.type === "tool-call")
  expect(calls.map((call) => call.args)).toEqual(commands.map((command) => ({ command })))
  expect(calls.every((call) => call.tool_name === "execute" && /^[A-Za-z0-9_-]+$/.test(call.tool_call_id))).toBe(true)
  expect(new Set(calls.map((call) => call.tool_call_id)).size).toBe(commands.length)
  // They said "stop", but there are calls to run.
  expect(result.finishReason).toBe("tool-calls")
})

test("broken arguments are handed on as text and replayed as an object", async () => {
  provider.script({
    items: [
      {
        calls: [
          { tool: "execute", args: '{"command": "ls' },
          { tool: "read_file", args: "" },
        ],
      },
    ],
  })
  const result = await generate(requestTo(connection(), [user("go")]))
  expect(result.parts).toEqual([
    { type: "tool-call", tool_call_id: "call_1_0", tool_name: "execute", args_text: '{"command": "ls' },
    { type: "tool-call", tool_call_id: "call_1_1", tool_name: "read_file", args: {} },
  ])
  provider.script({ items: [{ text: "sorry" }] })
  await generate(requestTo(connection(), [user("go"), ...answered(result, "bad arguments")]))
  expect(provider.refusals).toEqual([])
  expect(JSON.stringify(provider.requests[1]?.body)).toContain("invalid_arguments")
})

test.each([
  ["length", "length"],
  ["content-filter", "content-filter"],
] as const)("finish %s", async (finish, expected) => {
  provider.script({ items: [{ text: "so far" }], finish })
  expect((await generate(requestTo(connection(), [user("hi")]))).finishReason).toBe(expected)
})

test("a reply with no content at all has no parts", async () => {
  provider.script({ items: [] })
  expect(await generate(requestTo(connection(), [user("hi")]))).toMatchObject({ parts: [], finishReason: "stop" })
})

test("a server that refuses stream_options is asked without, at once and from then on", async () => {
  const refuses = { status: 400, message: "unknown field stream_options", when: "stream_options", repeat: true }
  provider.script(refuses, { items: [{ text: "a" }], usage: null }, { items: [{ text: "b" }], usage: null })
  expect(await generate(requestTo(connection(), [user("hi")]))).toMatchObject({ usage: {}, parts: [{ text: "a" }] })
  await generate(requestTo(connection(), [user("hi")]))
  expect(provider.requests.map((request) => "stream_options" in request.body)).toEqual([true, false, false])
})

test("after the finish a lost connection or a missing end does not lose the answer", async () => {
  provider.script({ items: [{ text: "whole" }, chunk({}, "stop"), { cut: "reset" }] })
  expect(await generate(requestTo(connection(), [user("hi")]))).toMatchObject({ parts: [{ text: "whole" }] })
})

test("OpenRouter's reasoning blocks are joined and go back as they came", async () => {
  const piece = (text: string, extra = {}) =>
    chunk({ reasoning: text, reasoning_details: [{ type: "reasoning.text", index: 0, text, ...extra }] })
  const sloppy = await ScriptedProvider.start({ extraChatFields: ["reasoning", "top_k"] })
  try {
    sloppy.script(
      { items: [piece("I "), piece("think", { signature: "s1" }), { calls: [{ tool: "execute", args: {} }] }] },
      { items: [{ text: "ok" }] },
    )
    const request = requestTo(sloppy.connection("openrouter"), [user("go")], {
      config: { top_k: 5, reasoning_effort: { default: "max", max: "max" } },
    })
    const first = await generate(request)
    expect(first.parts[0]).toMatchObject({ type: "reasoning", text: "I think" })
    await generate({ ...request, messages: [user("go"), ...answered(first, "x"), user("again")] })
    expect(sloppy.requests[0]?.body).toMatchObject({ reasoning: { effort: "high" }, top_k: 5, max_tokens: 32_000 })
    expect(sloppy.requests[1]?.body["messages"]).toMatchObject([
      {},
      {},
      { reasoning_details: [{ type: "reasoning.text", index: 0, text: "I think", signature: "s1" }] },
      { role: "tool" },
      { role: "assistant" },
      { role: "user", content: "again" },
    ])
    expect(sloppy.refusals).toEqual([])
  } finally {
    await sloppy.close()
  }
})

test("reasoning blocks that come late or alone are kept", async () => {
  const details = [{ type: "reasoning.encrypted", index: 0, data: "secret" }]
  provider.script({ items: [{ text: "shown" }, chunk({ reasoning_details: details })] })
  expect((await generate(requestTo(connection(), [user("go")]))).parts).toEqual([
    { type: "reasoning", text: "", provider_metadata: { openai_chat: { reasoning_details: details } } },
    { type: "text", text: "shown" },
  ])
})

test("a server that says it is finished too early is read to the end", async () => {
  provider.script({ items: [chunk({ content: "a" }, "stop"), chunk({ content: "b" }, "stop")] })
  expect((await generate(requestTo(connection(), [user("go")]))).parts).toEqual([{ type: "text", text: "ab" }])
})

test("citations become sources beside the text", async () => {
  const url_citation = { url: "https://a.example", title: "A" }
  const annotations = [{ type: "url_citation", url_citation }, { type: "other" }]
  provider.script({ items: [{ text: "one" }, chunk({ annotations }), { text: " two" }] })
  expect((await generate(requestTo(connection(), [user("go")]))).parts).toEqual([
    { type: "text", text: "one two" },
    { type: "source", url: "https://a.example", title: "A" },
  ])
})

test("what an OpenAI chat model gets: token limit, options, no web search", async () => {
  provider.script({ items: [{ text: "ok" }] })
  await generate(
    requestTo(provider.connection("openai"), [user("hi")], {
      model: "gpt-4o-mini",
      config: {
        openai_config: { use_responses_api: false },
        temperature: 0.5,
        reasoning_effort: { default: "max", max: "high" },
        provider_options: {
          openai: {
            text_verbosity: "LOW",
            service_tier: "unheard-of",
            parallel_tool_calls: false,
            include: ["x"],
            log_probs: true,
          },
          anthropic: { effort: "high" },
        },
      },
    }),
  )
  const [request] = provider.requests
  expect(request?.refusal).toBeUndefined()
  expect(request?.body).toMatchObject({
    max_completion_tokens: 16_384,
    temperature: 0.5,
    reasoning_effort: "high",
    verbosity: "low",
    parallel_tool_calls: false,
    logprobs: true,
  })
  for (const field of ["service_tier", "include", "max_tokens", "effort"])
    expect(request?.body).not.toHaveProperty(field)
})

test("an openai-compat server gets max_tokens only when it is configured", async () => {
  provider.script({ items: [{ text: "ok" }], repeat: true })
  await generate(requestTo(connection(), [user("hi")]))
  await generate(requestTo(connection(), [user("hi")], { config: { max_output_tokens: 50 } }))
  expect(provider.requests.map((request) => request.body["max_tokens"])).toEqual([undefined, 50])
})

test("a schema whose required is null or empty is sent without it; no tools, no tool fields", async () => {
  provider.script({ items: [{ text: "ok" }], repeat: true })
  const tools = [null, [], ["command"]].map((required, index) => ({
    ...tool(`tool_${index}`),
    inputSchema: { type: "object", properties: {}, required },
  }))
  await generate(requestTo(connection(), [user("hi")], { tools }))
  await generate(requestTo(connection(), [user("hi")], { tools: [] }))
  expect(provider.refusals).toEqual([])
  expect(provider.requests[0]?.body["tools"]).toMatchObject([
    {},
    {},
    { function: { parameters: { required: ["command"] } } },
  ])
  expect(provider.requests[1]?.body).not.toHaveProperty("tool_choice")
})

test("files, references and odd parts of a conversation become a valid request", async () => {
  provider.script({ items: [{ text: "ok" }] })
  const messages: ReadonlyArray<PromptMessage> = [
    {
      role: "user",
      parts: [
        { type: "text", text: "hello" },
        { type: "text", text: " " },
        { type: "text", text: "world" },
        { type: "file", media_type: "image/png", data: "aGk=" },
        { type: "file", media_type: "text/plain", name: "a.txt", data: Buffer.from("inside").toString("base64") },
        { type: "file-reference", file_name: "b.ts", start_line: 3, end_line: 4, content: "let b" },
        { type: "file", media_type: "video/mp4", name: "c.mp4" },
      ],
    },
    {
      role: "assistant",
      parts: [
        { type: "reasoning", text: "elsewhere" },
        { type: "text", text: "  " },
      ],
    },
    {
      role: "assistant",
      parts: [
        { type: "source", url: "https://example.com" },
        { type: "text", text: "seen" },
      ],
    },
    { role: "user", parts: [{ type: "text", text: "go on" }] },
  ]
  await generate(requestTo(connection(), messages))
  expect(provider.refusals).toEqual([])
  const sent = provider.requests[0]?.body["messages"]
  expect(sent).toMatchObject([
    { role: "system", content: "You are a test." },
    {
      role: "user",
      content: [
        { type: "text", text: "hello world" },
        { type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } },
        { type: "text", text: expect.stringContaining("inside") },
      ],
    },
    { role: "assistant", content: "seen" },
    { role: "user", content: "go on" },
  ])
  const text = JSON.stringify(sent)
  expect(text).toContain("b.ts, lines 3 to 4")
  expect(text).toContain("c.mp4 (video/mp4) is attached but cannot be shown")
})

test("connection headers and key reach the provider; without a key there is no Authorization", async () => {
  provider.script({ items: [{ text: "ok" }] })
  await generate(requestTo({ ...connection(), headers: { "x-chat-id": "c1" } }, [user("hi")]))
  expect(provider.requests[0]?.headers).toMatchObject({ "x-chat-id": "c1", authorization: "Bearer scripted-key" })
  await failureOf(requestTo({ ...connection(), apiKey: "" }, [user("hi")]))
  expect(provider.requests[1]?.headers).not.toHaveProperty("authorization")
})
