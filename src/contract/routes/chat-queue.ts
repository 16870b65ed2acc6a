import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Conflict, Forbidden, NotFound } from "../errors.ts"
import { ReceiptBy } from "./access.ts"
import { ChatId, QueuedMessageIdInUrl } from "../ids.ts"

const QueuedPath = Schema.Struct({
  chat: ChatId,
  queued: QueuedMessageIdInUrl,
})

/** Messages that wait for the turn to end. */
export const ChatQueueRoutes = HttpApiGroup.make("chatQueue")
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
    HttpApiEndpoint.post("promoteQueuedMessage", "/chats/:chat/queue/:queued/promote")
      .setPath(QueuedPath)
      .addSuccess(Schema.Struct({ message: Schema.String }), { status: 202 })
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
