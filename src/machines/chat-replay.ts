import type { ChatMachineEvent, QueuedInput } from "./chat-events.ts"
import { initialContext, type ChatModeState } from "./chat-setup.ts"
import { decide, unborn, type ChatSnapshot } from "./chat-state.ts"

/** From the journal back to states. The journal has no text, and the machine's state depends on none. */

export interface JournalRow {
  readonly version: number
  readonly event: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** The journal does not fit the machine: it was written by another version of it, or it has a gap. */
export class ReplayFailed extends Error {
  readonly version: number
  constructor(version: number, event: string) {
    super(`The journal cannot be replayed past version ${version}: ${event} is not possible there.`)
    this.version = version
  }
}

const noInput: QueuedInput = { content: [], modelConfigId: "", createdBy: "" }
const noError = { message: "", retryable: false }
const noRetry = { attempt: 0, delay_ms: 0, error: "", retrying_at: "" }
const noMessage = { role: "assistant", visibility: "both", content: [] } as const

const behaviorOf = (value: unknown) => (value === "interrupt" || value === "steer" ? value : "queue")

/** The event of a journal row, with nothing where its text was; undefined for a type that this machine does not know. */
export const eventOf = ({ event, detail }: JournalRow): ChatMachineEvent | undefined => {
  const slot = detail["slot"] === "granted" ? { slot: "granted" as const } : {}
  const steer = detail["steer"] === true
  const undecided = Number(detail["undecided"] ?? 0)
  switch (event) {
    case "Create":
      return { type: event, messages: [], ...slot }
    case "SendMessage":
      return { type: event, busyBehavior: behaviorOf(detail["busy_behavior"]), input: noInput, ...slot }
    case "EditMessage":
      return { type: event, messageId: Number(detail["message_id"]), input: noInput, ...slot }
    case "DeleteQueuedMessage":
      return { type: event, queuedMessageId: Number(detail["queued_message_id"]), steer }
    case "PromoteQueuedMessage":
      return { type: event, queuedMessageId: Number(detail["queued_message_id"]), steer, ...slot }
    case "CompleteRequiresAction":
      return { type: event, results: [], ...slot }
    case "CommitStep":
      return { type: event, results: [] }
    case "CancelRequiresAction":
      return { type: event, reason: "deadline", ...slot }
    case "SetArchived":
      return { type: event, archived: detail["archived"] === true }
    case "SetMode":
      return { type: event, mode: detail["mode"] === "plan" ? "plan" : "normal" }
    case "Admit":
    case "RecordGenerationAttempt":
      return { type: event, modelConfigId: "" }
    case "RecordRetryState":
      return { type: event, retry: noRetry }
    case "RecordToolCalls":
      return { type: event, message: noMessage, calls: [] }
    case "DecideApproval":
      return { type: event, undecided, decisions: [], ...slot }
    case "RequireApproval":
      return { type: event, undecided }
    case "EnterRequiresAction":
      return { type: event, results: [], deadlineAt: "" }
    case "CommitCompaction":
    case "FinishTurn":
    case "FinishInterruption":
      return { type: event, messages: [], ...slot }
    case "FinishError":
      return { type: event, error: noError }
    case "ReconcileInvalidState":
      return { type: event, queue: Number(detail["queue"] ?? 0), steer: Number(detail["steer"] ?? 0), error: noError }
    case "Interrupt":
    case "RequestCompaction":
      return { type: event, ...slot }
    case "ClearContext":
    case "Yield":
    case "Steer":
      return { type: event }
    default:
      return undefined
  }
}

/**
 * The state after a journal, from its first row on or from a stored state.
 *
 * @param mode the mode in which the chat was created
 * @throws ReplayFailed
 */
export const replay = (
  mode: ChatModeState,
  journal: ReadonlyArray<JournalRow>,
  from: ChatSnapshot = unborn(mode, initialContext),
): ChatSnapshot => {
  let state = from
  for (const row of journal) {
    const event = eventOf(row)
    const decision = event === undefined ? undefined : decide(state, event)
    if (decision === undefined) throw new ReplayFailed(row.version, row.event)
    state = decision.next
  }
  return state
}
