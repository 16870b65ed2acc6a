import { Effect } from "effect"
import type { ProviderError } from "./errors.ts"
import { endpointOf } from "./origin.ts"
import type { Generate, GenerateRequest } from "./provider.ts"

/**
 * The net below what is known of reasoning: a refusal that names it is answered by one more request, of the same attempt, in
 * which earlier reasoning stands as the provider wants it. Without it a chat would be dead there for good.
 */

/** In the words of DeepSeek and Kimi, on their wires of either kind. */
const WANTED = /reasoning_content|content\[\S*\]\.thinking/i

/** Anthropic's words for a turn that began without thinking: what is lacking is in no history, so the request must not think. */
const THINKING_EXPECTED = /expected\W{0,3}thinking/i

/** What to try next with reasoning that is missed: empty, then blank, which is all that Kimi's servers ask. */
const NEXT = { kept: "fill", fill: "pad" } as const

const hasReasoning = ({ messages }: GenerateRequest): boolean =>
  messages.some(
    ({ parts, role }) =>
      role === "assistant" &&
      parts.some(
        (part) => part.type === "reasoning" || ("provider_metadata" in part && part.provider_metadata !== undefined),
      ),
  )

/** The request that may be accepted in place of the refused one; undefined when there is none. */
const instead = (request: GenerateRequest, error: ProviderError): GenerateRequest | undefined => {
  const { reasoning = "kept" } = request
  if (reasoning === "omit") return undefined
  if (error.refusedReasoning === true) {
    // A response that the provider keeps holds the reasoning as well.
    return hasReasoning(request) || reasoning !== "kept" || THINKING_EXPECTED.test(error.detail ?? "")
      ? { ...request, reasoning: "omit", chain: undefined }
      : undefined
  }
  const isWanted = !error.retryable && WANTED.test(error.detail ?? "")
  return isWanted && reasoning !== "pad" ? { ...request, reasoning: NEXT[reasoning] } : undefined
}

/** An adapter that looks after reasoning for `adapter`. What an endpoint has asked for once it gets at once from then on. */
export const withReasoningFallback = (adapter: Generate): Generate => {
  const wanted = new Map<string, "fill" | "pad">()
  return (request, onEvent) => {
    const endpoint = request.origin === undefined ? undefined : endpointOf(request.origin)
    let shown = false
    const call = (sent: GenerateRequest): ReturnType<Generate> =>
      adapter(sent, (event) => {
        shown = true
        onEvent(event)
      }).pipe(
        Effect.catchAll((error) => {
          const next = shown ? undefined : instead(sent, error)
          if (next === undefined) return Effect.fail(error)
          if (endpoint !== undefined) {
            if (next.reasoning === "fill" || next.reasoning === "pad") wanted.set(endpoint, next.reasoning)
            else wanted.delete(endpoint)
          }
          return call(next)
        }),
      )
    return call({
      ...request,
      reasoning: request.reasoning ?? (endpoint === undefined ? undefined : wanted.get(endpoint)),
    })
  }
}
