import type { ChatError, ChatErrorKind, RetryState } from "../../../src/contract/chat-error.ts"
import { isBusy, isIn } from "../chats/status.ts"
import type { StreamContext } from "../stream/store.ts"

/** What is going on in a chat, for people. One at a time. */
export type Phase =
  | {
      readonly phase: "loading" | "stopping" | "queued" | "thinking" | "executing" | "compacting" | "streaming" | "idle"
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

const titles: Record<ChatErrorKind, string> = {
  overloaded: "The provider is overloaded",
  rate_limit: "The provider's rate limit is reached",
  timeout: "The provider did not answer in time",
  startup_timeout: "The provider went silent",
  auth: "The provider refused the credentials",
  config: "The model's settings do not work",
  context_overflow: "The conversation is too long for the model",
  usage_limit: "The usage limit is reached",
  missing_key: "An API key is missing",
  provider_disabled: "The provider is disabled",
  content_filter: "The provider's content filter stepped in",
  generic: "The turn failed",
}

export const errorTitle = (kind: ChatErrorKind | undefined): string => titles[kind ?? "generic"]

const isKnown = (kind: ChatErrorKind | undefined): kind is Exclude<ChatErrorKind, "generic"> =>
  kind !== undefined && kind !== "generic"

/** An attempt failed, and the turn goes on. */
export const retryTitle = (kind: ChatErrorKind | undefined): string => (isKnown(kind) ? titles[kind] : "Trying again")

/** The same for a screen reader, in sentences. */
export const retryAnnouncement = (kind: ChatErrorKind | undefined): string =>
  isKnown(kind) ? `${titles[kind]}. Trying again.` : "Trying again."

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
