import type { ModelCallConfig, ProviderType } from "../../src/contract/models.ts"
import { chunkFrame, exceptionFrame, FRAMES, framesOf } from "./aws-frames.ts"
import { ChatWriter } from "./scripted-provider/chat.ts"
import { GoogleWriter } from "./scripted-provider/google-writer.ts"
import { MessagesWriter } from "./scripted-provider/messages-writer.ts"
import { ResponsesWriter } from "./scripted-provider/responses-writer.ts"
import { Issued, type Writer } from "./scripted-provider/script.ts"

/** Every adapter, as the type of provider and the setting that lead to it, with the bytes of its wire. */

export interface Dialect {
  readonly name: string
  readonly type: ProviderType
  readonly model: string
  readonly config?: ModelCallConfig
  /** What stands behind the address of the server in the base URL. */
  readonly base: string
  readonly contentType: string
  readonly writer: () => Writer
  readonly bytes: (text: string) => Uint8Array
  /** Failures told in the middle of a stream: all of them worth another try. */
  readonly failures: ReadonlyArray<Uint8Array>
  /** Whether the wire tells of thinking. */
  readonly thinks: boolean
}

const event = (data: unknown): Uint8Array => Buffer.from(`data: ${JSON.stringify(data)}\n\n`)
const sse = { contentType: "text/event-stream", bytes: (text: string) => Buffer.from(text), thinks: true }

const chat = {
  ...sse,
  base: "/v1",
  writer: () => new ChatWriter(1, { model: "m" }),
  failures: [
    event({ error: { message: "Upstream is overloaded", code: 503 } }),
    event({ error: "Internal server error" }),
    Buffer.from("event: error\ndata: Service unavailable\n\n"),
  ],
}
const responses = {
  ...sse,
  base: "/v1",
  writer: () => new ResponsesWriter(1, { model: "m" }, new Issued()),
  failures: [
    event({ type: "error", code: "server_error", message: "The server had an error." }),
    event({ type: "response.failed", response: { status: "failed", error: { code: "rate_limit_exceeded" } } }),
  ],
}
const messages = {
  ...sse,
  base: "",
  writer: () => new MessagesWriter(1, { model: "m" }, new Issued()),
  failures: [
    event({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }),
    event({ type: "error", error: { type: "api_error", message: "Internal server error" } }),
  ],
}
const google = {
  ...sse,
  base: "",
  writer: () => new GoogleWriter(1, new Issued()),
  failures: [
    event({ error: { code: 503, message: "The model is overloaded. Please try again later.", status: "UNAVAILABLE" } }),
    event({ error: { code: 500, message: "An internal error has occurred.", status: "INTERNAL" } }),
    event({ error: { code: 429, message: "Resource has been exhausted.", status: "RESOURCE_EXHAUSTED" } }),
  ],
}
const frames = {
  ...messages,
  contentType: FRAMES,
  bytes: framesOf,
  failures: [
    exceptionFrame("throttlingException", "Too many requests, please wait before trying again."),
    exceptionFrame("internalServerException", "The system encountered an unexpected error during processing."),
    exceptionFrame("modelStreamErrorException", "The system encountered an unexpected error during processing."),
    exceptionFrame("serviceUnavailableException", "Bedrock is unable to process your request."),
    exceptionFrame("modelTimeoutException", "The model took too long."),
    chunkFrame(JSON.stringify({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } })),
  ],
}

const use_responses_api = (use: boolean): ModelCallConfig => ({ openai_config: { use_responses_api: use } })

export const DIALECTS: ReadonlyArray<Dialect> = [
  { ...responses, name: "openai, Responses", type: "openai", model: "gpt-5.2" },
  { ...chat, name: "openai, Chat Completions", type: "openai", model: "gpt-5.2", config: use_responses_api(false) },
  { ...responses, name: "openai, Responses as set", type: "openai", model: "mine", config: use_responses_api(true) },
  { ...responses, name: "azure, Responses", type: "azure", model: "deployed" },
  { ...chat, name: "azure, Chat Completions", type: "azure", model: "deployed", config: use_responses_api(false) },
  { ...chat, name: "openai-compat", type: "openai-compat", model: "llama" },
  { ...chat, name: "openrouter", type: "openrouter", model: "vendor/model" },
  { ...chat, name: "vercel", type: "vercel", model: "vendor/model" },
  { ...messages, name: "anthropic", type: "anthropic", model: "claude-test-4-5" },
  { ...frames, name: "bedrock", type: "bedrock", model: "us.anthropic.claude-test-4-5-v1:0" },
  { ...google, name: "google", type: "google", model: "gemini-2.5-pro" },
  { ...google, name: "google, Gemini 3", type: "google", model: "gemini-3-flash" },
]
