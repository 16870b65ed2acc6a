import { Effect, Schema } from "effect"
import { MessageId, ModelConfigId } from "../../../contract/ids.ts"
import { Part } from "../../../contract/parts.ts"
import type { MessageRow } from "../../../db/chats/rows.ts"
import type { LiveModels } from "../../../models/live.ts"
import { command } from "./command.ts"
import { CommandReads } from "./command-reads.ts"
import { archivedRefusal, InvalidInput } from "./refusals.ts"

/** The message is not in the chat, or not any more. */
export class MessageGone extends Schema.TaggedError<MessageGone>()("MessageGone", { messageId: MessageId }) {}

const editable = (row: MessageRow | undefined, messageId: MessageId) => {
  if (row === undefined || row.removed_version !== null || row.visibility === "model") {
    return new MessageGone({ messageId })
  }
  if (row.role !== "user") {
    return new InvalidInput({ field: "message", message: "must be one of your own: only those can be edited" })
  }
  return Effect.succeed(row)
}

/** The message's own model, where it still is one; else the chat's, and where that is gone too the default. */
const modelOf = (row: MessageRow, chatModelId: ModelConfigId, live: LiveModels): ModelConfigId => {
  if (row.model_config_id !== null && live.has(row.model_config_id)) return row.model_config_id
  return live.has(chatModelId) ? chatModelId : (live.standard ?? chatModelId)
}

/** Replaces a message by a new one; it and all later ones are gone, the queue is empty, and a turn begins. */
export const editMessage = command({
  name: "EditMessage",
  fields: Schema.Struct({
    messageId: MessageId,
    content: Schema.Array(Part),
    /** Null stands for the one that the message had. */
    modelConfigId: Schema.NullOr(ModelConfigId),
  }),
  permission: "converse",
  decide: (state, { caller, fields: { messageId, content, modelConfigId } }) =>
    Effect.gen(function* () {
      const { row: chat } = state
      if (chat.archived) return yield* archivedRefusal(state, "EditMessage")
      const reads = yield* CommandReads
      const row = yield* editable(yield* reads.message(chat.id, messageId), messageId)
      const model = modelConfigId ?? modelOf(row, chat.last_model_config_id, yield* reads.liveModels)
      const input = { content, modelConfigId: model, createdBy: caller.userId }
      return { type: "EditMessage", messageId, input } as const
    }),
  answer: ({ inserted }) => inserted.at(-1),
})
