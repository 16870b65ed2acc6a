import { type Effect, Schema } from "effect"
import {
  ChatId,
  type GroupId,
  type OrganizationId,
  type SessionKeyId,
  type UserId,
  asWritten,
} from "../../../contract/ids.ts"
import type { CommandReceipt as StoredReceipt } from "../../../db/chats/store/receipt.ts"
import type { LoadedChat } from "../../../db/chats/store/loaded-chat.ts"
import type { MessageRow, QueuedRow } from "../../../db/chats/rows.ts"
import type { AuditedRow } from "../../../identity/audit/audited.ts"
import type { Acting } from "../../../identity/origin.ts"
import type { Caller, ChatAction, CustomRole } from "../../../identity/policy.ts"
import { WORKSPACE_SHARING } from "../../../identity/roles.ts"
import type { ChatMachineEvent } from "../../../machines/chat-events.ts"
import type { CommandReads } from "./command-reads.ts"
import { CommandReceipt } from "./receipt.ts"

/** What is asked of a chat, as data: it may come from another process than the one that has the chat. */

/** Where a command goes, and for whom. */
export interface Envelope {
  readonly chatId: ChatId
  /** Judged by the chat's owner as well: it takes nobody's word for what somebody may do. */
  readonly caller: Caller
  /** Left by the commit of the transition; null without an Idempotency-Key. */
  readonly receipt: StoredReceipt | null
  /** Who is behind it, for the record; left out where nobody is told of it. */
  readonly acting?: Acting
}

export interface Command<Name extends string, Fields> extends Envelope {
  readonly type: Name
  readonly fields: Fields
}

/** Message rows and queued messages that a command wrote. */
export interface Written {
  readonly inserted: ReadonlyArray<MessageRow>
  readonly queued: ReadonlyArray<QueuedRow>
}

export interface CommandResult extends Written {
  /** Of the chat, after the transition. */
  readonly version: number
}

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

const CallerFields: Schema.Schema<Caller> = Schema.Struct({
  userId: asWritten<UserId>(),
  username: Schema.String,
  siteRoles: Schema.Array(Schema.String),
  organizations: Schema.Array(
    Schema.Struct({
      id: asWritten<OrganizationId>(),
      roles: Schema.Array(Schema.String),
      groups: optional(Schema.Array(asWritten<GroupId>())),
      sharing: optional(Schema.Literal(...WORKSPACE_SHARING)),
    }),
  ),
  serviceAccount: optional(Schema.Boolean),
  scopes: optional(Schema.Array(Schema.String)),
  /** Made by our own sign-in, so that what it says need not be read again. */
  customRoles: optional(Schema.Array(Schema.Any as Schema.Schema<CustomRole>)),
})

const ActingFields: Schema.Schema<Acting> = Schema.Struct({
  kind: Schema.Literal("person", "token", "service_account", "agent", "automation", "system"),
  userId: Schema.NullOr(asWritten<UserId>()),
  username: Schema.String,
  tokenId: Schema.NullOr(asWritten<SessionKeyId>()),
  requestId: Schema.NullOr(Schema.String),
  ip: Schema.NullOr(Schema.String),
  userAgent: Schema.NullOr(Schema.String),
})

/** What of the chat a command changes that the audit log tells of. */
export interface Audited {
  readonly before: AuditedRow<"chat">
  readonly after: AuditedRow<"chat">
}

/** One kind of command: each file of this folder that has the name of one exports one. `chat-command.ts` lists them. */
export const command = <const Name extends string, Fields, Encoded, Refusal, Answer>(definition: {
  readonly name: Name
  /** Plain JSON in its encoded form. */
  readonly fields: Schema.Schema<Fields, Encoded>
  readonly permission: Extract<ChatAction, "update" | "converse" | "approve">
  /**
   * By the chat's owner, in the mailbox, on the rows that the transition will start from. What the machine refuses by itself need not
   * be refused here, only what it cannot know.
   */
  readonly decide: (
    state: LoadedChat,
    command: { readonly caller: Caller; readonly fields: Fields },
  ) => Effect.Effect<ChatMachineEvent, Refusal, CommandReads>
  /** Of the rows that the transition starts from; left out for what belongs to the conversation, which the journal tells of. */
  readonly audited?: (state: LoadedChat, fields: Fields) => Audited
  /** For the caller, of the rows that were written: by this command, or by the first one of the same key. */
  readonly answer: (written: Written) => Answer
}) => ({
  ...definition,
  schema: Schema.Struct({
    type: Schema.Literal(definition.name),
    chatId: ChatId,
    caller: CallerFields,
    receipt: Schema.NullOr(CommandReceipt),
    acting: optional(ActingFields),
    fields: definition.fields,
  }),
  of: (envelope: Envelope, fields: Fields): Command<Name, Fields> => ({ type: definition.name, ...envelope, fields }),
})

/** The answer of a command whose caller is told only that it was carried out. */
export const carriedOut = (): void => undefined
