import { Effect } from "effect"
import type { ModelConfigId } from "../../contract/ids.ts"
import type { LoadedChat } from "../../db/chats/store/loaded-chat.ts"
import { type LiveModels, liveModels } from "../../models/live.ts"
import type { ModelCatalog } from "../../models/catalog.ts"

/**
 * The queue with a live model for each message that waits. One whose own model was deleted or disabled since is answered by the
 * chat's current model, which stands as null, and where that is gone too by the deployment's default: promoted, it would else
 * make a dead id the chat's model. With no model at all the messages wait for none, and their turn says so.
 */
export const withLiveModels = <Queued extends { readonly model_config_id: ModelConfigId | null }>(
  queue: ReadonlyArray<Queued>,
  chatModelId: string,
  live: LiveModels,
): ReadonlyArray<Queued> => {
  const fallback = live.has(chatModelId) ? null : live.standard
  return queue.map((queued) => (live.has(queued.model_config_id) ? queued : { ...queued, model_config_id: fallback }))
}

/**
 * The chat of now, whose queue can be promoted. A catalogue that cannot be read is no reason to refuse a command: then the messages
 * keep the models they have.
 */
export const promotable = (models: ModelCatalog["Type"], state: () => LoadedChat): Effect.Effect<LoadedChat> =>
  Effect.suspend(() => {
    if (state().queue.length === 0) return Effect.sync(state)
    return models.snapshot.pipe(
      Effect.map(liveModels),
      Effect.map((live) => {
        const chat = state()
        return { ...chat, queue: withLiveModels(chat.queue, chat.row.last_model_config_id, live) }
      }),
      Effect.catchAllCause(() => Effect.sync(state)),
    )
  })
