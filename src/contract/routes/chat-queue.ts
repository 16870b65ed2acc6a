import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { PatchQueuedMessageRequest, QueuedMessage } from "../chats.ts"
import { Conflict, Forbidden, NotFound } from "../errors.ts"
import { BodyLimit, CHAT_BODY_BYTES, ReceiptBy, TokenScope } from "./access.ts"
import { ChatId, QueuedMessageIdInUrl } from "../ids.ts"

const QueuedPath = Schema.Struct({
  chat: ChatId,
  queued: QueuedMessageIdInUrl,
})

/** Messages that wait for the turn to end. */
export const ChatQueueRoutes = HttpApiGroup.make("chatQueue")
  .annotate(TokenScope, "chat")
  .annotate(ReceiptBy, "handler")
  .add(
    HttpApiEndpoint.del("deleteQueuedMessage", "/chats/:chat/queue/:queued")
      .setPath(QueuedPath)
      .addSuccess(Schema.Void, { status: 204 })
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.patch("patchQueuedMessage", "/chats/:chat/queue/:queued")
      .setPath(QueuedPath)
      .setPayload(PatchQueuedMessageRequest)
      .addSuccess(QueuedMessage)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict)
      .annotate(BodyLimit, CHAT_BODY_BYTES),
  )
  .add(
    HttpApiEndpoint.post("promoteQueuedMessage", "/chats/:chat/queue/:queued/promote")
      .setPath(QueuedPath)
      .addSuccess(Schema.Struct({ message: Schema.String }), { status: 202 })
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
