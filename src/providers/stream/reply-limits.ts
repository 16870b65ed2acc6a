import { type FailureContext, stoppedReply } from "../classify.ts"
import type { ProviderError } from "../errors.ts"

/**
 * How much of one reply is taken. Far above what a model means to say, and low enough that no reply can fill the server's
 * memory, stall other chats or be too large for a row, an event or a reader.
 */

/** Text, reasoning, arguments and results of the provider's own tools, together, in bytes of UTF-8. */
export const MAX_REPLY_BYTES = 2 * 1024 * 1024
/** What is kept for the provider only: signatures, sealed reasoning, raw blocks. A budget of its own, of the same size. */
export const MAX_KEPT_BYTES = 2 * 1024 * 1024
export const MAX_CALLS = 256
/** In characters. No protocol takes a longer name of a tool. */
export const MAX_NAME_LENGTH = 128
export const MAX_SOURCES = 1_000
/** A reply that comes as one document, in bytes: JSON spells some characters in six bytes. */
export const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024

/** Ends the attempt for good: the next reply would most likely be as large. `what` completes "sent ...". */
export const pastLimit = (context: FailureContext, what: string): ProviderError =>
  stoppedReply(context, (name) => `${name} sent ${what}. The reply was stopped there; what was shown of it is kept.`)
