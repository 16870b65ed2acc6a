import { Schema } from "effect"

/** An id, in lower case however it came in: it is the name of actors, locks and receipts, where case counts, not of rows only. */
export const Uuid = Schema.transform(Schema.UUID, Schema.UUID, {
  strict: true,
  decode: (id) => id.toLowerCase(),
  encode: (id) => id,
})

/** Stands for none, where a field that is left out means something else. */
export const ZERO_UUID = "00000000-0000-0000-0000-000000000000"

declare const kind: unique symbol

/**
 * Text or a number that names a thing of one kind. Plain text may become an id of any kind, but an id of one kind never passes for
 * one of another. Nothing of it is there at run time.
 */
type Flavour<Plain extends string | number, Kind extends string> = Plain & { readonly [kind]?: Kind }

export type UserId = Flavour<string, "UserId">
export type OrganizationId = Flavour<string, "OrganizationId">
/** The group of everyone in an organization has the organization's own id. */
export type GroupId = Flavour<string, "GroupId">
/** Of a key that a session or an API token is: the part of it that is no secret. */
export type SessionKeyId = Flavour<string, "SessionKeyId">
/** Of a key of the ring: it stands in every envelope that was made with it. */
export type EncryptionKeyId = Flavour<string, "EncryptionKeyId">
/** Of a server process. */
export type ServerInstanceId = Flavour<string, "ServerInstanceId">
export type ProviderId = Flavour<string, "ProviderId">
export type ModelConfigId = Flavour<string, "ModelConfigId">
export type McpServerId = Flavour<string, "McpServerId">
export type TemplateId = Flavour<string, "TemplateId">
export type WorkspaceId = Flavour<string, "WorkspaceId">
export type BuildId = Flavour<string, "BuildId">
export type AgentId = Flavour<string, "AgentId">
export type ChatId = Flavour<string, "ChatId">
/** A positive 64-bit integer; the order of ids is that of the transcript. */
export type MessageId = Flavour<number, "MessageId">
export type QueuedMessageId = Flavour<number, "QueuedMessageId">
/** Ours: the row of `tool_calls`, and the name of the process that the call starts. On the wire `id`, in code `toolCallId`. */
export type ToolCallId = Flavour<string, "ToolCallId">
/** The provider's, by which the model knows its call. Any text. On the wire `tool_call_id`, in code `providerCallId`. */
export type ProviderCallId = Flavour<string, "ProviderCallId">

/** The same schema for every kind, so that the documents of the API show what they always did. */
const uuid = <Id extends string>() => Schema.make<Id>(Uuid.ast)
const wholeNumber = <Id extends number>() => Schema.make<Id>(Schema.Int.ast)

/** For what one of our own processes tells another: the id was read when it came in, and is not read again. */
export const asWritten = <Id extends string>() => Schema.make<Id>(Schema.String.ast)

export const UserId = uuid<UserId>()
export const OrganizationId = uuid<OrganizationId>()
export const GroupId = uuid<GroupId>()
export const ServerInstanceId = uuid<ServerInstanceId>()
export const ProviderId = uuid<ProviderId>()
export const ModelConfigId = uuid<ModelConfigId>()
export const McpServerId = uuid<McpServerId>()
export const WorkspaceId = uuid<WorkspaceId>()
export const BuildId = uuid<BuildId>()
export const AgentId = uuid<AgentId>()
export const ChatId = uuid<ChatId>()
export const MessageId = wholeNumber<MessageId>()
export const QueuedMessageId = wholeNumber<QueuedMessageId>()
/** Ids of rows as they stand in a path or a query. */
const PositiveNumber = Schema.NumberFromString.pipe(Schema.int(), Schema.positive())
export const MessageIdInUrl = Schema.make<MessageId, string>(PositiveNumber.ast)
export const QueuedMessageIdInUrl = Schema.make<QueuedMessageId, string>(PositiveNumber.ast)
export const ToolCallId = uuid<ToolCallId>()
export const ProviderCallId = asWritten<ProviderCallId>()
