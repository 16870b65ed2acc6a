import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Conflict, Forbidden, NotFound } from "../errors.ts"
import { ChatId } from "../ids.ts"
import { ReceiptBy, TokenScope } from "./access.ts"

/** Single tool calls of a turn that goes on. `id` is the `tool_call_id` of the call's part, or the `id` of its approval. */
export const ToolCallsRoutes = HttpApiGroup.make("toolCalls")
  .annotate(TokenScope, "chat")
  .annotate(ReceiptBy, "handler")
  .add(
    HttpApiEndpoint.post("stopToolCall", "/chats/:chat/tool-calls/:id/stop")
      .setPath(Schema.Struct({ chat: ChatId, id: Schema.String }))
      .addSuccess(Schema.Void, { status: 204 })
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
