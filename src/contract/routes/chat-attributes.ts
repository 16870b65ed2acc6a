import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { PatchChatRequest } from "../chats.ts"
import { Conflict, Forbidden, NotFound } from "../errors.ts"
import { ReceiptBy, TokenScope } from "./access.ts"
import { ChatId } from "../ids.ts"

/** What a chat is called, how it is sorted, and whether it is put away. */
export const ChatAttributesRoutes = HttpApiGroup.make("chatAttributes")
  .annotate(TokenScope, "chat")
  .annotate(ReceiptBy, "handler")
  .add(
    HttpApiEndpoint.patch("patchChat", "/chats/:chat")
      .setPath(Schema.Struct({ chat: ChatId }))
      .setPayload(PatchChatRequest)
      .addSuccess(Schema.Void, { status: 204 })
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
