import { Data } from "effect"
import type { ChatErrorKind } from "../contract/chat-error.ts"

/** A failed model call, classified. `message` is for people and names the provider; `detail` holds its own words (<= 500 characters). */
export class ProviderError extends Data.TaggedError("ProviderError")<{
  readonly operation: string
  readonly kind: ChatErrorKind
  readonly message: string
  readonly retryable: boolean
  readonly provider: string
  readonly detail?: string
  readonly statusCode?: number
  /**
   * Least wait the provider asked for, in a header or in words, in milliseconds: whole, between 0 and 2^31-1, the longest that
   * a timer takes. A longer one is cut to that, while `retryAt` holds the real end.
   */
  readonly retryAfterMs?: number
  /** The instant before which the provider wants no other request, RFC 3339. There whenever `retryAfterMs` is. */
  readonly retryAt?: string
  /** The provider does not have the response that the call was to go on from, or may not use it. */
  readonly brokenChain?: boolean
  /**
   * The provider does not take the reasoning of earlier answers: sealed or signed for another account or model, or in a field
   * that it does not know. The same request without that reasoning may be accepted.
   */
  readonly refusedReasoning?: boolean
}> {}
