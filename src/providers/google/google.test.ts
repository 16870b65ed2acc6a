import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest"
import { answered, failureOf, generate, requestTo, tool, user } from "../../../test/support/provider-call.ts"
import { type RawAnswer, RawProvider, sse } from "../../../test/support/raw-provider.ts"
import { callsOf, textOf, thoughtsOf } from "../../../test/support/raw-reply.ts"
import type { ModelCallConfig } from "../../contract/models.ts"
import type { GenerateRequest, PromptMessage, StreamEvent } from "../provider.ts"

/** What Gemini's API is told, and what of its own ways is read. */

let google: RawProvider

beforeAll(async () => {
  google = await RawProvider.start()
})
afterEach(() => google.reset())
afterAll(() => google.close())

const callTo = (changes: Partial<GenerateRequest> = {}, base = ""): GenerateRequest =>
  requestTo(
    { type: "google", displayName: "Gemini", baseUrl: `${google.url}${base}`, apiKey: "k", headers: { "x-mine": "1" } },
    [user("hi")],
    { model: "gemini-2.5-flash", ...changes },
  )

const event = (parts: ReadonlyArray<object>, more: object = {}): object => ({
  candidates: [{ content: { role: "model", parts }, index: 0, ...more }],
})
const end = (finishReason: string, more: object = {}): object => event([], { finishReason, ...more })
const done: RawAnswer = sse(event([{ text: "Done." }], { finishReason: "STOP" }))

const sentFor = async (config: ModelCallConfig, changes: Partial<GenerateRequest> = {}) => {
  google.answer(done)
  await generate(callTo({ config, ...changes }))
  return google.requests.at(-1)?.body ?? {}
}

it.each(["", "/", "/v1beta", "/v1beta/"])("a base URL that ends with %j leads to the same path", async (base) => {
  google.answer(done)
  await generate(callTo({}, base))
  expect(google.requests[0]).toMatchObject({
    path: "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    headers: { "x-goog-api-key": "k", "x-mine": "1" },
  })
})

it("another version and another place stand as they are given", async () => {
  google.answer(done)
  await generate(callTo({ model: "models/gemini-pro" }, "/gateway/google-ai-studio/v1"))
  expect(google.requests[0]?.path).toBe("/gateway/google-ai-studio/v1/models/gemini-pro:streamGenerateContent?alt=sse")
})

it("variables of the environment change nothing", async () => {
  vi.stubEnv("GOOGLE_GENAI_USE_VERTEXAI", "true")
  vi.stubEnv("GOOGLE_CLOUD_PROJECT", "theirs")
  vi.stubEnv("GOOGLE_API_KEY", "theirs")
  vi.stubEnv("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:1")
  google.answer(done)
  await generate(callTo({}, "/of/its/own"))
  vi.unstubAllEnvs()
  expect(google.requests[0]?.path).toMatch(/^\/of\/its\/own\/v1beta\/models\//)
  expect(google.requests[0]?.headers["x-goog-api-key"]).toBe("k")
})

it("tools, system and what is attached are told in Google's own words", async () => {
  const attached: PromptMessage = {
    role: "user",
    parts: [
      { type: "text", text: "See:" },
      { type: "file", file_id: "1", media_type: "image/png", name: "a.png", data: "aW1n" },
      { type: "file", file_id: "2", media_type: "application/zip", name: "b.zip", data: "emlw" },
    ],
  }
  const body = await sentFor({}, { messages: [attached], system: ["One.", " ", "Two."] })
  expect(body["systemInstruction"]).toEqual({ parts: [{ text: "One." }, { text: "Two." }] })
  expect(body["contents"]).toEqual([
    {
      role: "user",
      parts: [
        { text: "See:" },
        { inlineData: { mimeType: "image/png", data: "aW1n" } },
        { text: "[b.zip (application/zip) is attached but cannot be shown to this model]" },
      ],
    },
  ])
  expect(body["tools"]).toMatchObject([
    { functionDeclarations: [{ name: "execute", parametersJsonSchema: { type: "object" } }, { name: "read_file" }] },
  ])
  expect(body["toolConfig"]).toEqual({ functionCallingConfig: { mode: "AUTO" } })
  expect(body).not.toHaveProperty("generationConfig.maxOutputTokens")
  expect(await sentFor({}, { toolChoice: "none" })).toHaveProperty("toolConfig.functionCallingConfig.mode", "NONE")
  expect(await sentFor({}, { tools: [] })).not.toHaveProperty("toolConfig")
})

it.each([
  ["gemini-2.5-flash", "none", { thinkingBudget: 0 }],
  ["gemini-2.5-pro", "none", { thinkingBudget: 128 }],
  ["gemini-2.5-pro", "minimal", { thinkingBudget: 1024 }],
  ["gemini-2.5-pro", "medium", { thinkingBudget: 8192 }],
  ["gemini-2.5-flash", "max", { thinkingBudget: 24_576 }],
  ["gemini-3-flash", "none", { thinkingLevel: "MINIMAL" }],
  ["gemini-3-pro", "minimal", { thinkingLevel: "LOW" }],
  ["gemini-3.1-pro", "medium", { thinkingLevel: "MEDIUM" }],
  ["gemini-pro-latest", "xhigh", { thinkingLevel: "HIGH" }],
] as const)("%s thinks with effort %s as %j", async (model, effort, thinking) => {
  const body = await sentFor({ reasoning_effort: { default: effort, max: "max" } }, { model })
  expect(body).toMatchObject({ generationConfig: { thinkingConfig: { ...thinking, includeThoughts: true } } })
})

it("a signature goes back on the part that it came with", async () => {
  google.answer(
    sse(
      event([{ text: "I think.", thought: true }]),
      event([{ text: "First " }]),
      event([{ text: "I look.", thoughtSignature: "c2lnLXRleHQ=" }]),
      event([{ functionCall: { name: "execute", args: { command: "ls" } }, thoughtSignature: "c2lnLWNhbGw=" }]),
      event([{ functionCall: { name: "execute", args: {} } }]),
      end("STOP"),
    ),
    done,
  )
  const request = callTo({ model: "gemini-3-pro" })
  const reply = await generate(request)
  expect(thoughtsOf(reply)).toBe("I think.")
  expect(textOf(reply)).toBe("First I look.")
  expect(reply.finishReason).toBe("tool-calls")
  const [one, other] = reply.parts.flatMap((part) => (part.type === "tool-call" ? [part.tool_call_id] : []))
  expect(one).not.toBe(other)
  await generate({ ...request, messages: [...request.messages, ...answered(reply, "ok")] })
  expect(google.requests[1]?.body["contents"]).toEqual([
    { role: "user", parts: [{ text: "hi" }] },
    {
      role: "model",
      parts: [
        { text: "First " },
        { text: "I look.", thoughtSignature: "c2lnLXRleHQ=" },
        { functionCall: { id: one, name: "execute", args: { command: "ls" } }, thoughtSignature: "c2lnLWNhbGw=" },
        { functionCall: { id: other, name: "execute", args: {} } },
      ],
    },
    {
      role: "user",
      parts: [one, other].map((id) => ({ functionResponse: { id, name: "execute", response: { output: "ok" } } })),
    },
  ])
})

it("a signature behind a text is no other text to people, and goes back behind it", async () => {
  google.answer(
    sse(event([{ text: "All said." }]), event([{ text: "", thoughtSignature: "c2ln" }], { finishReason: "STOP" })),
    done,
  )
  const request = callTo()
  const reply = await generate(request)
  expect(reply.parts).toHaveLength(1)
  await generate({ ...request, messages: [...request.messages, ...answered(reply, ""), user("and?")] })
  expect(google.requests[1]?.body["contents"]).toMatchObject([
    {},
    { parts: [{ text: "All said." }, { text: "", thoughtSignature: "c2ln" }] },
    {},
  ])
})

it.each([
  ["gemini-3-pro", "skip_thought_signature_validator"],
  ["gemini-2.5-pro", undefined],
])("a call of another model is told to %s with the signature %s", async (model, signature) => {
  const call = { type: "tool-call", tool_call_id: "toolu_1", tool_name: "execute", args: {} } as const
  const messages: ReadonlyArray<PromptMessage> = [
    user("hi"),
    { role: "assistant", parts: [call], origin: "other/a" },
    {
      role: "tool",
      parts: [{ type: "tool-result", tool_call_id: "toolu_1", tool_name: "execute", result: "no", is_error: true }],
    },
  ]
  google.answer(done)
  await generate(callTo({ model, messages, origin: "this/a" }))
  expect(google.requests[0]?.body["contents"]).toEqual([
    { role: "user", parts: [{ text: "hi" }] },
    {
      role: "model",
      parts: [
        {
          functionCall: { id: "toolu_1", name: "execute", args: {} },
          ...(signature === undefined ? {} : { thoughtSignature: signature }),
        },
      ],
    },
    { role: "user", parts: [{ functionResponse: { id: "toolu_1", name: "execute", response: { error: "no" } } }] },
  ])
})

it("a signature that Google does not take is left out of one more request", async () => {
  const refusal = { error: { code: 400, message: "Thought signature is not valid", status: "INVALID_ARGUMENT" } }
  google.answer(
    sse(event([{ functionCall: { name: "execute" }, thoughtSignature: "c2ln" }], { finishReason: "STOP" })),
    { status: 400, body: JSON.stringify(refusal) },
    done,
  )
  const request = callTo({ model: "gemini-3-pro" })
  const reply = await generate(request)
  const next = await generate({ ...request, messages: [...request.messages, ...answered(reply, "ok")] })
  expect(textOf(next)).toBe("Done.")
  expect(JSON.stringify(google.requests[2]?.body)).not.toContain("c2ln")
})

it("its own search is shown, goes back as it came, and its sources are read once", async () => {
  const toolCall = {
    toolCall: { id: "s1", toolType: "GOOGLE_SEARCH_WEB", args: { queries: ["q"] } },
    thoughtSignature: "c2ln",
  }
  const toolResponse = { toolResponse: { id: "s1", toolType: "GOOGLE_SEARCH_WEB", response: { suggestions: "x" } } }
  const groundingMetadata = { groundingChunks: [{ web: { uri: "https://a.example", title: "A" } }] }
  google.answer(
    sse(
      event([toolCall]),
      event([toolResponse]),
      event([{ text: "Found." }], { groundingMetadata }),
      end("STOP", { groundingMetadata }),
    ),
    done,
  )
  const events: Array<StreamEvent> = []
  const request = callTo({
    model: "gemini-3-pro",
    config: { provider_options: { google: { web_search_enabled: true } } },
  })
  const reply = await generate(request, events)
  expect(reply.finishReason).toBe("stop")
  expect(reply.parts).toMatchObject([
    { type: "tool-call", tool_name: "web_search", args: { queries: ["q"] }, provider_executed: true },
    { type: "tool-result", tool_name: "web_search", provider_executed: true },
    { type: "text", text: "Found." },
    { type: "source", url: "https://a.example", title: "A" },
  ])
  expect(google.requests[0]?.body).toMatchObject({
    tools: [{}, { googleSearch: {} }],
    toolConfig: { includeServerSideToolInvocations: true },
  })
  await generate({ ...request, messages: [...request.messages, ...answered(reply, ""), user("more")] })
  expect(google.requests[1]?.body["contents"]).toMatchObject([
    {},
    { parts: [toolCall, toolResponse, { text: "Found." }] },
    {},
  ])
  // A turn that may not search does not.
  google.answer(done)
  await generate({ ...request, providerTools: [] })
  expect(JSON.stringify(google.requests[2]?.body)).not.toContain("googleSearch")
})

it("thoughts are output, and what is cached is counted apart", async () => {
  const usageMetadata = {
    promptTokenCount: 100,
    toolUsePromptTokenCount: 7,
    cachedContentTokenCount: 40,
    candidatesTokenCount: 20,
    thoughtsTokenCount: 30,
    totalTokenCount: 157,
  }
  google.answer(
    sse(
      { ...event([{ text: "Well." }]), usageMetadata: { promptTokenCount: 100, totalTokenCount: 100 } },
      { ...end("STOP"), usageMetadata, responseId: "r1" },
    ),
  )
  expect(await generate(callTo())).toMatchObject({
    responseId: "r1",
    usage: {
      input_tokens: 67,
      cache_read_tokens: 40,
      output_tokens: 50,
      reasoning_tokens: 30,
      total_tokens: 157,
    },
  })
})

it.each([
  ["MAX_TOKENS", "length"],
  ["SAFETY", "content-filter"],
  ["RECITATION", "content-filter"],
  ["PROHIBITED_CONTENT", "content-filter"],
  ["LANGUAGE", "content-filter"],
  ["OTHER", "other"],
] as const)("a reply that ends with %s: %s", async (word, finishReason) => {
  google.answer(sse(event([{ text: "As far" }]), end(word)))
  expect(await generate(callTo())).toMatchObject({ finishReason })
})

it("a prompt that is blocked is a reply that was filtered", async () => {
  google.answer(sse({ promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata: { promptTokenCount: 4 } }))
  expect(await generate(callTo())).toMatchObject({
    parts: [],
    finishReason: "content-filter",
    usage: { input_tokens: 4 },
  })
})

it.each(["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE"])(
  "%s is tried again",
  async (finishReason) => {
    google.answer(sse(end(finishReason, { finishMessage: "Malformed function call: print(invalid api key)" })))
    expect(await failureOf(callTo())).toMatchObject({ kind: "timeout", retryable: true })
  },
)

it("a server that says STOP with every event is heard to its end", async () => {
  google.answer(
    sse(event([{ text: "one " }], { finishReason: "STOP" }), event([{ text: "two" }], { finishReason: "STOP" })),
  )
  expect(textOf(await generate(callTo()))).toBe("one two")
})

it("a list in place of a stream, as without alt=sse, is read", async () => {
  google.answer({
    body: JSON.stringify([event([{ text: "one " }]), event([{ text: "two" }], { finishReason: "STOP" })]),
  })
  expect(textOf(await generate(callTo()))).toBe("one two")
})

it("a second candidate is not mixed into the first", async () => {
  const both = [
    { content: { parts: [{ text: "mine" }] }, index: 0 },
    { content: { parts: [{ text: "other" }] }, index: 1 },
  ]
  google.answer(sse({ candidates: both }, { candidates: [{ ...both[1], finishReason: "STOP" }] }, end("STOP")))
  expect(textOf(await generate(callTo()))).toBe("mine")
})

it("a call without a name is none, and one whose arguments are a text is read", async () => {
  google.answer(
    sse(
      event([{ functionCall: { args: {} } }, { functionCall: { id: "a", name: "execute", args: '{"command":"ls"}' } }]),
      end("STOP"),
    ),
  )
  expect(callsOf(await generate(callTo()))).toEqual(['a execute {"command":"ls"}'])
})

it("how long to wait is read from Google's details", async () => {
  const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "17s" }]
  const error = { code: 429, message: "You exceeded your current quota.", status: "RESOURCE_EXHAUSTED", details }
  google.answer({ status: 429, body: JSON.stringify({ error }) })
  expect(await failureOf(callTo())).toMatchObject({ kind: "rate_limit", retryable: true, retryAfterMs: 17_000 })
  const key = { code: 400, message: "API key not valid. Please pass a valid API key.", status: "INVALID_ARGUMENT" }
  google.answer({ status: 400, body: JSON.stringify({ error: key }) })
  expect(await failureOf(callTo())).toMatchObject({ kind: "auth", retryable: false })
})

it("tools of names that Google does not know are told under others", async () => {
  const call = { type: "tool-call", tool_call_id: "1", tool_name: "9 lives", args: { a: 1 } } as const
  google.answer(done)
  await generate(callTo({ tools: [tool("execute")], messages: [user("hi"), { role: "assistant", parts: [call] }] }))
  expect(google.requests[0]?.body["contents"]).toMatchObject([
    {},
    { parts: [{ functionCall: { name: "_9_lives", args: { a: 1 } } }] },
    { parts: [{ functionResponse: { name: "_9_lives" } }] },
  ])
})
