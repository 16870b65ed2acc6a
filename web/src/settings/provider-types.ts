import type { ProviderType } from "../../../src/contract/models.ts"

interface ProviderTypeFacts {
  readonly name: string
  /** Where its API is when no base URL is given; without it the base URL must be given. */
  readonly defaultUrl?: string
}

export const providerTypes: Readonly<Record<ProviderType, ProviderTypeFacts>> = {
  openai: { name: "OpenAI", defaultUrl: "https://api.openai.com/v1" },
  anthropic: { name: "Anthropic", defaultUrl: "https://api.anthropic.com" },
  "openai-compat": { name: "OpenAI-compatible" },
  openrouter: { name: "OpenRouter", defaultUrl: "https://openrouter.ai/api/v1" },
  vercel: { name: "Vercel AI Gateway", defaultUrl: "https://ai-gateway.vercel.sh/v1" },
  google: { name: "Google", defaultUrl: "https://generativelanguage.googleapis.com" },
  azure: { name: "Azure OpenAI" },
  bedrock: { name: "Amazon Bedrock" },
}

export const isProviderType = (value: string): value is ProviderType => Object.hasOwn(providerTypes, value)
