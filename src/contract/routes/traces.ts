import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { NotFound } from "../errors.ts"
import { TokenScope } from "./access.ts"
import { ChatId } from "../ids.ts"
import { TraceHead, TracePage } from "../trace.ts"

/** Most transitions of a page. One with long messages ends before that. */
export const MOST_TRACED = 1000

/** A chat's whole life, to be kept. */
export const TracesRoutes = HttpApiGroup.make("traces")
  .annotate(TokenScope, "chat")
  .add(
    HttpApiEndpoint.get("chatTrace", "/chats/:chat/trace")
      .setPath(Schema.Struct({ chat: ChatId }))
      .addSuccess(TraceHead)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.get("chatTracePage", "/chats/:chat/trace/:version")
      // The version of the head: what the chat was then is told, whatever has become of it.
      .setPath(Schema.Struct({ chat: ChatId, version: Schema.NumberFromString.pipe(Schema.int(), Schema.positive()) }))
      .setUrlParams(
        Schema.Struct({
          after: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative())),
          limit: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, MOST_TRACED))),
        }),
      )
      .addSuccess(TracePage)
      .addError(NotFound),
  )
