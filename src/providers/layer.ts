import { Layer } from "effect"
import { ModelConfigRepository } from "../db/model-configs.ts"
import { ProviderRepository } from "../db/providers.ts"
import { ModelCatalog, type ModelCatalogOptions } from "./model-access.ts"
import { ModelAdmin } from "./model-admin.ts"

/** Providers and model configs, on the database, with the repositories for `ensureStartingModels`. */
export const modelsLayer = (options: ModelCatalogOptions) =>
  ModelAdmin.layer.pipe(
    Layer.provideMerge(ModelCatalog.layer(options)),
    Layer.provideMerge(Layer.mergeAll(ProviderRepository.layer, ModelConfigRepository.layer)),
  )
