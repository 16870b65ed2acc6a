import type { ChatError, RetryState } from "../../contract/chat-error.ts"
import type { ApprovalDecision, NewMessage, NewToolCall, QueuedInput, SlotSource } from "../../machines/chat-events.ts"
import type { ChatContext } from "../../machines/chat-setup.ts"
import type { Activity } from "../../machines/chat-state.ts"
import type { ChatRow, QueuedRow, ToolCallRow } from "./rows.ts"

/** What an actor gives to the store for one transition, and what it gets back. */

/** Columns of the row that are state, as they stand after the transition. */
export interface StateColumns {
  readonly activity: Activity
  readonly planMode: boolean
  readonly turnPlanMode: boolean
  readonly archived: boolean
  readonly resume: ChatContext["resume"]
  readonly turnSteps: number
  readonly generationAttempt: number
  readonly recoveryAttempts: number
  readonly lastModelConfigId: string
  readonly lastError: ChatError | null
  readonly retryState: RetryState | null
  readonly requiresActionDeadlineAt: string | null
  readonly yielded: boolean
}

export interface JournalEntry {
  readonly event: string
  readonly detail: Readonly<Record<string, unknown>>
  readonly fromActivity: Activity | "none"
  readonly actorUserId: string | null
  readonly startedAtUs: number
}

export interface CommandReceipt {
  readonly userId: string
  readonly scope: string
  readonly key: string
  readonly requestHash: string
}

export interface ChatCommit {
  readonly chatId: string
  readonly epoch: number
  /** Version before the transition. */
  readonly version: number
  /** Version of the history before the transition: the key of the parts and attempts that it ends. */
  readonly historyVersion: number
  readonly attemptBefore: number
  readonly columns: StateColumns
  /**
   * Work begins. A slot that was granted to the row must be there still, for it may have been given up since; one that comes with the
   * event was counted by whoever sent it.
   */
  readonly takesSlot: SlotSource | null
  readonly historyChanged: boolean
  readonly queueChanged: boolean
  readonly retryChanged: boolean
  /** The sidebar sorts by it; a change of mode does not move it. */
  readonly touchesUpdatedAt: boolean
  readonly messages: ReadonlyArray<NewMessage>
  readonly removeMessagesFrom: number | null
  readonly queueInserts: ReadonlyArray<{
    readonly input: QueuedInput
    readonly kind: "queue" | "steer"
    readonly position: number
  }>
  readonly queueRemoves: ReadonlyArray<number>
  readonly queueMoves: ReadonlyArray<{
    readonly id: number
    readonly position: number
    readonly kind: "queue" | "steer"
  }>
  /** Written under the id of the one message of this commit. */
  readonly toolCalls: ReadonlyArray<NewToolCall>
  /** Calls that this commit answers in the transcript; a canceled one never gets a result of its own. */
  readonly answeredCalls: ReadonlyArray<{ readonly id: string; readonly canceled: boolean }>
  readonly approvals: ReadonlyArray<ApprovalDecision>
  /** The message whose calls were being worked on in the activity that the chat leaves: its step took so much longer. */
  readonly workedOnCallsOf: number | null
  /** At the history as it is after the transition. */
  readonly openAttempt: { readonly modelConfigId: string } | null
  readonly closeAttempt: string | null
  /** The parts shown so far are in the messages of this commit. */
  readonly partsBecameMessages: boolean
  readonly journal: JournalEntry
  readonly snapshot: { readonly value: unknown; readonly context: ChatContext } | null
  readonly machineVersion: number
  readonly receipt: CommandReceipt | null
}

export interface Committed {
  readonly version: number
  readonly at: Date
  /** When a slot was granted to the chat, which still waits for it to be told: grants come from outside of its owner. */
  readonly admittedAt: Date | null
  /** Ids in the order of `messages`, and of `queueInserts`. */
  readonly messageIds: ReadonlyArray<number>
  readonly queuedIds: ReadonlyArray<number>
}

/** What an actor starts from. */
export interface LoadedChat {
  readonly row: ChatRow
  readonly queue: ReadonlyArray<QueuedRow>
  /** Calls that the transcript has not answered, in call order. */
  readonly openCalls: ReadonlyArray<ToolCallRow>
  /**
   * When each of them was recorded, in milliseconds of this process's monotonic clock (`performance.now`): its age by the
   * database's clock at the activation, whatever the clock of this machine says.
   */
  readonly callsRecordedAt?: ReadonlyMap<string, number>
}

export interface NewChat {
  readonly id: string
  readonly ownerId: string
  readonly organizationId: string
  readonly title: string
  readonly clientType: "ui" | "api"
  readonly modelConfigId: string
  readonly planMode: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly mcpServerIds: ReadonlyArray<string>
  readonly dynamicTools: ReadonlyArray<unknown>
  readonly toolPolicy: ReadonlyArray<unknown>
  readonly workspaceId: string | null
  readonly activity: Activity
  readonly resume: string
  /** 1 where the chat begins its work with its creation, which then opens the first attempt; else 0. */
  readonly attempt: number
  readonly messages: ReadonlyArray<NewMessage>
  readonly journal: JournalEntry
  readonly machineVersion: number
  readonly receipt: CommandReceipt | null
}
