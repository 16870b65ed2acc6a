import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { EditMessageRequest, EditMessageResponse, PromptsResponse } from "../chats.ts"
import { Conflict, Forbidden, NotFound } from "../errors.ts"
import { BodyLimit, CHAT_BODY_BYTES, ReceiptBy, TokenScope } from "./access.ts"
import { ChatId, MessageIdInUrl } from "../ids.ts"

/** What was said before: edited, and offered again. */
export const ChatHistoryRoutes = HttpApiGroup.make("chatHistory")
  .annotate(TokenScope, "chat")
  .annotate(ReceiptBy, "handler")
  .add(
    HttpApiEndpoint.patch("editMessage", "/chats/:chat/messages/:message")
      .setPath(
        Schema.Struct({
          chat: ChatId,
          message: MessageIdInUrl,
        }),
      )
      .setPayload(EditMessageRequest)
      .addSuccess(EditMessageResponse)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict)
      .annotate(BodyLimit, CHAT_BODY_BYTES),
  )
  .add(
    HttpApiEndpoint.get("listPrompts", "/chats/:chat/prompts")
      .setPath(Schema.Struct({ chat: ChatId }))
      .setUrlParams(
        Schema.Struct({ limit: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(0, 2000))) }),
      )
      .addSuccess(PromptsResponse)
      .addError(NotFound),
  )
