import { Data, type Effect } from "effect"
import type {
  EditedFile,
  FileEdits,
  FileLines,
  OutputPiece,
  ProcessInfo,
  ProcessOutput,
  ProcessSignal,
  RefusalCode,
  StartProcess,
} from "../../workspace-agent/src/protocol.ts"
import type { ChatId, MessageId, ToolCallId, WorkspaceId } from "../contract/ids.ts"

export type { OutputPiece, ProcessOutput }

/** What a workspace answers to, whichever driver runs it. What an agent says follows `workspace-agent/src/protocol.ts`. */

/** `reason` tells a program what to do, `message` tells the model. */
export class WorkspaceError extends Data.TaggedError("WorkspaceError")<{
  readonly operation: string
  /** `unreadable`: it answered, and not in the protocol, so what it did is not known. */
  readonly reason:
    | "no_workspace"
    | "stopped"
    | "unreachable"
    | "unreadable"
    | "refused"
    | "not_found"
    | "conflict"
    | "failed"
  readonly message: string
  readonly code?: RefusalCode
}> {}

/** Sent with every call made for a tool, so that the agent answers a repeat from its record instead of acting twice. */
export interface CallIdentity {
  readonly chatId: ChatId
  readonly messageId: MessageId
  /** A uuid. The process that the call starts has it as its id. */
  readonly toolCallId: ToolCallId
  /** Milliseconds since the call may first have reached a workspace; 0 when no run of it has come that far. */
  readonly callAgeMs: number
}

export interface StartedProcess {
  readonly id: string
  /** False when the answer comes from the workspace's record: the process was started by an earlier run of the call. */
  readonly started: boolean
  /** Milliseconds since the process was started; 0 for a fresh one. */
  readonly runAgeMs: number
}

export interface WorkspaceConnection {
  readonly workspaceId: WorkspaceId
  /** Absolute folder that relative work starts from. */
  readonly directory: string
  /** Set when this very call created the workspace: shown to the model and in the transcript. */
  readonly created?: { readonly name: string }
  /** A visible remark about the workspace, such as that commands run without a sandbox. */
  readonly notice?: string
  readonly readFileLines: (
    path: string,
    options: { offset: number; limit: number },
  ) => Effect.Effect<FileLines, WorkspaceError>
  readonly writeFile: (identity: CallIdentity, path: string, content: string) => Effect.Effect<void, WorkspaceError>
  readonly editFiles: (
    identity: CallIdentity,
    files: ReadonlyArray<FileEdits>,
  ) => Effect.Effect<ReadonlyArray<EditedFile>, WorkspaceError>
  /** The process id is the call's id: a repeat re-attaches to the same process. */
  readonly startProcess: (
    identity: CallIdentity,
    request: StartProcess,
  ) => Effect.Effect<StartedProcess, WorkspaceError>
  /** Waits until the process ends or `waitMs` is over (0 = a snapshot now); chunks longer waits itself. */
  readonly processOutput: (
    chatId: ChatId,
    processId: string,
    waitMs: number,
  ) => Effect.Effect<ProcessOutput, WorkspaceError>
  /**
   * The output of a running process after so many bytes of it, of at most `most` bytes in UTF-8: with the next of it, or after
   * `waitMs`, which is at most 5 minutes. Fails with `not_found` where the workspace's agent is older than this.
   */
  readonly followProcess: (
    chatId: ChatId,
    processId: string,
    from: { readonly after: number; readonly most: number; readonly waitMs: number },
  ) => Effect.Effect<OutputPiece, WorkspaceError>
  readonly listProcesses: (
    chatId: ChatId,
  ) => Effect.Effect<{ processes: ReadonlyArray<ProcessInfo>; total: number }, WorkspaceError>
  readonly signalProcess: (
    identity: CallIdentity,
    processId: string,
    signal: ProcessSignal,
  ) => Effect.Effect<void, WorkspaceError>
  /**
   * The call must not start any more. What it has started is ended: TERM to the process group, KILL after a grace; the
   * answer comes when it is dead, within 5 s.
   */
  readonly cancelCall: (identity: CallIdentity) => Effect.Effect<void, WorkspaceError>
}
