import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { ToolResultsRequest } from "../chats.ts"
import { Conflict, Forbidden, NotFound } from "../errors.ts"
import { BodyLimit, CHAT_BODY_BYTES, ReceiptBy, TokenScope } from "./access.ts"
import { ChatId } from "../ids.ts"

/** Results of tools that the client executes itself. */
export const ClientToolsRoutes = HttpApiGroup.make("clientTools")
  .annotate(TokenScope, "chat")
  .annotate(ReceiptBy, "handler")
  .add(
    HttpApiEndpoint.post("submitToolResults", "/chats/:chat/tool-results")
      .setPath(Schema.Struct({ chat: ChatId }))
      .setPayload(ToolResultsRequest)
      .addSuccess(Schema.Void, { status: 204 })
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict)
      .annotate(BodyLimit, CHAT_BODY_BYTES),
  )
