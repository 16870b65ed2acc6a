import { classifyFailure, type FailureContext, incompleteStream } from "../classify.ts"
import { ProviderError } from "../errors.ts"
import type { FinishReason } from "../provider.ts"

/**
 * How replies end, in one table for all protocols: providers, gateways and local servers write each other's words, in each
 * other's spelling. Three things end a reply:
 *
 * - a word of this table: Chat's `finish_reason`, Anthropic's `stop_reason`, the status or reason of a Responses object;
 * - a mark without a word: `[DONE]`, `message_stop`, `response.completed`, a whole reply in one document;
 * - anything else that closes the connection, and that is a cut: what came is not an answer.
 */

/** `failed`: the provider broke off and says so in place of a finish reason. */
export type ReplyEnd = FinishReason | "failed"

const words = (end: ReplyEnd, ...spellings: ReadonlyArray<string>) => spellings.map((word) => [word, end] as const)

const ENDS: ReadonlyMap<string, ReplyEnd> = new Map([
  ...words("stop", "stop", "end_turn", "stop_sequence", "completed", "complete", "eos", "eos_token", "end", "done"),
  ...words("tool-calls", "tool_calls", "tool_call", "tool_use", "function_call", "function_calls"),
  ...words("length", "length", "max_tokens", "max_output_tokens", "max_length", "model_length", "incomplete"),
  ...words("length", "model_context_window_exceeded", "context_length_exceeded", "token_limit"),
  ...words("content-filter", "content_filter", "content_filtered", "safety", "image_safety", "recitation", "blocklist"),
  ...words("content-filter", "prohibited_content", "spii", "sensitive", "guardrail_intervened"),
  ...words("content-filter", "image_prohibited_content", "image_recitation", "model_armor", "language"),
  ...words("refusal", "refusal", "refused"),
  ...words("pause", "pause_turn"),
  ...words("failed", "error", "failed", "failure", "server_error", "abort", "aborted", "cancelled", "canceled"),
  // A response that is handed over before it is made.
  ...words("failed", "in_progress", "queued"),
  ...words("failed", "network_error", "timeout", "insufficient_system_resource", "load", "unload"),
  ...words("failed", "malformed_function_call", "malformed_tool_call", "malformed_response"),
  ...words("failed", "unexpected_tool_call", "too_many_tool_calls", "missing_thought_signature"),
])

/** `toolCalls`, `TOOL-CALLS` and `FinishReason.TOOL_CALLS` are one word. */
const spelled = (word: string): string =>
  word
    .replace(/^finish_?reason[._]/i, "")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z]+/g, "_")
    .toLowerCase()

/** What a provider's word for the end means; `other` for one that nobody here knows. */
export const endOf = (word: string): ReplyEnd => ENDS.get(spelled(word)) ?? "other"

/** The word where a field may hold the end; undefined while it holds none. Some servers write null as a text. */
export const endWord = (value: unknown): string | undefined =>
  typeof value === "string" && !/^(?:null|none)?$/i.test(value.trim()) ? value : undefined

/**
 * The failure told as a finish reason: one of the provider's errors where `error` says which, and else a reply that broke
 * off, which another attempt may mend.
 */
export const failedEnd = (context: FailureContext, word: string, error?: unknown): ProviderError => {
  const told = error === undefined ? undefined : classifyFailure(context, { message: "", error })
  if (told !== undefined && (told.retryable || told.kind !== "generic")) return told
  const { kind, message, operation, provider, retryable } = incompleteStream(context)
  const detail = told?.detail ?? `The provider ended its reply with "${word.slice(0, 100)}".`
  return new ProviderError({ operation, kind, message, retryable, provider, detail })
}
