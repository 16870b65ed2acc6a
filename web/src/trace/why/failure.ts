import type { AttemptFailure, ChatError, ChatErrorKind } from "../../../../src/contract/chat-error.ts"
import type { ChatTransition } from "../../../../src/contract/inspection.ts"
import { errorKinds } from "../../chat/error-titles.ts"
import { errorTitle } from "../../chat/live-status.ts"
import type { AttemptStep, TurnFacts, WhyInput } from "./turn-facts.ts"

/** Why an attempt or a turn failed, with all that people are told of it. */
export interface Failure {
  /** `The provider's rate limit is reached` */
  readonly title: string
  /** A sentence; empty where nothing more is known. */
  readonly message: string
  /** The provider's own words. */
  readonly detail: string | undefined
  readonly kind: ChatErrorKind | undefined
  readonly provider: string | undefined
  readonly status: number | undefined
  /** When it failed. */
  readonly at: string
  /** Tries at the same reply, this one among them. */
  readonly tries: number
  /** When the provider may be asked again. */
  readonly retryAt: string | undefined
}

type Told = AttemptFailure | ChatError

/** Of the journal alone only the kind and the status are known. */
const ofJournal = ({ detail }: ChatTransition): Omit<AttemptFailure, "message"> & { readonly message: string } => {
  const kind = errorKinds.find((each) => each === detail["kind"])
  const status = detail["status_code"]
  return {
    message: "",
    ...(kind !== undefined && { kind }),
    ...(typeof status === "number" && { status_code: status }),
  }
}

/** How often a reply was tried, up to this attempt: a reply that was kept begins the count anew. */
export const triesUpTo = (attempts: ReadonlyArray<AttemptStep>, version: number): number => {
  const last = attempts.findLastIndex((attempt) => attempt.version <= version)
  const kept = attempts.slice(0, last).findLastIndex(({ end }) => end === "replied")
  return last - kept
}

const failureOf = (told: Told, at: ChatTransition, tries: number): Failure => {
  const { message, detail, kind, provider, status_code: status } = told
  return {
    title: errorTitle({ kind, detail, status_code: status }),
    message,
    detail,
    kind,
    provider,
    status,
    at: at.created_at,
    tries: "attempts" in told && told.attempts !== undefined ? told.attempts : tries,
    retryAt: "retry_at" in told ? told.retry_at : undefined,
  }
}

/** Of the event that ended an attempt, or the turn, with it. */
export const failureAt = (at: ChatTransition, facts: TurnFacts, { now, about }: WhyInput): Failure => {
  const attempt = facts.attempts.find(({ ended_version }) => ended_version === at.version)
  const tries = Math.max(1, triesUpTo(facts.attempts, at.version))
  // The chat remembers its last failure, with more than is kept of an attempt.
  const told = (now && at.event === "FinishError" ? about?.lastError : undefined) ?? attempt?.failure
  return failureOf(told ?? ofJournal(at), at, tries)
}
