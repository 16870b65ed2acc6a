import type { ChatRow, QueuedRow, ToolCallRow } from "../rows.ts"

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
