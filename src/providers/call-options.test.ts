import { Schema } from "effect"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { failureOf, requestTo, user } from "../../test/support/provider-call.ts"
import { RawProvider } from "../../test/support/raw-provider.ts"
import { CreateModelConfigRequest, type ModelCallConfig, type ProviderType } from "../contract/models.ts"
import { ProviderOptions } from "../contract/provider-options.ts"

/** What each setting of a call becomes on each wire, by what the server has received. */

let provider: RawProvider

beforeAll(async () => {
  provider = await RawProvider.start()
})
beforeEach(() => provider.reset())
afterAll(() => provider.close())

const MODELS: Readonly<Record<ProviderType, string>> = {
  anthropic: "claude-test-4-5",
  azure: "deployed",
  bedrock: "us.anthropic.claude-test-4-5-v1:0",
  google: "gemini-2.5-flash",
  openai: "gpt-5.2",
  "openai-compat": "llama",
  openrouter: "vendor/model",
  vercel: "vendor/model",
}

/** As an administrator sets it, checked as it is checked. */
const settled = (model_config: object): ModelCallConfig =>
  Schema.decodeUnknownSync(CreateModelConfigRequest)({ model: "m", context_limit: 1, model_config }).model_config ?? {}

const sentFor = async (type: ProviderType, config: object, model = MODELS[type]) => {
  const connection = { type, displayName: "Mine", baseUrl: provider.url, apiKey: "k", headers: {} }
  // What is answered does not matter; a refusal that nothing is tried after is soonest read.
  provider.answer({ status: 402, body: "{}" })
  await failureOf(requestTo(connection, [user("hi")], { model, config: settled(config) }))
  const [request] = provider.requests
  if (request === undefined) throw new Error("Nothing was sent.")
  return request
}

const onChat = { openai_config: { use_responses_api: false } }

/** [type, settings of the call, what stands in the request] */
const SETTINGS: ReadonlyArray<readonly [ProviderType, object, object]> = [
  ["openai", { max_output_tokens: 7 }, { max_output_tokens: 7 }],
  ["openai", { temperature: 0.5, top_p: 0.9 }, { temperature: 0.5, top_p: 0.9 }],
  ["openai", { ...onChat, max_output_tokens: 7 }, { max_completion_tokens: 7 }],
  [
    "openai",
    { ...onChat, temperature: 0.5, top_p: 0.9, presence_penalty: 1, frequency_penalty: -1 },
    { temperature: 0.5, top_p: 0.9, presence_penalty: 1, frequency_penalty: -1 },
  ],
  ["openai", { reasoning_effort: { default: "max", max: "max" } }, { reasoning: { effort: "xhigh" } }],
  ["openai", { ...onChat, reasoning_effort: { default: "high", max: "low" } }, { reasoning_effort: "low" }],
  ["azure", { max_output_tokens: 7, temperature: 1 }, { max_output_tokens: 7, temperature: 1 }],
  ["azure", { ...onChat, max_output_tokens: 7 }, { max_tokens: 7 }],
  [
    "openai-compat",
    { max_output_tokens: 7, temperature: 1.5, top_p: 0.1, top_k: 4, presence_penalty: 1, frequency_penalty: 2 },
    { max_tokens: 7, temperature: 1.5, top_p: 0.1, top_k: 4, presence_penalty: 1, frequency_penalty: 2 },
  ],
  ["openrouter", { max_output_tokens: 7, top_k: 4 }, { max_tokens: 7, top_k: 4 }],
  ["openrouter", { reasoning_effort: { default: "max", max: "max" } }, { reasoning: { effort: "high" } }],
  ["vercel", { max_output_tokens: 7, temperature: 0 }, { max_tokens: 7, temperature: 0 }],
  ["vercel", { reasoning_effort: { default: "none", max: "max" } }, { reasoning: { effort: "none" } }],
  ["anthropic", { max_output_tokens: 7, temperature: 2, top_k: 4 }, { max_tokens: 7, temperature: 1, top_k: 4 }],
  ["anthropic", { reasoning_effort: { default: "minimal", max: "max" } }, { output_config: { effort: "low" } }],
  ["bedrock", { max_output_tokens: 7, top_p: 0.5 }, { max_tokens: 7, top_p: 0.5 }],
  [
    "google",
    { max_output_tokens: 7, temperature: 2, top_p: 0.5, top_k: 4, presence_penalty: 1, frequency_penalty: -1 },
    {
      generationConfig: {
        maxOutputTokens: 7,
        temperature: 2,
        topP: 0.5,
        topK: 4,
        presencePenalty: 1,
        frequencyPenalty: -1,
      },
    },
  ],
]

it.each(SETTINGS)("%s with %j is sent %j", async (type, config, body) => {
  expect((await sentFor(type, config)).body).toMatchObject(body)
})

type Group = keyof typeof ProviderOptions.fields

const search = (more: object) => ({ tools: expect.arrayContaining([expect.objectContaining(more)]) })
const harm = (name: string, threshold: string) => ({ category: `HARM_CATEGORY_${name}`, threshold })

/** Each option with what becomes of it; `undefined` where the wire has nothing like it. */
const OPTIONS: ReadonlyArray<readonly [ProviderType, Group, object, object | undefined, object?]> = [
  ["openai", "openai", { include: ["Reasoning.encrypted_content"] }, { include: ["reasoning.encrypted_content"] }],
  ["openai", "openai", { instructions: "Be brief." }, { instructions: "You are a test.\n\nBe brief." }],
  ["openai", "openai", { logit_bias: { 50256: -100 } }, undefined],
  ["openai", "openai", { logit_bias: { 50256: -100 } }, { logit_bias: { 50256: -100 } }, onChat],
  ["openai", "openai", { log_probs: true }, { include: expect.arrayContaining(["message.output_text.logprobs"]) }],
  ["openai", "openai", { log_probs: true }, { logprobs: true }, onChat],
  ["openai", "openai", { top_log_probs: 3 }, { top_logprobs: 3 }],
  ["openai", "openai", { top_log_probs: 3 }, { logprobs: true, top_logprobs: 3 }, onChat],
  ["openai", "openai", { max_tool_calls: 4 }, { max_tool_calls: 4 }],
  ["openai", "openai", { max_tool_calls: 4 }, undefined, onChat],
  ["openai", "openai", { parallel_tool_calls: false }, { parallel_tool_calls: false }],
  ["openai", "openai", { parallel_tool_calls: false }, { parallel_tool_calls: false }, onChat],
  ["openai", "openai", { user: "u" }, { user: "u" }],
  ["openai", "openai", { reasoning_effort: "HIGH" }, { reasoning: { effort: "high" } }],
  ["openai", "openai", { reasoning_effort: "minimal" }, { reasoning_effort: "minimal" }, onChat],
  ["openai", "openai", { reasoning_effort: "none" }, undefined, onChat],
  ["openai", "openai", { reasoning_summary: "Detailed" }, { reasoning: { summary: "detailed" } }],
  ["openai", "openai", { reasoning_summary: "auto" }, undefined, onChat],
  ["openai", "openai", { max_completion_tokens: 9 }, { max_completion_tokens: 9 }, onChat],
  ["openai", "openai", { max_completion_tokens: 9 }, undefined],
  ["openai", "openai", { text_verbosity: "low" }, { text: { verbosity: "low" } }],
  ["openai", "openai", { text_verbosity: "low" }, { verbosity: "low" }, onChat],
  ["openai", "openai", { prediction: "as it was" }, { prediction: { type: "content", content: "as it was" } }, onChat],
  ["openai", "openai", { prediction: { type: "content", content: "x" } }, { prediction: { content: "x" } }, onChat],
  ["openai", "openai", { store: true }, { store: true }],
  ["openai", "openai", { store: true }, { store: true }, onChat],
  ["openai", "openai", { metadata: { team: "a" } }, { metadata: { team: "a" } }],
  ["openai", "openai", { prompt_cache_key: "key" }, { prompt_cache_key: "key" }],
  ["openai", "openai", { safety_identifier: "id" }, { safety_identifier: "id" }],
  ["openai", "openai", { service_tier: "flex" }, { service_tier: "flex" }],
  ["openai", "openai", { service_tier: "Priority" }, { service_tier: "priority" }, onChat],
  ["openai", "openai", { structured_outputs: true }, { tools: [{ function: { strict: true } }, {}] }, onChat],
  ["openai", "openai", { strict_json_schema: true }, { tools: [{ strict: true }, {}] }],
  ["openai", "openai", { web_search_enabled: true }, search({ type: "web_search" })],
  [
    "openai",
    "openai",
    { web_search_enabled: true, search_context_size: "High" },
    search({ type: "web_search", search_context_size: "high" }),
  ],
  [
    "openai",
    "openai",
    { web_search_enabled: true, allowed_domains: ["a.example"] },
    search({ type: "web_search", filters: { allowed_domains: ["a.example"] } }),
  ],
  ["azure", "openai", { service_tier: "default", user: "u" }, { service_tier: "default", user: "u" }],
  ["anthropic", "anthropic", { send_reasoning: false }, {}],
  ["anthropic", "anthropic", { thinking: { budget_tokens: 4_000 } }, { thinking: { budget_tokens: 4_000 } }],
  ["anthropic", "anthropic", { effort: "High" }, { output_config: { effort: "high" } }],
  ["anthropic", "anthropic", { effort: "minimal" }, undefined],
  [
    "anthropic",
    "anthropic",
    { thinking: { budget_tokens: 4_000 }, thinking_display: "omitted" },
    { thinking: { display: "omitted" } },
  ],
  [
    "anthropic",
    "anthropic",
    { disable_parallel_tool_use: true },
    { tool_choice: { type: "auto", disable_parallel_tool_use: true } },
  ],
  ["anthropic", "anthropic", { web_search_enabled: true }, search({ name: "web_search" })],
  [
    "anthropic",
    "anthropic",
    { web_search_enabled: true, allowed_domains: ["a.example"] },
    search({ name: "web_search", allowed_domains: ["a.example"] }),
  ],
  [
    "anthropic",
    "anthropic",
    { web_search_enabled: true, blocked_domains: ["b.example"] },
    search({ name: "web_search", blocked_domains: ["b.example"] }),
  ],
  ["bedrock", "anthropic", { context_1m_enabled: true }, { anthropic_beta: ["context-1m-2025-08-07"] }],
  ["bedrock", "anthropic", { thinking: { budget_tokens: 4_000 } }, { thinking: { budget_tokens: 4_000 } }],
  [
    "google",
    "google",
    { thinking_config: { thinking_budget: 0, include_thoughts: false } },
    { generationConfig: { thinkingConfig: { thinkingBudget: 0, includeThoughts: false } } },
  ],
  [
    "google",
    "google",
    { thinking_config: { thinking_level: "high", include_thoughts: true } },
    { generationConfig: { thinkingConfig: { thinkingLevel: "HIGH", includeThoughts: true } } },
  ],
  ["google", "google", { cached_content: "cachedContents/1" }, { cachedContent: "cachedContents/1" }],
  [
    "google",
    "google",
    { safety_settings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "block_none" }] },
    { safetySettings: [harm("HARASSMENT", "BLOCK_NONE")] },
  ],
  [
    "google",
    "google",
    { threshold: "OFF", safety_settings: [harm("HATE_SPEECH", "BLOCK_ONLY_HIGH")] },
    {
      safetySettings: [
        harm("HATE_SPEECH", "BLOCK_ONLY_HIGH"),
        harm("HARASSMENT", "OFF"),
        harm("SEXUALLY_EXPLICIT", "OFF"),
        harm("DANGEROUS_CONTENT", "OFF"),
      ],
    },
  ],
  ["google", "google", { web_search_enabled: true }, search({ googleSearch: {} })],
  ["openai-compat", "openaicompat", { user: "u" }, { user: "u" }],
  ["openai-compat", "openaicompat", { reasoning_effort: "xhigh" }, { reasoning_effort: "xhigh" }],
  [
    "openrouter",
    "openrouter",
    { reasoning: { enabled: true, exclude: false, max_tokens: 100, effort: "low" } },
    { reasoning: { enabled: true, exclude: false, max_tokens: 100, effort: "low" } },
  ],
  ["openrouter", "openrouter", { reasoning: { effort: "xhigh" } }, undefined],
  ["openrouter", "openrouter", { extra_body: { transforms: ["x"] } }, { transforms: ["x"] }],
  ["openrouter", "openrouter", { include_usage: true }, { usage: { include: true } }],
  ["openrouter", "openrouter", { logit_bias: { 1: 2 } }, { logit_bias: { 1: 2 } }],
  ["openrouter", "openrouter", { log_probs: true }, { logprobs: true }],
  ["openrouter", "openrouter", { parallel_tool_calls: true }, { parallel_tool_calls: true }],
  ["openrouter", "openrouter", { user: "u" }, { user: "u" }],
  [
    "openrouter",
    "openrouter",
    {
      provider: {
        order: ["a"],
        allow_fallbacks: false,
        require_parameters: true,
        data_collection: "Deny",
        only: ["a"],
        ignore: ["b"],
        quantizations: ["fp8"],
        sort: "Price",
      },
    },
    {
      provider: {
        order: ["a"],
        allow_fallbacks: false,
        require_parameters: true,
        data_collection: "deny",
        only: ["a"],
        ignore: ["b"],
        quantizations: ["fp8"],
        sort: "price",
      },
    },
  ],
  [
    "vercel",
    "vercel",
    { reasoning: { enabled: true, max_tokens: 100, exclude: true, effort: "xhigh" } },
    { reasoning: { enabled: true, max_tokens: 100, exclude: true, effort: "xhigh" } },
  ],
  [
    "vercel",
    "vercel",
    { providerOptions: { order: ["a"], models: ["b/c"] } },
    { providerOptions: { gateway: { order: ["a"], models: ["b/c"] } } },
  ],
  ["vercel", "vercel", { user: "u" }, { user: "u" }],
  ["vercel", "vercel", { logit_bias: { 1: 2 } }, { logit_bias: { 1: 2 } }],
  ["vercel", "vercel", { logprobs: true }, { logprobs: true }],
  ["vercel", "vercel", { top_logprobs: 4 }, { top_logprobs: 4 }],
  ["vercel", "vercel", { parallel_tool_calls: false }, { parallel_tool_calls: false }],
  ["vercel", "vercel", { extra_body: { custom: 1 } }, { custom: 1 }],
]

describe("provider options", () => {
  const asked = OPTIONS.map(([type, group, options, body, more = {}]) => ({ type, group, options, body, more }))
  const configOf = ({ group, more, options }: (typeof asked)[number]) => ({
    ...more,
    provider_options: { [group]: options },
  })

  it.each(asked.filter(({ body }) => body !== undefined))("$type: $options is sent as $body", async (one) => {
    expect((await sentFor(one.type, configOf(one))).body).toMatchObject(one.body ?? {})
  })

  it.each(asked.filter(({ body }) => body === undefined))("$type: nothing is sent of $options", async (one) => {
    const { body: plain } = await sentFor(one.type, one.more)
    provider.reset()
    expect((await sentFor(one.type, configOf(one))).body).toEqual(plain)
  })

  it("each of them is here", () => {
    const named = new Set(
      OPTIONS.flatMap(([, group, options]) => Object.keys(options).map((name) => `${group}.${name}`)),
    )
    const all = Object.entries(ProviderOptions.fields).flatMap(([group, { from }]) => {
      const fields: object = "fields" in from ? Object(from.fields) : {}
      return Object.keys(fields).map((name) => `${group}.${name}`)
    })
    expect(all.length).toBeGreaterThan(50)
    expect(all.filter((name) => !named.has(name))).toEqual([])
  })

  it("those of another group are not sent", async () => {
    const everything = {
      openai: { user: "u" },
      vercel: { user: "u" },
      openrouter: { user: "u" },
      openaicompat: { user: "u" },
    }
    const plain = (await sentFor("google", {})).body
    provider.reset()
    expect((await sentFor("google", { provider_options: everything })).body).toEqual(plain)
  })

  it("a beta is asked of Anthropic in a header", async () => {
    const { headers } = await sentFor("anthropic", { provider_options: { anthropic: { context_1m_enabled: true } } })
    expect(headers["anthropic-beta"]).toBe("context-1m-2025-08-07")
  })
})
