import { Effect, Either, JSONSchema, ParseResult, Predicate, Schema } from "effect"
import type { CallIdentity, WorkspaceConnection, WorkspaceError } from "../workspaces/workspace.ts"
import type { Replay, Tool, ToolContext, ToolOutcome } from "./tool.ts"

/** What the tools of a workspace have in common: reading arguments, dialing, and telling the model what went wrong. */

export const succeeded = (result: object): ToolOutcome => ({ result, isError: false })

export const failed = (error: string, more: object = {}): ToolOutcome => ({
  result: { success: false, ...more, error },
  isError: true,
})

/** A repeat says how old its call is; a first run says 0, since no workspace can have seen it. */
export const identityOf = (context: ToolContext): CallIdentity => ({
  chatId: context.chatId,
  messageId: context.messageId,
  toolCallId: context.toolCallId,
  callAgeMs: context.repeat ? Math.max(1, context.callAgeMs) : 0,
})

const OUTCOME_UNKNOWN =
  "It is not known whether this call took effect. Look at the present state of the workspace before you repeat it."

/** Nobody told what became of the call. */
const unsureReasons: ReadonlySet<WorkspaceError["reason"]> = new Set(["unreachable", "unreadable"])

/** The workspace knows no more of the call than we do, or knows it otherwise than it is now. */
const unsureCodes: ReadonlySet<WorkspaceError["code"]> = new Set([
  "agent_started_after_tool_call",
  "stale_tool_call",
  "input_mismatch",
])

const explain = (error: WorkspaceError, replay: Replay): ToolOutcome => {
  const unsure = replay === "recorded" && (unsureReasons.has(error.reason) || unsureCodes.has(error.code))
  return unsure ? failed(`${error.message} ${OUTCOME_UNKNOWN}`, { outcome: "unknown" }) : failed(error.message)
}

export const outcomeUnknown = (message: string): ToolOutcome =>
  failed(`${message} ${OUTCOME_UNKNOWN}`, { outcome: "unknown" })

/** Every problem with the name of its field, in one sentence each. */
const problemsOf = (error: ParseResult.ParseError): string =>
  ParseResult.ArrayFormatter.formatErrorSync(error)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`))
    .join("; ")

/** Models send null where they mean nothing. */
const withoutNulls = (args: unknown): unknown =>
  Predicate.isRecord(args) ? Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null)) : args

const inputSchemaOf = <A, I>(schema: Schema.Schema<A, I>): Readonly<Record<string, unknown>> => {
  const { $schema: _, ...rest } = JSONSchema.make(schema)
  return rest
}

export interface WorkspaceTool<A, I> {
  readonly name: string
  readonly description: string
  readonly args: Schema.Schema<A, I>
  readonly replay: Replay
  /** Puts other forms of the arguments, which models also send, into the declared one. */
  readonly normalize?: (args: unknown) => unknown
  readonly run: (
    args: A,
    workspace: WorkspaceConnection,
    context: ToolContext,
  ) => Effect.Effect<ToolOutcome, WorkspaceError>
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

export const defineTool = <A, I>(tool: WorkspaceTool<A, I>): Tool => {
  const decode = Schema.decodeUnknownEither(tool.args, { errors: "all" })
  return {
    name: tool.name,
    description: tool.description,
    inputSchema: inputSchemaOf(tool.args),
    replay: tool.replay,
    run: Effect.fn(`Tools.${tool.name}`)(function* (given, context) {
      const args = decode(withoutNulls(tool.normalize === undefined ? given : tool.normalize(given)))
      if (Either.isLeft(args)) return failed(`Invalid arguments for ${tool.name}. ${problemsOf(args.left)}`)
      const dialed = yield* Effect.either(context.workspace)
      if (Either.isLeft(dialed)) return failed(dialed.left.message)
      const workspace = dialed.right
      const outcome = yield* tool
        .run(args.right, workspace, context)
        .pipe(Effect.catchTag("WorkspaceError", (error) => Effect.succeed(explain(error, tool.replay))))
      return announce(outcome, workspace)
    }),
  }
}
