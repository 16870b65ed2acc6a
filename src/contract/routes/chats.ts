import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import {
  AttemptsResponse,
  Chat,
  CreateChatRequest,
  InterruptRequest,
  MessagesResponse,
  RetryRequest,
  SendMessageRequest,
  SendMessageResponse,
} from "../chats.ts"
import { Conflict, Forbidden, NotFound, TooMany } from "../errors.ts"
import { BodyLimit, CHAT_BODY_BYTES, ReceiptBy, TokenScope } from "./access.ts"
import { ChatId, MessageIdInUrl } from "../ids.ts"

const ChatPath = Schema.Struct({ chat: ChatId })

export const ChatsRoutes = HttpApiGroup.make("chats")
  .annotate(TokenScope, "chat")
  .annotate(ReceiptBy, "handler")
  .add(
    HttpApiEndpoint.post("createChat", "/chats")
      .setPayload(CreateChatRequest)
      .addSuccess(Chat, { status: 201 })
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict)
      .annotate(BodyLimit, CHAT_BODY_BYTES),
  )
  .add(
    HttpApiEndpoint.get("listChats", "/chats")
      .setUrlParams(
        Schema.Struct({
          limit: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 200))),
          offset: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative())),
          after_id: Schema.optional(ChatId),
          /** `archived:true` for archived chats, `status:running,pending`, `title:"a piece of it"`. */
          q: Schema.optional(Schema.String),
          /** `key:value`; given several times, a chat must have all of them. */
          label: Schema.optional(Schema.Union(Schema.String, Schema.Array(Schema.String))),
          /** With each chat what a card of a board says of it. */
          include: Schema.optional(Schema.Literal("board")),
        }),
      )
      .addSuccess(Schema.Array(Chat)),
  )
  .add(HttpApiEndpoint.get("getChat", "/chats/:chat").setPath(ChatPath).addSuccess(Chat).addError(NotFound))
  .add(
    HttpApiEndpoint.get("listMessages", "/chats/:chat/messages")
      .setPath(ChatPath)
      .setUrlParams(
        Schema.Struct({
          before_id: Schema.optional(MessageIdInUrl),
          after_id: Schema.optional(MessageIdInUrl),
          limit: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 200))),
        }),
      )
      .addSuccess(MessagesResponse)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.post("sendMessage", "/chats/:chat/messages")
      .setPath(ChatPath)
      .setPayload(SendMessageRequest)
      .addSuccess(SendMessageResponse)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict)
      .addError(TooMany)
      .annotate(BodyLimit, CHAT_BODY_BYTES),
  )
  .add(
    HttpApiEndpoint.post("interruptChat", "/chats/:chat/interrupt")
      .setPath(ChatPath)
      .setPayload(InterruptRequest)
      .addSuccess(Chat)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.post("retryTurn", "/chats/:chat/retry")
      .setPath(ChatPath)
      .setPayload(RetryRequest)
      .addSuccess(Chat)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.get("listAttempts", "/chats/:chat/attempts")
      .setPath(ChatPath)
      .addSuccess(AttemptsResponse)
      .addError(NotFound),
  )
