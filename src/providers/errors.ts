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
  /** Least wait the provider asked for (Retry-After and its variants), in milliseconds. */
  readonly retryAfterMs?: number
  /** The provider does not have the response that the call was to go on from, or may not use it. */
  readonly brokenChain?: boolean
}> {}
