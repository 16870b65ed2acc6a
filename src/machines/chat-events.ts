import type { ChatError, RetryState } from "../contract/chat-error.ts"
import type { BusyBehavior, MessageFinishReason } from "../contract/chats.ts"
import type { MessageId, ModelConfigId, ProviderCallId, QueuedMessageId, ToolCallId, UserId } from "../contract/ids.ts"
import type { MessageRole, MessageVisibility, Part, Usage } from "../contract/parts.ts"
import type { ToolPolicyRule } from "../contract/tool-policy.ts"

/**
 * Events of the chat machine: the named transitions of the chat table. Times and ids arrive in the event, so the machine
 * needs no clock and no random source. The journal keeps the type and the scalars of an event, never its text.
 */

/** A message row to be written. Its id and time of creation are the database's. */
export interface NewMessage {
  readonly role: MessageRole
  readonly content: ReadonlyArray<Part>
  readonly visibility: MessageVisibility
  readonly modelConfigId?: ModelConfigId
  readonly createdBy?: UserId
  readonly usage?: Usage
  /**
   * How long it took to come about. `step`: from the step's first attempt on, with the waits between attempts, by the database's
   * clock; what its tools take is added while they run.
   */
  readonly runtimeMs?: number | "step"
  readonly costMicros?: number | null
  readonly responseId?: string
  /** Who made the reply; see `providers/origin.ts`. */
  readonly origin?: string
  /** Why an answer is not a whole one. */
  readonly finishReason?: MessageFinishReason
  /** Ids of `tool_calls` whose results this row carries. */
  readonly toolCallIds?: ReadonlyArray<ToolCallId>
  /** The row marks where the prompt begins again, or belongs to such a mark. */
  readonly compressed?: boolean
}

/** One call of a step, written before any tool of the step starts. `index` counts from 0 within the step. */
export interface NewToolCall {
  readonly id: ToolCallId
  readonly index: number
  readonly providerCallId: ProviderCallId
  readonly toolName: string
  readonly args: unknown
  /** What the model sent, where it was not JSON. */
  readonly argsText: string | null
  /** What the tool policy says: null runs, `asked` waits for a person, `denied` is answered with the reason. */
  readonly approval: "asked" | "denied" | null
  readonly approvalReason: string | null
  /** With which a person would let an asked call run, and those like it, for the rest of the chat. */
  readonly allowRule: ToolPolicyRule | null
}

/** A person's answer to one asked call. */
export interface ApprovalDecision {
  readonly id: ToolCallId
  readonly approved: boolean
  readonly reason: string | null
}

export interface QueuedInput {
  readonly content: ReadonlyArray<Part>
  readonly modelConfigId: ModelConfigId
  readonly createdBy: UserId
}

/** An event that ends a call of the model with its reply. */
export interface BringsReply {
  /** From the beginning of the call to the first of the reply, in whole milliseconds; absent where it was not seen to stream. */
  readonly firstTokenMs?: number
}

/**
 * An event that brings work to a chat that had none under way. With a slot, which was counted and granted before the commit, the work
 * begins with this very event; without one the chat waits in line for `Admit`.
 */
export interface BringsWork {
  readonly slot?: "granted"
}

/** What becomes of one message of the queue. */
export interface QueuedChange {
  readonly queuedMessageId: QueuedMessageId
  /** Null leaves the text as it is. */
  readonly content: ReadonlyArray<Part> | null
  readonly kind: "queue" | "steer"
  /** Before another message, or at the end; null leaves it where it is. */
  readonly place: { readonly before: QueuedMessageId | null } | null
}

export type ChatMachineEvent =
  | (BringsWork & { readonly type: "Create"; readonly messages: ReadonlyArray<NewMessage> })
  | (BringsWork & { readonly type: "SendMessage"; readonly busyBehavior: BusyBehavior; readonly input: QueuedInput })
  | (BringsWork & { readonly type: "EditMessage"; readonly messageId: MessageId; readonly input: QueuedInput })
  | { readonly type: "DeleteQueuedMessage"; readonly queuedMessageId: QueuedMessageId; readonly steer: boolean }
  /** `steer`: whether it steers until now. */
  | (QueuedChange & { readonly type: "ChangeQueuedMessage"; readonly steer: boolean })
  | (BringsWork & {
      readonly type: "PromoteQueuedMessage"
      readonly queuedMessageId: QueuedMessageId
      readonly steer: boolean
    })
  | (BringsWork & { readonly type: "Interrupt" })
  /** The turn that has failed once more, or the attempt that is waited for at once. */
  | (BringsWork & { readonly type: "Retry"; readonly modelConfigId: ModelConfigId })
  | (BringsWork & { readonly type: "CompleteRequiresAction"; readonly results: ReadonlyArray<NewMessage> })
  | (BringsWork & { readonly type: "CancelRequiresAction"; readonly reason: "deadline" })
  | (BringsWork & {
      readonly type: "DecideApproval"
      /** Calls that are still undecided after this. */
      readonly undecided: number
      readonly decisions: ReadonlyArray<ApprovalDecision>
    })
  /** One of the calls at work is to end; `by` is the name of who wants it. */
  | { readonly type: "StopToolCall"; readonly callId: ToolCallId; readonly by: string }
  | { readonly type: "SetArchived"; readonly archived: boolean }
  | { readonly type: "SetMode"; readonly mode: "normal" | "plan" }
  | (BringsWork & {
      readonly type: "SetToolPolicy"
      readonly rules: ReadonlyArray<ToolPolicyRule>
      /** What the rules say of the calls that wait for a person; calls that still wait after this. */
      readonly decisions: ReadonlyArray<ApprovalDecision>
      readonly undecided: number
    })
  | (BringsWork & { readonly type: "RequestCompaction" })
  | { readonly type: "ClearContext" }
  /** The first attempt of a model call is counted with it: one commit less before every turn. */
  | { readonly type: "Admit"; readonly modelConfigId: ModelConfigId }
  | { readonly type: "Yield" }
  | { readonly type: "RecordGenerationAttempt"; readonly modelConfigId: ModelConfigId }
  | {
      readonly type: "RecordRetryState"
      readonly retry: RetryState
      /** A fingerprint of the provider's words: the same for a refusal that repeats itself. */
      readonly failure?: string
    }
  | (BringsReply & {
      readonly type: "RecordToolCalls"
      readonly message: NewMessage
      readonly calls: ReadonlyArray<NewToolCall>
    })
  | { readonly type: "RequireApproval"; readonly undecided: number }
  | { readonly type: "EnterRequiresAction"; readonly results: ReadonlyArray<NewMessage>; readonly deadlineAt: string }
  | { readonly type: "CommitStep"; readonly results: ReadonlyArray<NewMessage> }
  | { readonly type: "Steer" }
  | (BringsWork & { readonly type: "CommitCompaction"; readonly messages: ReadonlyArray<NewMessage> })
  | (BringsWork & BringsReply & { readonly type: "FinishTurn"; readonly messages: ReadonlyArray<NewMessage> })
  | (BringsWork & { readonly type: "FinishInterruption"; readonly messages: ReadonlyArray<NewMessage> })
  | { readonly type: "FinishError"; readonly error: ChatError }
  | {
      readonly type: "ReconcileInvalidState"
      /** What the rows hold: the state that is given up cannot be trusted to know it. */
      readonly queue: number
      readonly steer: number
      readonly error: ChatError
    }
  | { readonly type: "ACTIVATE" }

export type ChatEventType = ChatMachineEvent["type"]

/** Why outstanding tool calls are answered by us instead of by their tool. */
export type CancelReason = "interrupted" | "superseded" | "deadline" | "retried"

/** Where the slot was granted with which work begins: to a chat in the line, which is in its row, or to the event that brings the work. */
export type SlotSource = "row" | "event"
