import { eventOf } from "./chat-replay.ts"
import type { ChatSnapshot } from "./chat-state.ts"

/** Events that depend on what they carry, with each of the values that make a difference to a guard. */
const VARIANTS: ReadonlyArray<{ readonly event: string; readonly detail: Readonly<Record<string, unknown>> }> = [
  ...["queue", "interrupt", "steer"].map((busy_behavior) => ({ event: "SendMessage", detail: { busy_behavior } })),
  ...[true, false].map((archived) => ({ event: "SetArchived", detail: { archived } })),
  ...["plan", "normal"].map((mode) => ({ event: "SetMode", detail: { mode } })),
  ...[0, 1].map((undecided) => ({ event: "DecideApproval", detail: { undecided } })),
  ...[
    "Create",
    "EditMessage",
    "DeleteQueuedMessage",
    "PromoteQueuedMessage",
    "Interrupt",
    "CompleteRequiresAction",
    "CancelRequiresAction",
    "RequestCompaction",
    "ClearContext",
    "Admit",
    "Yield",
    "RecordGenerationAttempt",
    "RecordRetryState",
    "RecordToolCalls",
    "RequireApproval",
    "EnterRequiresAction",
    "CommitStep",
    "Steer",
    "CommitCompaction",
    "FinishTurn",
    "FinishInterruption",
    "FinishError",
  ].map((event) => ({ event, detail: {} })),
]

/** Names of the events that the machine would take in a state, for at least one of their variants. */
export const accepts = (state: ChatSnapshot): ReadonlyArray<string> => [
  ...new Set(
    VARIANTS.filter((variant) => {
      const event = eventOf({ version: 0, ...variant })
      return event !== undefined && state.can(event)
    }).map((variant) => variant.event),
  ),
]
