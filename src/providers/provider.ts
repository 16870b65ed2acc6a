import type { Effect } from "effect"
import type { ProviderCallId } from "../contract/ids.ts"
import type { ModelCallConfig, ProviderType } from "../contract/models.ts"
import type { Part, SourcePart, Usage } from "../contract/parts.ts"
import type { ProviderError } from "./errors.ts"

/**
 * What a wire-protocol adapter is: one function that streams one model call.
 *
 * The prompt is our own neutral transcript; an adapter translates it to its wire and the reply back. Deltas are handed to
 * a plain synchronous callback because they are the hot path (10 to 20 microseconds a token); everything else is Effect.
 */

/** Where to send the call. `apiKey` is clear text and must not reach a log, an error or a span. */
export interface ProviderConnection {
  readonly type: ProviderType
  readonly displayName: string
  readonly baseUrl: string
  readonly apiKey: string
  readonly headers: Readonly<Record<string, string>>
}

export interface ToolDefinition {
  readonly name: string
  readonly description: string
  /** JSON Schema of an object. Omit `required` rather than sending null or []: OpenAI rejects `required: null`. */
  readonly inputSchema: Readonly<Record<string, unknown>>
}

/**
 * One message of the prompt. `assistant` holds text, reasoning, tool-call, source and provider-executed tool-result parts;
 * `tool` holds tool-result parts; `user` text, file and file-reference parts. It is as the transcript has it: calls may lack
 * their results, ids are as some model gave them, roles follow in any order. Each adapter begins with `normalHistory`.
 */
export interface PromptMessage {
  readonly role: "user" | "assistant" | "tool"
  readonly parts: ReadonlyArray<Part>
  /** Of an assistant's message: who made it, as in `GenerateRequest.origin`. */
  readonly origin?: string | undefined
}

/**
 * Where a provider that keeps responses may go on by itself: from its last one, with what was said since. An optimisation that
 * an adapter may leave aside.
 */
export interface ResponseChain {
  readonly previousResponseId: string
  readonly messages: ReadonlyArray<PromptMessage>
}

/** A tool that the provider executes itself, where the model config turns it on and the turn may use it. */
export type ProviderTool = "web_search"

export interface GenerateRequest {
  readonly connection: ProviderConnection
  readonly model: string
  /** Who is called: see `origin.ts`. What a provider sealed goes back only in messages with the same origin. */
  readonly origin?: string | undefined
  /**
   * What becomes of earlier reasoning. By default each provider gets back what it gave. `omit`: nothing of it. `fill`: plain
   * reasoning with every message that has calls, empty where none is known; `pad`: and a blank where it would be empty.
   */
  readonly reasoning?: "omit" | "fill" | "pad" | undefined
  readonly config: ModelCallConfig
  readonly system: ReadonlyArray<string>
  /** The whole conversation, also when there is a chain. */
  readonly messages: ReadonlyArray<PromptMessage>
  /** The last message is a reply of this provider that was paused and goes on. */
  readonly goesOn?: boolean | undefined
  readonly chain?: ResponseChain | undefined
  readonly tools: ReadonlyArray<ToolDefinition>
  /** Those that this call may use at all; `optionsOf` keeps the others from an adapter. */
  readonly providerTools: ReadonlyArray<ProviderTool>
  readonly toolChoice: "auto" | "none"
}

/**
 * Why a reply ended; `reply-ends.ts` says which words of providers mean what. `refusal`: the model declined, in what words it
 * has. `content-filter`: the provider took the rest away. `pause`: the provider stopped in the middle of a long turn of its own
 * tools, and was asked to go on often enough. `other`: the provider gave no reason, or one that is not known here.
 */
export type FinishReason = "stop" | "tool-calls" | "length" | "refusal" | "content-filter" | "pause" | "other"

/** What arrives while the call streams. `id` of a tool call is the provider's; `args` is the whole argument text. */
export type StreamEvent =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string }
  | { readonly type: "tool-call-delta"; readonly id: ProviderCallId; readonly name: string; readonly delta: string }
  | { readonly type: "source"; readonly source: SourcePart }

/**
 * The whole reply. `parts` is the assistant message in order, complete, with raw provider blocks in `provider_metadata`
 * where a later exact replay needs them (signed thinking, encrypted reasoning items). A tool call whose arguments are not
 * JSON has `args_text` instead of `args`.
 */
export interface GenerateResult {
  readonly parts: ReadonlyArray<Part>
  readonly finishReason: FinishReason
  readonly usage: Usage
  readonly responseId?: string
  /** Token counts that cannot be true and so are not in `usage`, as `field: value`, for the log. */
  readonly droppedCounts?: ReadonlyArray<string>
}

/**
 * Streams one call. Interrupting the effect aborts the HTTP request at once. A stream that ends before the provider said
 * it is finished fails with kind `timeout`, retryable: it is an error, never an answer.
 */
export type Generate = (
  request: GenerateRequest,
  onEvent: (event: StreamEvent) => void,
) => Effect.Effect<GenerateResult, ProviderError>
