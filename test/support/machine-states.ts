import type { ChatMachineEvent, NewMessage, QueuedInput } from "../../src/machines/chat-events.ts"
import { type ChatContext, type ChatModeState, initialContext, QUEUE_LIMIT } from "../../src/machines/chat-setup.ts"
import { type ChatSnapshot, snapshotOf, unborn } from "../../src/machines/chat-state.ts"

/** States and events of the chat machine, by short names. */

/** Leaves of the life region, by the letter that stands for them in the tables below. */
export const leaves = {
  N: "none",
  W: "waiting",
  E: "error",
  P: "pending",
  G: "running.generating",
  X: "running.executing",
  C: "running.compacting",
  B: "running.backing_off",
  I: "running.interrupting",
  T: "requires_action.client_tools",
  A: "requires_action.approval",
} as const
export type Letter = keyof typeof leaves
export const letters = Object.keys(leaves) as ReadonlyArray<Letter>

export const modes: ReadonlyArray<ChatModeState> = ["normal", "plan", "explore", "computer_use"]
export const queueLengths = [0, 1, QUEUE_LIMIT] as const

export const input: QueuedInput = { content: [{ type: "text", text: "hi" }], modelConfigId: "model", createdBy: "user" }
export const reply: NewMessage = { role: "assistant", visibility: "both", content: [{ type: "text", text: "ho" }] }
export const result: NewMessage = { role: "tool", visibility: "both", content: [] }

/** Every event, with the variants that a guard tells apart. */
export const events = {
  Create: { type: "Create", messages: [reply] },
  "SendMessage queue": { type: "SendMessage", busyBehavior: "queue", input },
  "SendMessage interrupt": { type: "SendMessage", busyBehavior: "interrupt", input },
  "SendMessage preempt": { type: "SendMessage", busyBehavior: "preempt", input },
  "SendMessage steer": { type: "SendMessage", busyBehavior: "steer", input },
  EditMessage: { type: "EditMessage", messageId: 7, input },
  DeleteQueuedMessage: { type: "DeleteQueuedMessage", queuedMessageId: 3, steer: false },
  "ChangeQueuedMessage queue": {
    type: "ChangeQueuedMessage",
    queuedMessageId: 3,
    steer: false,
    kind: "queue",
    content: null,
    place: { before: null },
  },
  "ChangeQueuedMessage steer": {
    type: "ChangeQueuedMessage",
    queuedMessageId: 3,
    steer: false,
    kind: "steer",
    content: input.content,
    place: null,
  },
  PromoteQueuedMessage: { type: "PromoteQueuedMessage", queuedMessageId: 3, steer: false },
  Interrupt: { type: "Interrupt" },
  Retry: { type: "Retry", modelConfigId: "model" },
  CompleteRequiresAction: { type: "CompleteRequiresAction", results: [result] },
  CancelRequiresAction: { type: "CancelRequiresAction", reason: "deadline" },
  "DecideApproval all": { type: "DecideApproval", undecided: 0, decisions: [] },
  "DecideApproval some": { type: "DecideApproval", undecided: 1, decisions: [] },
  "SetToolPolicy all": { type: "SetToolPolicy", rules: [], undecided: 0, decisions: [] },
  "SetToolPolicy some": { type: "SetToolPolicy", rules: [], undecided: 1, decisions: [] },
  StopToolCall: { type: "StopToolCall", callId: "call", by: "ada" },
  "SetArchived true": { type: "SetArchived", archived: true },
  "SetArchived false": { type: "SetArchived", archived: false },
  RequestCompaction: { type: "RequestCompaction" },
  ClearContext: { type: "ClearContext" },
  Admit: { type: "Admit", modelConfigId: "model" },
  Yield: { type: "Yield" },
  RecordGenerationAttempt: { type: "RecordGenerationAttempt", modelConfigId: "model" },
  RecordRetryState: {
    type: "RecordRetryState",
    retry: { attempt: 1, delay_ms: 5, error: "busy", retrying_at: "2026-01-01T00:00:00.000Z" },
  },
  RecordToolCalls: { type: "RecordToolCalls", message: reply, calls: [] },
  RequireApproval: { type: "RequireApproval", undecided: 1 },
  EnterRequiresAction: { type: "EnterRequiresAction", results: [], deadlineAt: "2026-01-01T00:00:00.000Z" },
  CommitStep: { type: "CommitStep", results: [result] },
  Steer: { type: "Steer" },
  CommitCompaction: { type: "CommitCompaction", messages: [reply] },
  FinishTurn: { type: "FinishTurn", messages: [reply] },
  FinishInterruption: { type: "FinishInterruption", messages: [reply] },
  FinishError: { type: "FinishError", error: { message: "no", retryable: false } },
  ReconcileInvalidState: {
    type: "ReconcileInvalidState",
    queue: 0,
    steer: 0,
    error: { message: "no", retryable: false },
  },
  ACTIVATE: { type: "ACTIVATE" },
} as const satisfies Record<string, ChatMachineEvent>
export type EventName = keyof typeof events

/** Events that can bring the slot with which the work that they mean begins at once. */
const bringingWork = [
  "Create",
  "SendMessage queue",
  "SendMessage interrupt",
  "SendMessage preempt",
  "SendMessage steer",
  "EditMessage",
  "PromoteQueuedMessage",
  "Interrupt",
  "Retry",
  "CompleteRequiresAction",
  "CancelRequiresAction",
  "DecideApproval all",
  "DecideApproval some",
  "SetToolPolicy all",
  "SetToolPolicy some",
  "RequestCompaction",
  "CommitCompaction",
  "FinishTurn",
  "FinishInterruption",
] as const satisfies ReadonlyArray<EventName>
export type GrantedName = (typeof bringingWork)[number]

/** The same with a slot. */
export const granted = Object.fromEntries(
  bringingWork.map((name) => [name, { ...events[name], slot: "granted" }] as const),
) as { readonly [Name in GrantedName]: (typeof events)[Name] & { readonly slot: "granted" } }

/** A chat that waits has no queue, one that does not exist has nothing, and only idle chats can be archived. */
export const possible = (leaf: Letter, queue: number, isArchived: boolean): boolean =>
  (queue === 0 || (leaf !== "N" && leaf !== "W")) && (!isArchived || leaf === "W" || leaf === "E")

export const snapshot = (leaf: Letter, mode: ChatModeState, context: Partial<ChatContext> = {}): ChatSnapshot =>
  leaf === "N"
    ? unborn(mode, { ...initialContext, ...context })
    : snapshotOf({
        activity: leaves[leaf],
        planMode: mode === "plan",
        mode: mode === "explore" || mode === "computer_use" ? mode : null,
        context: { ...initialContext, ...context },
      })

export const everyPossibleState = letters.flatMap((leaf) =>
  queueLengths.flatMap((queue) =>
    [false, true].flatMap((isArchived) => (possible(leaf, queue, isArchived) ? [{ leaf, queue, isArchived }] : [])),
  ),
)
