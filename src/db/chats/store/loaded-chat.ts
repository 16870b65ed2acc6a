import type { MessageId, QueuedMessageId, ToolCallId } from "../../../contract/ids.ts"
import type { ChatRow, QueuedRow, StateRow, ToolCallRow } from "../rows.ts"

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
  readonly callsRecordedAt?: ReadonlyMap<ToolCallId, number>
}

/** What the database says of a commit that it has carried out. */
export interface Committed {
  readonly version: number
  readonly at: Date
  /** Ids in the order of `messages`, and of `queueInserts`. */
  readonly messageIds: ReadonlyArray<MessageId>
  readonly queuedIds: ReadonlyArray<QueuedMessageId>
  /** The state of the chat as it is now. */
  readonly row: StateRow
}
