import { Effect, Schema } from "effect"
import { QueuedMessageId } from "../../../contract/ids.ts"
import type { LoadedChat } from "../../../db/chats/store/loaded-chat.ts"
import type { ChatMachineEvent } from "../../../machines/chat-events.ts"
import { refusalOf } from "./refusals.ts"

/** What deleting and promoting a queued message have in common. */

/** The queue has no such message: it was never there, was deleted, or has been promoted. */
export class QueuedMessageGone extends Schema.TaggedError<QueuedMessageGone>()("QueuedMessageGone", {
  queuedMessageId: QueuedMessageId,
}) {}

export const QueuedMessage = Schema.Struct({ queuedMessageId: QueuedMessageId })

export const changeQueued = (
  type: "DeleteQueuedMessage" | "PromoteQueuedMessage",
  state: LoadedChat,
  { queuedMessageId }: typeof QueuedMessage.Type,
) =>
  Effect.gen(function* () {
    const row = state.queue.find((queued) => queued.id === queuedMessageId)
    const event: ChatMachineEvent = { type, queuedMessageId, steer: row?.kind === "steer" }
    if (state.row.archived || state.queue.length === 0) return yield* refusalOf(state, event)
    if (row === undefined) return yield* new QueuedMessageGone({ queuedMessageId })
    return event
  })
