import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { decoder } from "../http/validation.ts"
import { CreateModelConfigRequest } from "./models.ts"

/** What of a call config is refused, and the field that the refusal names. */

const decoded = (model_config: unknown) =>
  decoder("body", CreateModelConfigRequest)({ model: "m", context_limit: 1, model_config })

const options = (group: string, fields: unknown) => ({ provider_options: { [group]: fields } })

const refusedField = (model_config: unknown): string | undefined => {
  const result = decoded(model_config)
  return Either.isLeft(result) ? result.left.validations?.[0]?.field.replace(/^model_config\.?/, "") : undefined
}

describe("a call config", () => {
  it.each([
    ["temprature", { temprature: 1 }],
    ["temperature", { temperature: 2.1 }],
    ["top_p", { top_p: 1.5 }],
    ["top_k", { top_k: 0 }],
    ["presence_penalty", { presence_penalty: 3 }],
    ["frequency_penalty", { frequency_penalty: -3 }],
    ["max_output_tokens", { max_output_tokens: 0.5 }],
    ["cost.input", { cost: { input: "1" } }],
    ["cost.output_price_per_million_tokens", { cost: { output_price_per_million_tokens: "-1" } }],
    ["cost.cache_read_price_per_million_tokens", { cost: { cache_read_price_per_million_tokens: 1 } }],
    ["reasoning_effort.max", { reasoning_effort: { default: "low" } }],
    ["reasoning_effort.default", { reasoning_effort: { max: "low" } }],
    ["reasoning_effort.default", { reasoning_effort: { default: "huge", max: "max" } }],
    ["reasoning_effort.least", { reasoning_effort: { default: "low", max: "max", least: "low" } }],
    ["openai_config.use_response_api", { openai_config: { use_response_api: true } }],
    ["openai_config.use_responses_api", { openai_config: { use_responses_api: "yes" } }],
    ["provider_options.mistral", options("mistral", {})],
    ["provider_options.openai", options("openai", "store")],
  ])("%s is refused in %j", (field, config) => {
    expect(refusedField(config)).toBe(field)
  })
})

const GROUPS = ["openai", "anthropic", "google", "openaicompat", "openrouter", "vercel"]

describe("provider options", () => {
  it.each(GROUPS)("%s knows its fields, and null is none", (group) => {
    expect(refusedField(options(group, { stor: 1 }))).toBe(`provider_options.${group}.stor`)
    expect(Either.getOrThrow(decoded(options(group, null))).model_config).toEqual({ provider_options: {} })
  })

  it.each([
    ["openai", { include: "reasoning.encrypted_content" }, "include"],
    ["openai", { include: ["everything"] }, "include[0]"],
    ["openai", { logit_bias: { a: 1 } }, "logit_bias.a"],
    ["openai", { logit_bias: { 1: 101 } }, "logit_bias.1"],
    ["openai", { log_probs: 1 }, "log_probs"],
    ["openai", { top_log_probs: 21 }, "top_log_probs"],
    ["openai", { max_tool_calls: 0 }, "max_tool_calls"],
    ["openai", { reasoning_summary: "long" }, "reasoning_summary"],
    ["openai", { text_verbosity: "xhigh" }, "text_verbosity"],
    ["openai", { service_tier: "gold" }, "service_tier"],
    ["openai", { search_context_size: "none" }, "search_context_size"],
    ["openai", { metadata: { team: 7 } }, "metadata.team"],
    ["openai", { allowed_domains: [""] }, "allowed_domains[0]"],
    ["openai", { prediction: 7 }, "prediction"],
    ["anthropic", { thinking_display: "loud" }, "thinking_display"],
    ["anthropic", { thinking: { budget: 2_000 } }, "thinking.budget"],
    ["anthropic", { thinking: { budget_tokens: "2000" } }, "thinking.budget_tokens"],
    ["google", { thinking_config: { thinking_level: "max" } }, "thinking_config.thinking_level"],
    ["google", { thinking_config: { thinking_budget: -2 } }, "thinking_config.thinking_budget"],
    ["google", { thinking_config: { budget: 1 } }, "thinking_config.budget"],
    ["google", { safety_settings: [{ category: "HARM", threshold: "OFF" }] }, "safety_settings[0].category"],
    [
      "google",
      { safety_settings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "SOME" }] },
      "safety_settings[0].threshold",
    ],
    ["google", { safety_settings: [{ category: "HARM_CATEGORY_HARASSMENT" }] }, "safety_settings[0].threshold"],
    ["google", { threshold: "LOW" }, "threshold"],
    ["openaicompat", { reasoning_effort: 1 }, "reasoning_effort"],
    ["openrouter", { reasoning: { efort: "low" } }, "reasoning.efort"],
    ["openrouter", { provider: { sort: "name" } }, "provider.sort"],
    ["openrouter", { provider: { data_collection: "maybe" } }, "provider.data_collection"],
    ["openrouter", { provider: { order: ["a", ""] } }, "provider.order[1]"],
    ["openrouter", { provider: { max_price: {} } }, "provider.max_price"],
    ["vercel", { providerOptions: { only: ["a"] } }, "providerOptions.only"],
    ["vercel", { provider_options: {} }, "provider_options"],
    ["vercel", { extra_body: "x" }, "extra_body"],
  ])("of %s: %j names %s", (group, fields, field) => {
    expect(refusedField(options(group, fields))).toBe(`provider_options.${group}.${field}`)
  })

  it("words are taken in any letter case, and an effort that the provider does not know is no error", () => {
    const config = {
      provider_options: {
        openai: { service_tier: "Flex", text_verbosity: "LOW", reasoning_effort: "ultra" },
        google: { thinking_config: { thinking_level: "HIGH" }, threshold: "block_none" },
        anthropic: { effort: "Max" },
      },
    }
    expect(Either.getOrThrow(decoded(config)).model_config).toEqual(config)
  })
})
