import { Context, Effect, Either, Predicate } from "effect"
import type { CallIdentity, WorkspaceConnection, WorkspaceError } from "../workspaces/workspace.ts"
import { defineTool, failed, outcomeUnknown, type ToolSpec } from "./define-tool.ts"
import type { Replay, ServerTool, ToolContext, ToolOutcome } from "./tool.ts"

/** What the tools of a workspace have in common: dialing it, and telling the model what it said. */

/** The workspace of the chat whose step it is: dialed on first use, and kept for the step. */
export class StepWorkspace extends Context.Tag("troupe/StepWorkspace")<
  StepWorkspace,
  Effect.Effect<WorkspaceConnection, WorkspaceError>
>() {}

/** A repeat says how old its call is; a first run says 0, since no workspace can have seen it. */
export const identityOf = (context: ToolContext): CallIdentity => ({
  chatId: context.chatId,
  messageId: context.messageId,
  toolCallId: context.toolCallId,
  callAgeMs: context.repeat ? Math.max(1, context.callAgeMs) : 0,
})

/** Nobody told what became of the call. */
const unsureReasons: ReadonlySet<WorkspaceError["reason"]> = new Set(["unreachable", "unreadable"])

/** The workspace knows no more of the call than we do, or knows it otherwise than it is now. */
const unsureCodes: ReadonlySet<WorkspaceError["code"]> = new Set([
  "agent_started_after_tool_call",
  "stale_tool_call",
  "input_mismatch",
])

const explain = (error: WorkspaceError, replay: Replay): ToolOutcome => {
  const unsure = replay === "reattach" && (unsureReasons.has(error.reason) || unsureCodes.has(error.code))
  return unsure ? outcomeUnknown(error.message) : failed(error.message)
}

/** Names the workspace that this call has brought into being, in the result, where the transcript shows it. */
const announce = (outcome: ToolOutcome, { created, notice }: WorkspaceConnection): ToolOutcome =>
  created === undefined || !Predicate.isRecord(outcome.result)
    ? outcome
    : {
        ...outcome,
        result: {
          ...outcome.result,
          workspace_created: created.name,
          ...(notice === undefined ? {} : { workspace_notice: notice }),
        },
      }

interface WorkspaceToolSpec<A, I> extends Omit<ToolSpec<A, I, never>, "run" | "stop"> {
  readonly run: (
    args: A,
    workspace: WorkspaceConnection,
    context: ToolContext,
  ) => Effect.Effect<ToolOutcome, WorkspaceError>
  /** As of a tool; a workspace that cannot be asked says so in what is left. */
  readonly stop?: (workspace: WorkspaceConnection, context: ToolContext) => Effect.Effect<object, WorkspaceError>
}

/** The person may have to look after it himself. */
const notEnded = ({ message }: WorkspaceError) => ({ note: `It may go on in the workspace. ${message}` })

const stopIn =
  (stop: NonNullable<WorkspaceToolSpec<never, never>["stop"]>): NonNullable<ServerTool<StepWorkspace>["stop"]> =>
  (_, context) =>
    Effect.flatten(StepWorkspace).pipe(
      Effect.flatMap((workspace) => stop(workspace, context)),
      Effect.catchTag("WorkspaceError", (error) => Effect.succeed(notEnded(error))),
    )

export const defineWorkspaceTool = <A, I>({ stop, ...tool }: WorkspaceToolSpec<A, I>): ServerTool<StepWorkspace> =>
  defineTool<A, I, StepWorkspace>({
    ...tool,
    ...(stop !== undefined && { stop: stopIn(stop) }),
    run: Effect.fnUntraced(function* (args: A, context: ToolContext) {
      const dialed = yield* Effect.either(yield* StepWorkspace)
      if (Either.isLeft(dialed)) return failed(dialed.left.message)
      const workspace = dialed.right
      const outcome = yield* tool
        .run(args, workspace, context)
        .pipe(Effect.catchTag("WorkspaceError", (error) => Effect.succeed(explain(error, tool.replay))))
      return announce(outcome, workspace)
    }),
  })
