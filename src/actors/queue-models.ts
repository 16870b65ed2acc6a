import type { LiveModels } from "../providers/live-models.ts"

/**
 * The queue with a live model for each message that waits. One whose own model was deleted or disabled since is answered by the
 * chat's current model, which stands as null, and where that is gone too by the deployment's default: promoted, it would else
 * make a dead id the chat's model. With no model at all the messages wait for none, and their turn says so.
 */
export const withLiveModels = <Queued extends { readonly model_config_id: string | null }>(
  queue: ReadonlyArray<Queued>,
  chatModelId: string,
  live: LiveModels,
): ReadonlyArray<Queued> => {
  const fallback = live.has(chatModelId) ? null : live.standard
  return queue.map((queued) => (live.has(queued.model_config_id) ? queued : { ...queued, model_config_id: fallback }))
}
