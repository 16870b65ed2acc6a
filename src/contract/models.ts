import { Schema } from "effect"
import { ModelConfigId, ProviderId } from "./ids.ts"
import { ProviderOptions } from "./provider-options.ts"
import { optional } from "./request-fields.ts"

/** Providers and model configs: what administrators set up and what a chat calls. */

export const ProviderType = Schema.Literal(
  "anthropic",
  "azure",
  "bedrock",
  "google",
  "openai",
  "openai-compat",
  "openrouter",
  "vercel",
)
export type ProviderType = typeof ProviderType.Type

const PositiveInt = Schema.Int.pipe(Schema.positive())
/** Far more than any model has, and less than what the database's column takes. */
const MOST_TOKENS = 100_000_000
const Price = Schema.String.pipe(
  Schema.pattern(/^\d+(\.\d+)?$/, { message: () => "must be a decimal number that is not negative, as a string" }),
)

export const ModelCost = Schema.Struct({
  input_price_per_million_tokens: optional(Price),
  output_price_per_million_tokens: optional(Price),
  cache_read_price_per_million_tokens: optional(Price),
  cache_write_price_per_million_tokens: optional(Price),
})

export const ReasoningEffort = Schema.Literal("none", "minimal", "low", "medium", "high", "xhigh", "max")
export type ReasoningEffort = typeof ReasoningEffort.Type

const callFields = {
  max_output_tokens: optional(PositiveInt),
  temperature: optional(Schema.Number.pipe(Schema.between(0, 2))),
  top_p: optional(Schema.Number.pipe(Schema.between(0, 1))),
  top_k: optional(PositiveInt),
  presence_penalty: optional(Schema.Number.pipe(Schema.between(-2, 2))),
  frequency_penalty: optional(Schema.Number.pipe(Schema.between(-2, 2))),
  cost: optional(ModelCost),
  reasoning_effort: optional(Schema.Struct({ default: ReasoningEffort, max: ReasoningEffort })),
  openai_config: optional(Schema.Struct({ use_responses_api: optional(Schema.Boolean) })),
}

const OptionGroup = Schema.Record({ key: Schema.String, value: Schema.Unknown })

/** How a model is called, as it is kept. Provider options keep the provider's own names, and what was allowed when they were set. */
export const ModelCallConfig = Schema.Struct({
  ...callFields,
  provider_options: optional(Schema.Record({ key: Schema.String, value: OptionGroup })),
})
export type ModelCallConfig = typeof ModelCallConfig.Type

/** How a model is to be called. Unknown fields are refused, at every depth. */
export const RequestedCallConfig = Schema.Struct({
  ...callFields,
  provider_options: optional(ProviderOptions),
}).annotations({ parseOptions: { onExcessProperty: "error" } })
export type RequestedCallConfig = typeof RequestedCallConfig.Type

const ApiKey = Schema.String.pipe(
  Schema.filter((key) => new TextEncoder().encode(key).length <= 10_240 || "is longer than 10,240 bytes"),
)
const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
const NO_URL = "must be a valid http or https URL"
const HttpUrl = Schema.String.pipe(Schema.filter((text) => isHttpUrl(text) || NO_URL))
const HttpUrlOrNone = Schema.String.pipe(Schema.filter((text) => text === "" || isHttpUrl(text) || NO_URL))

/** A configured provider. The key is write-only: `has_api_key` is all that is ever shown of it. */
export const Provider = Schema.Struct({
  id: ProviderId,
  provider: ProviderType,
  display_name: Schema.String,
  enabled: Schema.Boolean,
  has_api_key: Schema.Boolean,
  /** Its central credential is there: a key is stored, or it is Bedrock's with AWS's own chain. */
  configured: Schema.Boolean,
  central_api_key_enabled: Schema.Boolean,
  allow_user_api_key: Schema.Boolean,
  allow_central_api_key_fallback: Schema.Boolean,
  base_url: Schema.optionalWith(Schema.String, { exact: true }),
  /** `database`: made by an administrator. `env_preset`: from the environment. `supported`: known, not set up. */
  source: Schema.Literal("database", "env_preset", "supported"),
  created_at: Schema.optionalWith(Schema.String, { exact: true }),
  updated_at: Schema.optionalWith(Schema.String, { exact: true }),
}).annotations({ identifier: "Provider" })
export type Provider = typeof Provider.Type

export const CreateProviderRequest = Schema.Struct({
  provider: ProviderType,
  display_name: optional(Schema.String),
  api_key: optional(ApiKey),
  base_url: optional(HttpUrl),
  enabled: optional(Schema.Boolean),
  central_api_key_enabled: optional(Schema.Boolean),
  allow_user_api_key: optional(Schema.Boolean),
  allow_central_api_key_fallback: optional(Schema.Boolean),
}).annotations({ identifier: "CreateProviderRequest" })
export type CreateProviderRequest = typeof CreateProviderRequest.Type

/** What is left out stays as it is. */
export const UpdateProviderRequest = Schema.Struct({
  display_name: optional(Schema.String),
  /** The empty text takes the stored key away. */
  api_key: optional(ApiKey),
  /** The empty text stands for the type's own address. */
  base_url: optional(HttpUrlOrNone),
  enabled: optional(Schema.Boolean),
  central_api_key_enabled: optional(Schema.Boolean),
  allow_user_api_key: optional(Schema.Boolean),
  allow_central_api_key_fallback: optional(Schema.Boolean),
}).annotations({ identifier: "UpdateProviderRequest" })
export type UpdateProviderRequest = typeof UpdateProviderRequest.Type

export const ModelConfig = Schema.Struct({
  id: ModelConfigId,
  ai_provider_id: ProviderId,
  /** What people call that provider. */
  ai_provider_name: Schema.optionalWith(Schema.String, { exact: true }),
  provider: ProviderType,
  model: Schema.String,
  display_name: Schema.String,
  enabled: Schema.Boolean,
  is_default: Schema.Boolean,
  context_limit: Schema.Int,
  compression_threshold: Schema.Int,
  model_config: Schema.optionalWith(ModelCallConfig, { exact: true }),
  created_at: Schema.String,
  updated_at: Schema.String,
}).annotations({ identifier: "ModelConfig" })
export type ModelConfig = typeof ModelConfig.Type

/** Exactly one live provider of type `provider` makes `ai_provider_id` optional. */
export const CreateModelConfigRequest = Schema.Struct({
  provider: optional(ProviderType),
  ai_provider_id: optional(ProviderId),
  model: Schema.String.pipe(Schema.trimmed(), Schema.minLength(1)),
  display_name: optional(Schema.String),
  enabled: optional(Schema.Boolean),
  is_default: optional(Schema.Boolean),
  context_limit: PositiveInt.pipe(
    Schema.lessThanOrEqualTo(MOST_TOKENS, { message: () => "must be at most 100,000,000 tokens" }),
  ),
  /** Percent of the context limit. Kept and given back; nothing compacts a context by itself yet. */
  compression_threshold: optional(Schema.Int.pipe(Schema.between(0, 100))),
  model_config: optional(RequestedCallConfig),
}).annotations({ identifier: "CreateModelConfigRequest" })
export type CreateModelConfigRequest = typeof CreateModelConfigRequest.Type

export const AvailableModels = Schema.Struct({
  /** Always empty: all types can be called. */
  unsupported_providers: Schema.Array(ProviderType),
  providers: Schema.Array(
    Schema.Struct({
      provider: ProviderType,
      available: Schema.Boolean,
      unavailable_reason: Schema.optionalWith(
        Schema.Literal("missing_api_key", "fetch_failed", "user_api_key_required"),
        { exact: true },
      ),
      models: Schema.Array(
        Schema.Struct({
          id: Schema.String,
          provider: ProviderType,
          model: Schema.String,
          display_name: Schema.String,
        }),
      ),
    }),
  ),
})
export type AvailableModels = typeof AvailableModels.Type
