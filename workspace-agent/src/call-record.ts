import { Refusal } from "./refusal.ts"

/** Which tool call a request belongs to. */
export interface CallIdentity {
  readonly chatId: string
  readonly messageId: string
  readonly toolCallId: string
  /** Milliseconds since the call may first have reached this workspace; 0 on a first run. */
  readonly ageMs: number
}

export interface Answer {
  readonly status: number
  readonly body: string
}

export interface RecordLimits {
  readonly maxCalls: number
  readonly maxAnswerBytes: number
  readonly maxAgeMs: number
}

export const defaultRecordLimits: RecordLimits = {
  maxCalls: 10_000,
  maxAnswerBytes: 16 * 1024 * 1024,
  maxAgeMs: 7 * 24 * 60 * 60 * 1000,
}

interface Entry {
  readonly fingerprint: string
  readonly startedAt: number
  readonly answer: Promise<Answer>
  /** Set when the answer is there; an unanswered entry is never forgotten. */
  answerBytes: number | undefined
}

const keyOf = (identity: CallIdentity) => JSON.stringify([identity.chatId, identity.messageId, identity.toolCallId])

/**
 * What this agent answered to tool calls, so that a repeat gets the same answer and nothing happens twice. What is forgotten
 * for want of room is refused afterwards, never run again.
 *
 * Times are milliseconds since the agent's start.
 */
export class CallRecord {
  readonly #limits: RecordLimits
  readonly #now: () => number
  /** In the order of their start. */
  readonly #calls = new Map<string, Entry>()
  readonly #canceled = new Map<string, number>()
  #answerBytes = 0
  /** Calls that started at or before this time may have been forgotten. */
  #forgottenUpTo = -1

  constructor(limits: RecordLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  /**
   * `fingerprint` stands for the whole input. `act` runs once per identity and does not reject: a failure is an answer, too.
   * Whoever comes while it runs waits for it.
   */
  async answer(
    identity: CallIdentity,
    fingerprint: string,
    act: () => Promise<Answer>,
  ): Promise<{ answer: Answer; runAgeMs: number; repeated: boolean }> {
    const key = keyOf(identity)
    const known = this.#calls.get(key)
    if (known !== undefined) {
      if (known.fingerprint !== fingerprint) {
        throw new Refusal(409, "This tool call was made before with other input.", "input_mismatch")
      }
      const answer = await known.answer
      // At least 1: by 0 a caller knows a first run.
      return { answer, runAgeMs: Math.max(1, Math.round(this.#now() - known.startedAt)), repeated: true }
    }
    if (this.#canceled.has(key)) throw new Refusal(409, "This tool call was canceled.", "tool_call_canceled")
    this.#refuseUnknownPast(identity)

    const entry: Entry = { fingerprint, startedAt: this.#now(), answer: act(), answerBytes: undefined }
    this.#calls.set(key, entry)
    const answer = await entry.answer
    entry.answerBytes = answer.body.length
    this.#answerBytes += entry.answerBytes
    this.#forget()
    return { answer, runAgeMs: 0, repeated: false }
  }

  /** The call must not start any more. When it has started already, its answer, for which one may have to wait. */
  cancel(identity: CallIdentity): Promise<Answer> | undefined {
    const key = keyOf(identity)
    const known = this.#calls.get(key)
    if (known !== undefined) return known.answer
    this.#canceled.set(key, this.#now())
    this.#forget()
    return undefined
  }

  #refuseUnknownPast(identity: CallIdentity): void {
    // A first run cannot have been answered before, whatever was forgotten.
    if (identity.ageMs === 0) return
    const reachedAt = this.#now() - identity.ageMs
    if (reachedAt < 0) {
      throw new Refusal(
        409,
        "The workspace agent was started after this tool call was made and does not know whether it ran.",
        "agent_started_after_tool_call",
      )
    }
    if (reachedAt <= this.#forgottenUpTo) {
      throw new Refusal(409, "This tool call is too old to know whether it ran.", "stale_tool_call")
    }
  }

  #forget(): void {
    const oldest = this.#now() - this.#limits.maxAgeMs
    for (const [key, entry] of this.#calls) {
      const full = this.#calls.size > this.#limits.maxCalls || this.#answerBytes > this.#limits.maxAnswerBytes
      if (!full && entry.startedAt >= oldest) break
      if (entry.answerBytes === undefined) continue
      this.#calls.delete(key)
      this.#answerBytes -= entry.answerBytes
      this.#forgottenUpTo = Math.max(this.#forgottenUpTo, entry.startedAt)
    }
    for (const [key, canceledAt] of this.#canceled) {
      if (this.#canceled.size <= this.#limits.maxCalls && canceledAt >= oldest) break
      this.#canceled.delete(key)
      this.#forgottenUpTo = Math.max(this.#forgottenUpTo, canceledAt)
    }
  }
}
