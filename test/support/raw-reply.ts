import type { ProviderType } from "../../src/contract/models.ts"
import type { GenerateResult, ProviderConnection, StreamEvent } from "../../src/providers/provider.ts"
import type { ProviderError } from "../../src/providers/errors.ts"
import { failureOf, generate, requestTo, user } from "./provider-call.ts"
import { type RawAnswer, RawProvider } from "./raw-provider.ts"

/** One answer in raw bytes, read by an adapter as a real server's. */

const MODELS: Readonly<Partial<Record<ProviderType, string>>> = {
  openai: "gpt-5.2",
  anthropic: "claude-test-4-5",
  bedrock: "us.anthropic.claude-test-4-5-v1:0",
  google: "gemini-2.5-pro",
}

/** Types whose base URL is without a version. */
const BARE: ReadonlySet<ProviderType> = new Set(["anthropic", "bedrock", "google"])

const connectionTo = (provider: RawProvider, type: ProviderType): ProviderConnection => ({
  type,
  displayName: "Raw",
  baseUrl: BARE.has(type) ? provider.url : `${provider.url}/v1`,
  apiKey: "k",
  headers: {},
})

const withProvider = async <Result>(answer: RawAnswer, use: (provider: RawProvider) => Promise<Result>) => {
  const provider = await RawProvider.start()
  provider.answer(answer)
  try {
    return await use(provider)
  } finally {
    await provider.close()
  }
}

const requestOf = (provider: RawProvider, type: ProviderType) =>
  requestTo(connectionTo(provider, type), [user("hi")], { model: MODELS[type] ?? "any" })

export const replyTo = (type: ProviderType, answer: RawAnswer, events?: Array<StreamEvent>): Promise<GenerateResult> =>
  withProvider(answer, (provider) => generate(requestOf(provider, type), events))

export const failureIn = (type: ProviderType, answer: RawAnswer, silenceMs?: number): Promise<ProviderError> =>
  withProvider(answer, (provider) => failureOf(requestOf(provider, type), silenceMs))

export const textOf = (reply: GenerateResult): string =>
  reply.parts.map((part) => (part.type === "text" ? part.text : "")).join("")

export const thoughtsOf = (reply: GenerateResult): string =>
  reply.parts.map((part) => (part.type === "reasoning" ? part.text : "")).join("")

/** `id name arguments` of each call; arguments that are no JSON in backticks. */
export const callsOf = (reply: GenerateResult): ReadonlyArray<string> =>
  reply.parts.flatMap((part) =>
    part.type === "tool-call"
      ? [
          `${part.tool_call_id} ${part.tool_name} ${part.args_text === undefined ? JSON.stringify(part.args) : `\`${part.args_text}\``}`,
        ]
      : [],
  )

/** A Chat Completions event with one choice. */
export const chunk = (delta: unknown, finish_reason: unknown = null, more: object = {}): object => ({
  id: "c",
  object: "chat.completion.chunk",
  choices: [{ index: 0, delta, finish_reason, ...more }],
})
