import { Effect } from "effect"
import type { Usage } from "../../contract/parts.ts"
import type { ProviderError } from "../errors.ts"
import { defined } from "../options.ts"
import type { GenerateRequest, GenerateResult } from "../provider.ts"
import { sumOf } from "../usage.ts"

/**
 * Anthropic pauses a long turn of its own tools: the reply ends early, and goes on when it is sent back as it is. To us that is
 * one reply.
 */

/** Then the reply is finished as it is. */
const MAX_CONTINUATIONS = 8

/** Each request is billed, so their tokens are added up. */
const sum = (one: Usage, other: Usage): Usage =>
  defined({
    input_tokens: sumOf(one.input_tokens, other.input_tokens),
    output_tokens: sumOf(one.output_tokens, other.output_tokens),
    total_tokens: sumOf(one.total_tokens, other.total_tokens),
    reasoning_tokens: sumOf(one.reasoning_tokens, other.reasoning_tokens),
    cache_creation_tokens: sumOf(one.cache_creation_tokens, other.cache_creation_tokens),
    cache_read_tokens: sumOf(one.cache_read_tokens, other.cache_read_tokens),
  })

const joined = (before: GenerateResult, after: GenerateResult): GenerateResult => ({
  ...after,
  parts: [...before.parts, ...after.parts],
  usage: sum(before.usage, after.usage),
})

/** A call of a tool of ours has to be answered first, and a reply of nothing cannot be sent back. */
const canGoOn = ({ finishReason, parts }: GenerateResult): boolean =>
  finishReason === "pause" &&
  parts.length > 0 &&
  !parts.some((part) => part.type === "tool-call" && part.provider_executed !== true)

/** Runs `call` with the request, and again with the reply so far at its end for as long as that is paused. */
export const untilNotPaused = (
  request: GenerateRequest,
  call: (request: GenerateRequest) => Effect.Effect<GenerateResult, ProviderError>,
): Effect.Effect<GenerateResult, ProviderError> => {
  const goOn = (reply: GenerateResult, left: number): Effect.Effect<GenerateResult, ProviderError> => {
    if (left === 0 || !canGoOn(reply)) return Effect.succeed(reply)
    const messages = [...request.messages, { role: "assistant" as const, parts: reply.parts, origin: request.origin }]
    return call({ ...request, messages, goesOn: true }).pipe(
      Effect.flatMap((next) => goOn(joined(reply, next), left - 1)),
    )
  }
  return call(request).pipe(Effect.flatMap((reply) => goOn(reply, MAX_CONTINUATIONS)))
}
