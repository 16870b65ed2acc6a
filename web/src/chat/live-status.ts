import type { ChatError, ChatErrorKind, RetryState } from "../../../src/contract/chat-error.ts"
import { isBusy, isIn } from "../chats/status.ts"
import type { StreamContext } from "../stream/store.ts"
import { titles } from "./error-titles.ts"

/** What is going on in a chat, for people. One at a time. */
export type Phase =
  | {
      readonly phase:
        | "loading"
        | "stopping"
        | "queued"
        | "thinking"
        | "executing"
        | "compacting"
        | "backing off"
        | "streaming"
        | "idle"
    }
  /** `tools` are the names of the calls that wait for an answer. */
  | { readonly phase: "action" | "approval"; readonly tools: ReadonlyArray<string> }
  | { readonly phase: "retrying"; readonly retry: RetryState }
  | { readonly phase: "failed"; readonly error: ChatError }
  | { readonly phase: "reconnecting"; readonly retryAt: number | undefined; readonly failures: number }

/** Lost connections are not shown until this many tries in a row have failed: the first come within a second. */
const SILENT_FAILURES = 2

/** The first that holds wins. `lastError` is what the chat remembers of its last turn. */
export const phaseOf = ({ stream, connection }: StreamContext, lastError: ChatError | undefined): Phase => {
  const { retry, error, status, preview } = stream
  if (retry !== undefined && isBusy(status?.status)) return { phase: "retrying", retry }
  if (error !== undefined) return { phase: "failed", error }
  if (connection.state !== "open" && connection.failures > SILENT_FAILURES) {
    return { phase: "reconnecting", retryAt: connection.retryAt, failures: connection.failures }
  }
  if (status === undefined) return { phase: "loading" }
  if (isIn(status, "running.interrupting")) return { phase: "stopping" }
  if (isIn(status, "running.compacting")) return { phase: "compacting" }
  // The retry itself was told before this page listened, or is about to be.
  if (isIn(status, "running.backing_off")) return { phase: "backing off" }
  if (status.status === "pending") return { phase: "queued" }
  if (status.status === "running") {
    if (preview.some((part) => part.type !== "tool-result")) return { phase: "streaming" }
    return { phase: isIn(status, "running.executing") ? "executing" : "thinking" }
  }
  if (status.status === "requires_action") {
    return isIn(status, "requires_action.approval")
      ? { phase: "approval", tools: stream.approvals.map(({ tool_name }) => tool_name) }
      : { phase: "action", tools: stream.clientToolCalls.map(({ tool_name }) => tool_name) }
  }
  if (status.status === "error" && lastError !== undefined) return { phase: "failed", error: lastError }
  return { phase: "idle" }
}

/** What is told of a failure, be it the end of a turn or not. */
export interface Failure {
  readonly kind?: ChatErrorKind | undefined
  readonly status_code?: number | undefined
  /** The provider's own words, or those of the network. */
  readonly detail?: string | undefined
}

const UNREACHABLE =
  /refused|econnrefused|enotfound|eai_again|getaddrinfo|ehostunreach|enetunreach|no route to host|unreachable|und_err_connect/i
const BROKEN_OFF = /reset|econnaborted|epipe|broken pipe|hang up|closed|terminated|goaway|\beof\b|\brst\b/i

/** The kind of failure that is called a time-out has many causes; a server that nobody runs has not been slow. */
const timeoutTitle = ({ detail = "", status_code }: Failure): string => {
  if (status_code !== undefined && status_code !== 408 && status_code !== 504 && status_code !== 524) {
    return "The provider is not available"
  }
  if (status_code === undefined && UNREACHABLE.test(detail)) return "The provider cannot be reached"
  if (status_code === undefined && BROKEN_OFF.test(detail)) return "The connection to the provider broke off"
  return titles.timeout
}

export const errorTitle = (failure: Failure): string =>
  failure.kind === "timeout" ? timeoutTitle(failure) : titles[failure.kind ?? "generic"]

/** An attempt failed, and the turn goes on. */
export const retryTitle = (kind: ChatErrorKind | undefined, failure: Failure = {}): string =>
  kind === undefined || kind === "generic" ? "Trying again" : errorTitle({ ...failure, kind })

/** The same for a screen reader, in sentences. */
export const retryAnnouncement = (kind: ChatErrorKind | undefined, failure: Failure = {}): string =>
  kind === undefined || kind === "generic" ? "Trying again." : `${retryTitle(kind, failure)}. Trying again.`

/** Whole seconds until an instant, rounded up; undefined when there is nothing to count down to. */
export const secondsUntil = (instant: number, now: number): number | undefined => {
  const left = instant - now
  return Number.isFinite(left) && left > 0 ? Math.ceil(left / 1000) : undefined
}

/** What is waited for, by the seconds that are left; undefined once they are over. */
export const tryingAgain = (seconds: number | undefined): string =>
  seconds === undefined ? "Trying again…" : `Trying again in ${seconds} s.`

/** The count, for who asks for it. */
export const failedAttempts = (attempt: number): string =>
  attempt === 1 ? "1 attempt has failed." : `${attempt} attempts have failed.`

/** Which attempt comes next: `Attempt 3 of 25`. */
export const nextAttempt = ({ attempt, max_attempts }: RetryState): string =>
  max_attempts === undefined || max_attempts <= attempt
    ? `Attempt ${attempt + 1}`
    : `Attempt ${attempt + 1} of ${max_attempts}`
