import { Effect, Schema } from "effect"
import { QueueKind } from "../../../contract/chats.ts"
import { QueuedMessageId } from "../../../contract/ids.ts"
import { Part } from "../../../contract/parts.ts"
import { carriedOut, command } from "./command.ts"
import { CommandReads } from "./command-reads.ts"
import { archivedRefusal, CommandRefused, InvalidInput } from "./refusals.ts"
import { QueuedMessage, QueuedMessageGone } from "./queued-message.ts"

/** Rewrites a message that waits, moves it, or makes it steer the turn or wait for its end; what is null stays. */
export const changeQueued = command({
  name: "ChangeQueued",
  fields: Schema.Struct({
    ...QueuedMessage.fields,
    content: Schema.NullOr(Schema.Array(Part)),
    kind: Schema.NullOr(QueueKind),
    /** Before another message, or at the end. */
    place: Schema.NullOr(Schema.Struct({ before: Schema.NullOr(QueuedMessageId) })),
  }),
  permission: "converse",
  decide: (state, { fields: { queuedMessageId, content, kind, place } }) =>
    Effect.gen(function* () {
      const { row: chat, queue } = state
      if (chat.archived) return yield* archivedRefusal(state, "ChangeQueuedMessage")
      const row = queue.find(({ id }) => id === queuedMessageId)
      if (row === undefined) {
        const promoted = yield* (yield* CommandReads).wasPromoted(chat.id, queuedMessageId)
        if (!promoted) return yield* new QueuedMessageGone({ queuedMessageId })
        return yield* new CommandRefused({
          chatId: chat.id,
          event: "ChangeQueuedMessage",
          activity: chat.activity,
          reason: "not_allowed",
          message: "This message does not wait any more: it has just gone to the model.",
        })
      }
      const before = place?.before ?? null
      if (before !== null && (before === queuedMessageId || !queue.some(({ id }) => id === before))) {
        return yield* new InvalidInput({ field: "before", message: "must name another message that waits" })
      }
      const steer = row.kind === "steer"
      return { type: "ChangeQueuedMessage", queuedMessageId, steer, content, kind: kind ?? row.kind, place } as const
    }),
  answer: carriedOut,
})
