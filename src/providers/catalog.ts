import type { ProviderType } from "../contract/models.ts"

/** What is known about providers and models without asking them. */

export type WireProtocol = "openai-chat" | "openai-responses" | "anthropic-messages" | "google"

export interface ProviderInfo {
  readonly type: ProviderType
  readonly displayName: string
  /** Absent where each customer has an own one. */
  readonly defaultBaseUrl?: string
  /** An administrator must give the base URL: nothing else says where the API is. */
  readonly needsBaseUrl: boolean
  /** The group of `provider_options` that this type reads. */
  readonly optionGroup: "openai" | "anthropic" | "google" | "openaicompat" | "openrouter" | "vercel"
  /** Environment-style name used when a key is missing. */
  readonly keyName: string
  /** Servers on one's own machine often want no key; Bedrock takes the server's own AWS credentials in place of one. */
  readonly keyOptional: boolean
}

export const PROVIDERS: Readonly<Record<ProviderType, ProviderInfo>> = {
  anthropic: {
    type: "anthropic",
    displayName: "Anthropic",
    defaultBaseUrl: "https://api.anthropic.com",
    needsBaseUrl: false,
    optionGroup: "anthropic",
    keyName: "ANTHROPIC_API_KEY",
    keyOptional: false,
  },
  azure: {
    type: "azure",
    displayName: "Azure OpenAI",
    needsBaseUrl: true,
    optionGroup: "openai",
    keyName: "AZURE_OPENAI_API_KEY",
    keyOptional: false,
  },
  bedrock: {
    type: "bedrock",
    displayName: "AWS Bedrock",
    needsBaseUrl: false,
    optionGroup: "anthropic",
    keyName: "AWS_BEARER_TOKEN_BEDROCK",
    keyOptional: true,
  },
  google: {
    type: "google",
    displayName: "Google",
    defaultBaseUrl: "https://generativelanguage.googleapis.com",
    needsBaseUrl: false,
    optionGroup: "google",
    keyName: "GOOGLE_API_KEY",
    keyOptional: false,
  },
  openai: {
    type: "openai",
    displayName: "OpenAI",
    defaultBaseUrl: "https://api.openai.com/v1",
    needsBaseUrl: false,
    optionGroup: "openai",
    keyName: "OPENAI_API_KEY",
    keyOptional: false,
  },
  "openai-compat": {
    type: "openai-compat",
    displayName: "OpenAI Compatible",
    needsBaseUrl: true,
    optionGroup: "openaicompat",
    keyName: "OPENAI_COMPAT_API_KEY",
    keyOptional: true,
  },
  openrouter: {
    type: "openrouter",
    displayName: "OpenRouter",
    defaultBaseUrl: "https://openrouter.ai/api/v1",
    needsBaseUrl: false,
    optionGroup: "openrouter",
    keyName: "OPENROUTER_API_KEY",
    keyOptional: false,
  },
  vercel: {
    type: "vercel",
    displayName: "Vercel AI Gateway",
    defaultBaseUrl: "https://ai-gateway.vercel.sh/v1",
    needsBaseUrl: false,
    optionGroup: "vercel",
    keyName: "AI_GATEWAY_API_KEY",
    keyOptional: false,
  },
}

/** Gateways name a model `vendor/model`, Bedrock `region.vendor.model`, alone or at the end of an ARN. */
const bareModel = (model: string): string =>
  model
    .slice(model.lastIndexOf("/") + 1)
    .toLowerCase()
    .replace(/^(?:[a-z-]+\.)?anthropic\./, "")

/** OpenAI's own models, which speak the Responses API. */
export const isResponsesModel = (model: string): boolean => /^(?:gpt-|chatgpt-|codex-|o\d)/.test(bareModel(model))

/** Models that think, and can hand out their thinking encrypted. */
export const isReasoningModel = (model: string): boolean =>
  /^(?:o\d|codex-|gpt-(?:[5-9]|\d\d))/.test(bareModel(model)) && !/-chat/.test(bareModel(model))

/** The version of a Claude model times ten, so 46 for `claude-opus-4-6`; undefined for names of another form. */
export const claudeVersion = (model: string): number | undefined => {
  const version = /^claude-[a-z]+-(\d)(?:[-.](\d)(?!\d))?/.exec(bareModel(model))
  return version ? Number(version[1]) * 10 + Number(version[2] ?? 0) : undefined
}

/**
 * The version of a Gemini model times ten, so 25 for `gemini-2.5-pro`; undefined for other models. A name without a number
 * (`gemini-flash-latest`) is that of the newest.
 */
export const geminiVersion = (model: string): number | undefined => {
  const version = /^gemini-(?:(\d+)(?:\.(\d))?)?/.exec(bareModel(model))
  if (version === null) return undefined
  return version[1] === undefined ? Number.POSITIVE_INFINITY : Number(version[1]) * 10 + Number(version[2] ?? 0)
}

/** Longest prefix first: the first that matches counts. */
const CONTEXT_LIMITS: ReadonlyArray<readonly [prefix: string, tokens: number]> = [
  ["claude-", 200_000],
  ["gpt-5", 400_000],
  ["gpt-4.1", 1_047_576],
  ["gpt-4o", 128_000],
  ["gpt-4-turbo", 128_000],
  ["gpt-4", 8_192],
  ["gpt-3.5", 16_385],
  ["o1", 200_000],
  ["o3", 200_000],
  ["o4", 200_000],
  ["gemini-", 1_048_576],
  ["deepseek-", 128_000],
  ["simulator", 128_000],
]

/** Context window in tokens of a known model: the fallback where neither the provider nor the model config tells. */
export const contextLimitOf = (model: string): number | undefined =>
  CONTEXT_LIMITS.find(([prefix]) => bareModel(model).startsWith(prefix))?.[1]

const DEFAULT_MAX_OUTPUT = 32_000

/** Older models that refuse a request for 32,000 output tokens. */
const OUTPUT_CAPS: ReadonlyArray<readonly [prefix: string, tokens: number]> = [
  ["claude-3-7", 32_000],
  ["claude-3-5", 8_192],
  ["claude-3-", 4_096],
  ["gpt-4o", 16_384],
  ["gpt-4.1", 32_000],
  ["gpt-4", 4_096],
  ["gpt-3.5", 4_096],
  ["chatgpt-4o", 16_384],
]

/** Output tokens asked for when the model config does not say. */
export const defaultMaxOutput = (model: string): number =>
  OUTPUT_CAPS.find(([prefix]) => bareModel(model).startsWith(prefix))?.[1] ?? DEFAULT_MAX_OUTPUT
