import type { ProviderType } from "../contract/models.ts"

/** What is known about providers and models without asking them. */

export type WireProtocol = "openai-chat" | "openai-responses" | "anthropic-messages"

export interface ProviderInfo {
  readonly type: ProviderType
  readonly displayName: string
  /** Absent where an administrator must give the base URL. */
  readonly defaultBaseUrl?: string
  /** The group of `provider_options` that this type reads. */
  readonly optionGroup: "openai" | "anthropic" | "google" | "openaicompat" | "openrouter" | "vercel"
  /** Environment-style name used when a key is missing. */
  readonly keyName: string
  /** Servers on one's own machine often want no key. */
  readonly keyOptional: boolean
  readonly supported: boolean
}

export const PROVIDERS: Readonly<Record<ProviderType, ProviderInfo>> = {
  anthropic: {
    type: "anthropic",
    displayName: "Anthropic",
    defaultBaseUrl: "https://api.anthropic.com",
    optionGroup: "anthropic",
    keyName: "ANTHROPIC_API_KEY",
    keyOptional: false,
    supported: true,
  },
  azure: {
    type: "azure",
    displayName: "Azure OpenAI",
    optionGroup: "openai",
    keyName: "AZURE_OPENAI_API_KEY",
    keyOptional: false,
    supported: true,
  },
  bedrock: {
    type: "bedrock",
    displayName: "AWS Bedrock",
    optionGroup: "anthropic",
    keyName: "AWS_BEARER_TOKEN_BEDROCK",
    keyOptional: true,
    supported: false,
  },
  google: {
    type: "google",
    displayName: "Google",
    optionGroup: "google",
    keyName: "GOOGLE_API_KEY",
    keyOptional: false,
    supported: false,
  },
  openai: {
    type: "openai",
    displayName: "OpenAI",
    defaultBaseUrl: "https://api.openai.com/v1",
    optionGroup: "openai",
    keyName: "OPENAI_API_KEY",
    keyOptional: false,
    supported: true,
  },
  "openai-compat": {
    type: "openai-compat",
    displayName: "OpenAI Compatible",
    optionGroup: "openaicompat",
    keyName: "OPENAI_COMPAT_API_KEY",
    keyOptional: true,
    supported: true,
  },
  openrouter: {
    type: "openrouter",
    displayName: "OpenRouter",
    defaultBaseUrl: "https://openrouter.ai/api/v1",
    optionGroup: "openrouter",
    keyName: "OPENROUTER_API_KEY",
    keyOptional: false,
    supported: true,
  },
  vercel: {
    type: "vercel",
    displayName: "Vercel AI Gateway",
    defaultBaseUrl: "https://ai-gateway.vercel.sh/v1",
    optionGroup: "vercel",
    keyName: "AI_GATEWAY_API_KEY",
    keyOptional: false,
    supported: true,
  },
}

/** Gateways name a model `vendor/model`. */
const bareModel = (model: string): string => model.slice(model.lastIndexOf("/") + 1).toLowerCase()

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
