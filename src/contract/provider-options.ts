import { Schema } from "effect"
import { optional } from "./request-fields.ts"

/**
 * What `provider_options` may hold, group by group, under the providers' own names. Which group counts is a matter of the type of
 * provider; unknown fields are refused at every depth.
 */

const Count = Schema.Int.pipe(
  Schema.between(0, 100_000_000, { message: () => "must be a whole number from 0 to 100,000,000" }),
)
const PositiveCount = Schema.Int.pipe(
  Schema.between(1, 100_000_000, { message: () => "must be a whole number from 1 to 100,000,000" }),
)
/** OpenAI gives the likelihood of at most so many. */
const TopLogProbs = Schema.Int.pipe(Schema.between(0, 20, { message: () => "must be a whole number from 0 to 20" }))

/** One of a provider's words, in any letter case. */
const word = (...allowed: ReadonlyArray<string>) =>
  Schema.String.pipe(
    Schema.filter(
      (text) =>
        allowed.some((name) => name.toLowerCase() === text.toLowerCase()) ||
        `must be one of ${allowed.map((name) => `"${name}"`).join(", ")}`,
    ),
  ).annotations({ jsonSchema: { type: "string", enum: [...allowed] } })

/** An effort in any letter case. One that the provider does not know is not sent, and it thinks as it does by itself. */
const effort = (...known: ReadonlyArray<string>) =>
  Schema.String.annotations({ jsonSchema: { type: "string", examples: [...known] } })

const Domains = Schema.Array(Schema.NonEmptyString)
const Names = Schema.Array(Schema.NonEmptyString)
const LogitBias = Schema.Record({
  key: Schema.String.pipe(Schema.pattern(/^\d+$/, { message: () => "must be the number of a token" })),
  value: Schema.Number.pipe(Schema.between(-100, 100, { message: () => "must be from -100 to 100" })),
})
/** Fields for the provider that are not ours to know. */
const AnyFields = Schema.Record({ key: Schema.String, value: Schema.Unknown })

const OpenAiOptions = Schema.Struct({
  include: optional(
    Schema.Array(
      word(
        "file_search_call.results",
        "web_search_call.results",
        "web_search_call.action.sources",
        "message.input_image.image_url",
        "computer_call_output.output.image_url",
        "code_interpreter_call.outputs",
        "reasoning.encrypted_content",
        "message.output_text.logprobs",
      ),
    ),
  ),
  instructions: optional(Schema.String),
  logit_bias: optional(LogitBias),
  log_probs: optional(Schema.Boolean),
  top_log_probs: optional(TopLogProbs),
  max_tool_calls: optional(PositiveCount),
  parallel_tool_calls: optional(Schema.Boolean),
  user: optional(Schema.String),
  reasoning_effort: optional(effort("minimal", "low", "medium", "high", "xhigh")),
  reasoning_summary: optional(word("auto", "concise", "detailed")),
  max_completion_tokens: optional(PositiveCount),
  text_verbosity: optional(word("low", "medium", "high")),
  /** The expected text, or the object that OpenAI takes. */
  prediction: optional(Schema.Union(Schema.String, AnyFields)),
  store: optional(Schema.Boolean),
  metadata: optional(Schema.Record({ key: Schema.String, value: Schema.String })),
  prompt_cache_key: optional(Schema.String),
  safety_identifier: optional(Schema.String),
  service_tier: optional(word("auto", "default", "flex", "scale", "priority")),
  structured_outputs: optional(Schema.Boolean),
  strict_json_schema: optional(Schema.Boolean),
  web_search_enabled: optional(Schema.Boolean),
  search_context_size: optional(word("low", "medium", "high")),
  allowed_domains: optional(Domains),
})

const AnthropicOptions = Schema.Struct({
  send_reasoning: optional(Schema.Boolean),
  thinking: optional(Schema.Struct({ budget_tokens: optional(PositiveCount) })),
  effort: optional(effort("low", "medium", "high", "xhigh", "max")),
  thinking_display: optional(Schema.Literal("summarized", "omitted")),
  disable_parallel_tool_use: optional(Schema.Boolean),
  web_search_enabled: optional(Schema.Boolean),
  allowed_domains: optional(Domains),
  blocked_domains: optional(Domains),
  context_1m_enabled: optional(Schema.Boolean),
})

const HARMS = [
  "UNSPECIFIED",
  "HARASSMENT",
  "HATE_SPEECH",
  "SEXUALLY_EXPLICIT",
  "DANGEROUS_CONTENT",
  "CIVIC_INTEGRITY",
  "JAILBREAK",
  "IMAGE_HATE",
  "IMAGE_DANGEROUS_CONTENT",
  "IMAGE_HARASSMENT",
  "IMAGE_SEXUALLY_EXPLICIT",
].map((name) => `HARM_CATEGORY_${name}`)

const Threshold = word(
  "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
  "BLOCK_LOW_AND_ABOVE",
  "BLOCK_MEDIUM_AND_ABOVE",
  "BLOCK_ONLY_HIGH",
  "BLOCK_NONE",
  "OFF",
)

const GoogleOptions = Schema.Struct({
  thinking_config: optional(
    Schema.Struct({
      /** Tokens; -1 leaves it to the model, 0 is no thinking. */
      thinking_budget: optional(
        Schema.Int.pipe(
          Schema.between(-1, 1_000_000, { message: () => "must be a whole number from -1 to 1,000,000" }),
        ),
      ),
      thinking_level: optional(word("minimal", "low", "medium", "high")),
      include_thoughts: optional(Schema.Boolean),
    }),
  ),
  cached_content: optional(Schema.String),
  safety_settings: optional(Schema.Array(Schema.Struct({ category: word(...HARMS), threshold: Threshold }))),
  /** For each kind of harm that has no setting of its own. */
  threshold: optional(Threshold),
  web_search_enabled: optional(Schema.Boolean),
})

const OpenAiCompatOptions = Schema.Struct({
  user: optional(Schema.String),
  reasoning_effort: optional(effort("minimal", "low", "medium", "high", "xhigh")),
})

const gatewayReasoning = (...efforts: ReadonlyArray<string>) =>
  Schema.Struct({
    enabled: optional(Schema.Boolean),
    exclude: optional(Schema.Boolean),
    max_tokens: optional(Count),
    effort: optional(effort(...efforts)),
  })

const OpenRouterOptions = Schema.Struct({
  reasoning: optional(gatewayReasoning("low", "medium", "high")),
  extra_body: optional(AnyFields),
  include_usage: optional(Schema.Boolean),
  logit_bias: optional(LogitBias),
  log_probs: optional(Schema.Boolean),
  parallel_tool_calls: optional(Schema.Boolean),
  user: optional(Schema.String),
  provider: optional(
    Schema.Struct({
      order: optional(Names),
      allow_fallbacks: optional(Schema.Boolean),
      require_parameters: optional(Schema.Boolean),
      data_collection: optional(word("allow", "deny")),
      only: optional(Names),
      ignore: optional(Names),
      quantizations: optional(Names),
      sort: optional(word("price", "throughput", "latency")),
    }),
  ),
})

const VercelOptions = Schema.Struct({
  reasoning: optional(gatewayReasoning("none", "minimal", "low", "medium", "high", "xhigh")),
  providerOptions: optional(Schema.Struct({ order: optional(Names), models: optional(Names) })),
  user: optional(Schema.String),
  logit_bias: optional(LogitBias),
  logprobs: optional(Schema.Boolean),
  top_logprobs: optional(TopLogProbs),
  parallel_tool_calls: optional(Schema.Boolean),
  extra_body: optional(AnyFields),
})

/** As a field that may be left out, and never there as `undefined`. */
const group = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { nullable: true, exact: true })

export const ProviderOptions = Schema.Struct({
  openai: group(OpenAiOptions),
  anthropic: group(AnthropicOptions),
  google: group(GoogleOptions),
  openaicompat: group(OpenAiCompatOptions),
  openrouter: group(OpenRouterOptions),
  vercel: group(VercelOptions),
})
