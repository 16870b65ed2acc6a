import { createHash } from "node:crypto"
import { Effect } from "effect"
import { ChatJournal } from "../db/chats/journal.ts"
import type { ProviderError } from "../providers/errors.ts"
import { Settings } from "../settings.ts"
import { MAX_RETRY_AFTER_MS } from "./limits.ts"
import { chatError } from "./turn-errors.ts"
import type { TurnHost } from "./turn-host.ts"

/** What becomes of a model call that failed: another attempt after a wait, or the end of the turn. */

/** Base times two to the number of failed attempts, capped; never less than the provider asked for. */
const delayBefore = (attempt: number, error: ProviderError, timings: { retryBaseMs: number; retryCapMs: number }) =>
  Math.max(Math.min(timings.retryBaseMs * 2 ** (attempt - 1), timings.retryCapMs), error.retryAfterMs ?? 0)

/** The journal holds no words, so it holds what tells them apart. */
const fingerprint = ({ detail, kind, message, statusCode }: ProviderError): string =>
  createHash("sha256")
    .update(JSON.stringify([kind, statusCode, message, detail]))
    .digest("base64url")
    .slice(0, 16)

/** How often the last attempts of this call ended in just this failure, across restarts of the server. */
const timesInARow = (host: TurnHost, failure: string) =>
  Effect.gen(function* () {
    const journal = yield* ChatJournal
    const before = yield* journal.failuresSince(host.chatId, host.state().row.history_version)
    const other = before.findIndex((earlier) => earlier !== failure)
    return other === -1 ? before.length : other
  })

interface Failed {
  readonly error: ProviderError
  /** Attempts at this call at most, whatever the failures. */
  readonly attempts: number
  /** The provider said something, if only a refusal. Where nobody answers, nothing repeats itself and nothing is paid for. */
  readonly answered: boolean
}

export const retryOrFail = (host: TurnHost, { answered, attempts, error }: Failed) =>
  Effect.gen(function* () {
    const { timings } = yield* Settings
    const attempt = host.state().row.generation_attempt
    const end = host.send({
      type: "FinishError",
      error: { ...chatError(error), ...(attempt > 1 && { attempts: attempt }) },
    })
    if (!error.retryable || attempt >= attempts) return yield* end
    if ((error.retryAfterMs ?? 0) > MAX_RETRY_AFTER_MS) return yield* end
    const failure = answered ? fingerprint(error) : undefined
    const repeated = failure === undefined ? 0 : (yield* timesInARow(host, failure)) + 1
    if (failure !== undefined && repeated >= timings.repeatedAttempts) return yield* end
    const mayRepeat = failure === undefined ? attempts : attempt + timings.repeatedAttempts - repeated
    const delayMs = delayBefore(attempt, error, timings)
    return yield* host.send({
      type: "RecordRetryState",
      retry: {
        attempt,
        max_attempts: Math.min(attempts, mayRepeat),
        delay_ms: delayMs,
        error: error.message,
        kind: error.kind,
        provider: error.provider,
        ...(error.detail !== undefined && { detail: error.detail }),
        ...(error.statusCode !== undefined && { status_code: error.statusCode }),
        retrying_at: new Date(Date.now() + delayMs).toISOString(),
      },
      ...(failure !== undefined && { failure }),
    })
  })
