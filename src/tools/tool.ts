import type { Effect } from "effect"
import type { ChatId, MessageId, ToolCallId } from "../contract/ids.ts"
import type { WorkspaceConnection, WorkspaceError } from "../workspaces/workspace.ts"

/**
 * A built-in tool: one file of this folder, listed in `registry.ts`.
 *
 * A tool never fails the turn. What the model can act on (bad arguments, a missing file, no workspace) is an outcome with
 * `isError`; a throw becomes one, too. When the effect is interrupted, `stopping` says whether the work ends (the user stopped the turn)
 * or goes on without us (this owner of the chat ends, and the next re-attaches).
 */

/** How sure a repeat after a crash is: `read-only` and `idempotent` run again, `recorded` asks the workspace what happened. */
export type Replay = "read-only" | "idempotent" | "recorded"

export interface ToolContext {
  readonly chatId: ChatId
  /** Row id of the assistant message that made the call. */
  readonly messageId: MessageId
  /** Our identity of the call (uuidv5 of chat, message, index and the provider's id): it goes down to the process. */
  readonly toolCallId: ToolCallId
  /** Milliseconds since the call was recorded, by the database's clock. */
  readonly callAgeMs: number
  /**
   * True when an earlier run of this very call may have acted: its row was `started` before this run began. The workspace
   * then refuses what it cannot vouch for. A first run is free to start the workspace that serves it.
   */
  readonly repeat: boolean
  /** Why the effect is being interrupted; read only then. */
  readonly stopping: () => "user" | "shutdown"
  /** The chat's workspace, dialed on first use and kept for the step. Creates one where the template says `auto_workspace`. */
  readonly workspace: Effect.Effect<WorkspaceConnection, WorkspaceError>
}

export interface ToolOutcome {
  readonly result: unknown
  readonly isError: boolean
}

export interface Tool {
  readonly name: string
  readonly description: string
  /** JSON Schema of the arguments, shown to the model. */
  readonly inputSchema: Readonly<Record<string, unknown>>
  readonly replay: Replay
  readonly run: (args: unknown, context: ToolContext) => Effect.Effect<ToolOutcome>
}
