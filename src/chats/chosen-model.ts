import { Effect } from "effect"
import type { ModelConfigId, UserId } from "../contract/ids.ts"
import type { ModelCatalog, ModelNotUsable } from "../models/catalog.ts"

/** The model that a request names, which has to be one that the caller can use; null where it names none. */
export const chosenModel = (
  models: ModelCatalog["Type"],
  requested: ModelConfigId | undefined,
  userId: UserId,
): Effect.Effect<ModelConfigId | null, ModelNotUsable> =>
  requested === undefined
    ? Effect.succeed(null)
    : Effect.map(models.resolve(requested, userId), ({ modelConfigId }) => modelConfigId)
