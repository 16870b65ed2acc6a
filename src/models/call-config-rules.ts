import { type ModelCallConfig, ReasoningEffort } from "../contract/models.ts"

/** What `provider_options` may hold, group by group, under the providers' own names. */
const OPTION_NAMES: Readonly<Record<string, ReadonlySet<string>>> = {
  openai: new Set([
    "include",
    "instructions",
    "logit_bias",
    "log_probs",
    "top_log_probs",
    "max_tool_calls",
    "parallel_tool_calls",
    "user",
    "reasoning_effort",
    "reasoning_summary",
    "max_completion_tokens",
    "text_verbosity",
    "prediction",
    "store",
    "metadata",
    "prompt_cache_key",
    "safety_identifier",
    "service_tier",
    "structured_outputs",
    "strict_json_schema",
    "web_search_enabled",
    "search_context_size",
    "allowed_domains",
  ]),
  anthropic: new Set([
    "send_reasoning",
    "thinking",
    "effort",
    "thinking_display",
    "disable_parallel_tool_use",
    "web_search_enabled",
    "allowed_domains",
    "blocked_domains",
    "context_1m_enabled",
  ]),
  google: new Set(["thinking_config", "cached_content", "safety_settings", "threshold", "web_search_enabled"]),
  openaicompat: new Set(["user", "reasoning_effort"]),
  openrouter: new Set([
    "reasoning",
    "extra_body",
    "include_usage",
    "logit_bias",
    "log_probs",
    "parallel_tool_calls",
    "user",
    "provider",
  ]),
  vercel: new Set([
    "reasoning",
    "providerOptions",
    "user",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "parallel_tool_calls",
    "extra_body",
  ]),
}

export interface Fault {
  readonly field: string
  readonly message: string
}

const optionFault = (group: string, options: Readonly<Record<string, unknown>>): Fault | undefined => {
  const field = `model_config.provider_options.${group}`
  const known = OPTION_NAMES[group]
  if (known === undefined) {
    return {
      field,
      message: `"${group}" is not a group of provider options; ${Object.keys(OPTION_NAMES).join(", ")} are.`,
    }
  }
  const unknown = Object.keys(options).find((name) => !known.has(name))
  if (unknown !== undefined)
    return { field: `${field}.${unknown}`, message: `"${unknown}" is not an option of ${group}.` }
  const display = options["thinking_display"]
  if (display !== undefined && display !== "summarized" && display !== "omitted") {
    return { field: `${field}.thinking_display`, message: 'The thinking display must be "summarized" or "omitted".' }
  }
  if (options["allowed_domains"] !== undefined && options["blocked_domains"] !== undefined) {
    return { field: `${field}.blocked_domains`, message: "Give allowed domains or blocked domains, not both." }
  }
  return undefined
}

/** The rules of a call config that a schema cannot say; undefined when it keeps them. */
export const callConfigFault = (config: ModelCallConfig): Fault | undefined => {
  const effort = config.reasoning_effort
  const scale = ReasoningEffort.literals
  if (effort !== undefined && scale.indexOf(effort.default) > scale.indexOf(effort.max)) {
    return {
      field: "model_config.reasoning_effort.default",
      message: "The default reasoning effort is above its maximum.",
    }
  }
  for (const [group, options] of Object.entries(config.provider_options ?? {})) {
    const fault = optionFault(group, options)
    if (fault !== undefined) return fault
  }
  return undefined
}
