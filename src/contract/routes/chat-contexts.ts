import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Chat } from "../chats.ts"
import { Conflict, Forbidden, NotFound } from "../errors.ts"
import { ReceiptBy, TokenScope } from "./access.ts"
import { ChatId } from "../ids.ts"

const ChatPath = Schema.Struct({ chat: ChatId })

/** What of a chat's history goes to the model. */
export const ChatContextsRoutes = HttpApiGroup.make("chatContexts")
  .annotate(TokenScope, "chat")
  .annotate(ReceiptBy, "handler")
  .add(
    HttpApiEndpoint.post("compactChat", "/chats/:chat/compact")
      .setPath(ChatPath)
      .addSuccess(Chat)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.post("clearChat", "/chats/:chat/clear")
      .setPath(ChatPath)
      .addSuccess(Chat)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
