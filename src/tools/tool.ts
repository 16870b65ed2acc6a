import type { Effect } from "effect"
import type { ChatId, MessageId, ToolCallId } from "../contract/ids.ts"
import type { ToolCallPart } from "../contract/parts.ts"
import type { ProviderTool, ToolDefinition } from "../providers/provider.ts"

/**
 * What a tool is, whichever source has it. It says itself who runs it, whether it only reads and how a call of it is repeated;
 * what is made of that is decided by what it says, and never by its name.
 *
 * A tool never fails the turn. What the model can act on (bad arguments, a missing file, no workspace) is an outcome with
 * `isError`; a throw becomes one, too. When the effect is interrupted, `stopping` says whether the work ends (the user stopped the turn)
 * or goes on without us (this owner of the chat ends, and the next re-attaches).
 */

/**
 * What becomes of a call that may have acted already, because the server went down under it. `again`: it runs once more, since a
 * repeat does no harm. `reattach`: it goes out once more under the same id, and whoever carried it out answers from its record.
 * `unknown`: it does not run, and the model is told that nobody knows.
 */
export type Replay = "again" | "reattach" | "unknown"

/** Shows people text of a call that goes on. `anew`: it takes the place of all that was shown of this call. Costs no more than the text. */
export type ShowLive = (text: string, how: "more" | "anew") => void

/** The one call that is to be run. */
export interface ToolContext {
  readonly chatId: ChatId
  /** Row id of the assistant message that made the call. */
  readonly messageId: MessageId
  /** Our identity of the call: it goes down to the process. */
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
  /** Not for the model: what it is told is the outcome. */
  readonly show: ShowLive
}

export interface ToolOutcome {
  readonly result: unknown
  readonly isError: boolean
}

/** What people are shown of a call beside its arguments. */
export type CallDescription = Pick<ToolCallPart, "parsed_commands" | "mcp_server_config_id">

/** A tool that the server runs. What it needs beside its call are services, which its source has. */
export interface ServerTool<Needs = never> extends ToolDefinition {
  readonly runBy: "server"
  /** It changes nothing, whatever its arguments. */
  readonly reads: boolean
  /** Whether turns that only look around have it, where that is not the same as `reads`. */
  readonly whileReading?: boolean
  readonly replay: Replay
  readonly run: (args: unknown, context: ToolContext) => Effect.Effect<ToolOutcome, never, Needs>
  /**
   * A person has stopped this one call: ends what `run` has begun, which was interrupted or belonged to an earlier server, and tells
   * what is left of it. Absent where nothing is left but the interrupted work itself.
   */
  readonly stop?: (args: unknown, context: ToolContext) => Effect.Effect<object, never, Needs>
  readonly describe?: (args: unknown) => CallDescription
  /**
   * The line for the shell that is all the call runs. Undefined where the arguments cannot be read, or where another of them changes
   * what the line means: rules about commands are then not sure of the call.
   */
  readonly commandOf?: (args: unknown) => string | undefined
}

/** A tool that a program declared with the chat, and runs itself. */
export interface ClientTool extends ToolDefinition {
  readonly runBy: "client"
}

/** A tool that the provider runs while it answers; the model config says how. */
export interface NativeTool {
  readonly runBy: "provider"
  readonly name: ProviderTool
}

export type Tool = ServerTool | ClientTool | NativeTool
