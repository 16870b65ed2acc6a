import { Schema } from "effect"
import { describe, expect, expectTypeOf, it } from "vitest"
import type { MessageRow, QueuedRow, ToolCallRow } from "../db/chats/rows.ts"
import type { Caller } from "../identity/policy.ts"
import type { NewMessage, NewToolCall } from "../machines/chat-events.ts"
import type { StreamEvent } from "../providers/provider.ts"
import type { ToolContext } from "../tools/tool.ts"
import type { CallIdentity } from "../workspaces/workspace.ts"
import { type Chat, Message, QueuedMessage } from "./chats.ts"
import {
  ChatId,
  type MessageId,
  MessageIdInUrl,
  type ModelConfigId,
  type OrganizationId,
  type ProviderCallId,
  type ProviderId,
  type QueuedMessageId,
  ToolCallId,
  type UserId,
  Uuid,
  type WorkspaceId,
} from "./ids.ts"
import type { ToolCallPart, ToolResultPart } from "./parts.ts"
import type { Approval } from "./tool-policy.ts"

/** Checked by the compiler: an assertion about types that does not hold does not compile. */
describe("an id of one kind", () => {
  it("is never taken for one of another", () => {
    expectTypeOf<UserId>().not.toExtend<ChatId>()
    expectTypeOf<ChatId>().not.toExtend<UserId>()
    expectTypeOf<OrganizationId>().not.toExtend<UserId>()
    expectTypeOf<WorkspaceId>().not.toExtend<ChatId>()
    expectTypeOf<ModelConfigId>().not.toExtend<ProviderId>()
    expectTypeOf<ToolCallId>().not.toExtend<ProviderCallId>()
    expectTypeOf<ProviderCallId>().not.toExtend<ToolCallId>()
    expectTypeOf<MessageId>().not.toExtend<QueuedMessageId>()
    expectTypeOf<QueuedMessageId>().not.toExtend<MessageId>()
  })

  it("is text or a number, and plain text or a plain number may become one", () => {
    expectTypeOf<ChatId>().toExtend<string>()
    expectTypeOf<string>().toExtend<ChatId>()
    expectTypeOf<"5f3c9a52-9f4e-4f0e-8b1c-0a4a7e6a2f11">().toExtend<UserId>()
    expectTypeOf<MessageId>().toExtend<number>()
    expectTypeOf<number>().toExtend<MessageId>()
    expectTypeOf<string>().not.toExtend<MessageId>()
  })

  it("keeps its kind where it stands beside others", () => {
    expectTypeOf<Chat["owner_id"]>().not.toExtend<Chat["id"]>()
    expectTypeOf<Chat["organization_id"]>().not.toExtend<Chat["owner_id"]>()
    expectTypeOf<Chat["last_model_config_id"]>().not.toExtend<Chat["id"]>()
    expectTypeOf<Caller["userId"]>().not.toExtend<Caller["organizations"][number]["id"]>()
    expectTypeOf<MessageRow["created_by"]>().not.toExtend<MessageRow["model_config_id"]>()
    expectTypeOf<QueuedRow["id"]>().not.toExtend<MessageRow["id"]>()
    expectTypeOf<ToolCallRow["chat_id"]>().not.toExtend<ToolCallRow["id"]>()
  })
})

describe("our id of a tool call and the provider's", () => {
  it("are not swapped between what the model says, what is recorded and what a tool is told", () => {
    expectTypeOf<ToolCallRow["provider_call_id"]>().not.toExtend<ToolCallRow["id"]>()
    expectTypeOf<NewToolCall["providerCallId"]>().not.toExtend<NewToolCall["id"]>()
    expectTypeOf<Approval["tool_call_id"]>().not.toExtend<Approval["id"]>()
    for (const ours of [expectTypeOf<ToolContext["toolCallId"]>(), expectTypeOf<CallIdentity["toolCallId"]>()]) {
      ours.toExtend<ToolCallRow["id"]>()
      ours.not.toExtend<ToolCallPart["tool_call_id"]>()
    }
    expectTypeOf<NonNullable<NewMessage["toolCallIds"]>[number]>().not.toExtend<ProviderCallId>()
  })

  it("are the provider's in every part, and in its stream", () => {
    expectTypeOf<ToolCallPart["tool_call_id"]>().not.toExtend<ToolCallId>()
    expectTypeOf<ToolResultPart["tool_call_id"]>().not.toExtend<ToolCallId>()
    expectTypeOf<Extract<StreamEvent, { type: "tool-call-delta" }>["id"]>().not.toExtend<ToolCallId>()
  })
})

describe("ids that come in", () => {
  it("are decoded the same whatever they are of: in lower case", () => {
    const given = "5F3C9A52-9F4E-4F0E-8B1C-0A4A7E6A2F11"
    for (const schema of [Uuid, ChatId, ToolCallId]) {
      expect(Schema.decodeUnknownSync<string, string>(schema)(given)).toBe(given.toLowerCase())
      expect(Schema.decodeUnknownEither<string, string>(schema)("7")._tag).toBe("Left")
    }
  })

  it("of messages are whole numbers, positive ones in an address", () => {
    const inUrl = Schema.decodeUnknownEither(MessageIdInUrl)
    expect(["7", "0", "-1", "1.5", "seven", ""].map((text) => inUrl(text)._tag)).toEqual([
      "Right",
      ...Array.from({ length: 5 }, () => "Left"),
    ])
    expect(Schema.decodeUnknownEither(Message.fields.id)(1.5)._tag).toBe("Left")
    expect(Schema.decodeUnknownEither(QueuedMessage.fields.id)(1.5)._tag).toBe("Left")
  })
})
