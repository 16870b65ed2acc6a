import { Context, Effect, Layer, Schema } from "effect"
import type { LoadedChat } from "../../../db/chats/store/loaded-chat.ts"
import type { ChatMachineEvent } from "../../../machines/chat-events.ts"
import type { AuditEntry } from "../../../db/audit/audit-row.ts"
import { entryBy } from "../../../identity/audit/audit.ts"
import { chatTarget } from "../../../identity/audit/audited.ts"
import { answerCalls, ToolResultsMismatch } from "./answer-calls.ts"
import { changeQueued } from "./change-queued.ts"
import { clear } from "./clear.ts"
import type { Audited, Command, CommandResult } from "./command.ts"
import { CommandReads } from "./command-reads.ts"
import { compact } from "./compact.ts"
import { decideApprovals } from "./decide-approvals.ts"
import { deleteQueued } from "./delete-queued.ts"
import { editMessage, MessageGone } from "./edit-message.ts"
import { NothingToForget } from "./forgetting.ts"
import { interrupt } from "./interrupt.ts"
import { permit } from "./permission.ts"
import { promoteQueued } from "./promote-queued.ts"
import { QueuedMessageGone } from "./queued-message.ts"
import { KeyReused, Repeated } from "./receipt.ts"
import {
  ChatForbidden,
  ChatGone,
  ChatHidden,
  ChatInvalid,
  ChatUnavailable,
  CommandRefused,
  InvalidInput,
} from "./refusals.ts"
import { retry } from "./retry.ts"
import { sendMessage } from "./send-message.ts"
import { setMode } from "./set-mode.ts"
import { setToolPolicy } from "./set-tool-policy.ts"
import { stopCall, ToolCallGone } from "./stop-call.ts"

/** All commands of a chat. The creation of one and the repair of one that has no actor are no commands: see `ChatHost`. */
const commands = {
  SendMessage: sendMessage,
  EditMessage: editMessage,
  DeleteQueued: deleteQueued,
  ChangeQueued: changeQueued,
  PromoteQueued: promoteQueued,
  Interrupt: interrupt,
  Retry: retry,
  DecideApprovals: decideApprovals,
  AnswerCalls: answerCalls,
  Compact: compact,
  Clear: clear,
  SetMode: setMode,
  SetToolPolicy: setToolPolicy,
  StopCall: stopCall,
}

type Commands = typeof commands
type Name = keyof Commands
type FieldsOf = { readonly [N in Name]: Schema.Schema.Type<Commands[N]["fields"]> }

export type ChatCommand<N extends Name = Name> = { [Each in N]: Command<Each, FieldsOf[Each]> }[N]

/** A command with this schema is plain JSON. */
export const ChatCommand = Schema.Union(
  sendMessage.schema,
  editMessage.schema,
  deleteQueued.schema,
  changeQueued.schema,
  promoteQueued.schema,
  interrupt.schema,
  retry.schema,
  decideApprovals.schema,
  answerCalls.schema,
  compact.schema,
  clear.schema,
  setMode.schema,
  setToolPolicy.schema,
  stopCall.schema,
)

/** The owner of the chat cannot read the command: it was written by another version of the server. Nothing happened. */
export class CommandUnreadable extends Schema.TaggedError<CommandUnreadable>()("CommandUnreadable", {
  /** Paths to what is wrong in it; never what stands there. */
  detail: Schema.String,
}) {}

/** All that may become of a command but its result. */
export const CommandFailure = Schema.Union(
  ChatHidden,
  ChatForbidden,
  KeyReused,
  Repeated,
  InvalidInput,
  MessageGone,
  NothingToForget,
  QueuedMessageGone,
  ToolResultsMismatch,
  ToolCallGone,
  CommandRefused,
  ChatGone,
  ChatInvalid,
  ChatUnavailable,
  CommandUnreadable,
)
export type CommandFailure = typeof CommandFailure.Type

/** From whoever asks to the chat's owner, and back. */
export type SendCommand = (command: ChatCommand) => Effect.Effect<CommandResult, CommandFailure>

type Deciders = {
  readonly [N in Name]: {
    readonly permission: "update" | "converse" | "approve"
    readonly decide: (
      state: LoadedChat,
      command: ChatCommand<N>,
    ) => Effect.Effect<ChatMachineEvent, CommandFailure, CommandReads>
    readonly audited?: (state: LoadedChat, fields: FieldsOf[N]) => Audited
  }
}
const deciders: Deciders = commands

const decide = <N extends Name>(state: LoadedChat, command: ChatCommand<N>) =>
  Effect.gen(function* () {
    const { permission, decide: decideState } = deciders[command.type]
    yield* permit(command.caller, permission, state.row)
    yield* (yield* CommandReads).notRepeated(command.receipt)
    return yield* decideState(state, command)
  })

/** What is written down of a command with its commit; undefined for one that changes nothing of what the audit log tells of. */
export const auditOf = <N extends Name>(state: LoadedChat, command: ChatCommand<N>): AuditEntry | undefined => {
  const { acting, fields, type } = command
  const audited = deciders[type].audited?.(state, fields)
  if (acting === undefined || audited === undefined) return undefined
  const { id, organization_id: organizationId } = state.row
  return entryBy(acting, { type: "chat", id, target: chatTarget(id), organizationId, action: "write", ...audited })
}

/** What a command means for a chat in a state: asked by the chat's owner, in the order access, receipt, state. */
export class CommandDecider extends Context.Tag("troupe/CommandDecider")<
  CommandDecider,
  {
    readonly decide: (state: LoadedChat, command: ChatCommand) => Effect.Effect<ChatMachineEvent, CommandFailure>
  }
>() {
  static readonly layer = Layer.effect(
    CommandDecider,
    Effect.map(CommandReads, (reads) => ({
      decide: (state: LoadedChat, command: ChatCommand) =>
        decide(state, command).pipe(Effect.provideService(CommandReads, reads)),
    })),
  )
}
