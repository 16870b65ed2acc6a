import { Schema } from "effect"

/** Why a model call, and with it a turn, failed. The words a person sees are in `message`; the kind is for programs. */
export const ChatErrorKind = Schema.Literal(
  "overloaded",
  "rate_limit",
  "timeout",
  "startup_timeout",
  "auth",
  "config",
  "context_overflow",
  "usage_limit",
  "missing_key",
  "provider_disabled",
  "content_filter",
  "generic",
)
export type ChatErrorKind = typeof ChatErrorKind.Type

/** `detail` is at most 500 characters and is the only place for a provider's own words. */
export const ChatError = Schema.Struct({
  message: Schema.String,
  detail: Schema.optional(Schema.String),
  kind: Schema.optional(ChatErrorKind),
  provider: Schema.optional(Schema.String),
  retryable: Schema.Boolean,
  status_code: Schema.optional(Schema.Number),
  /** How many attempts were made, where it was more than one. */
  attempts: Schema.optional(Schema.Number),
  /** When the provider may be asked again, RFC 3339: it wants a longer wait than a turn takes. */
  retry_at: Schema.optional(Schema.String),
})
export type ChatError = typeof ChatError.Type

/**
 * A wait before the next attempt. `attempt` counts those that failed, from 1; `max_attempts` is how many there will be at most if
 * they go on to fail in this way, where that is known. Times are RFC 3339. `detail` is as in an error.
 */
export const RetryState = Schema.Struct({
  attempt: Schema.Number,
  max_attempts: Schema.optional(Schema.Number),
  delay_ms: Schema.Number,
  error: Schema.String,
  detail: Schema.optional(Schema.String),
  kind: Schema.optional(ChatErrorKind),
  provider: Schema.optional(Schema.String),
  status_code: Schema.optional(Schema.Number),
  retrying_at: Schema.String,
})
export type RetryState = typeof RetryState.Type

/** What people were told when one attempt failed, kept with it. `detail` is as in an error. */
export const AttemptFailure = Schema.Struct({
  message: Schema.String,
  detail: Schema.optionalWith(Schema.String, { exact: true }),
  kind: Schema.optionalWith(ChatErrorKind, { exact: true }),
  provider: Schema.optionalWith(Schema.String, { exact: true }),
  status_code: Schema.optionalWith(Schema.Number, { exact: true }),
}).annotations({ identifier: "AttemptFailure" })
export type AttemptFailure = typeof AttemptFailure.Type
