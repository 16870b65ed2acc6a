import { Layer } from "effect"
import { AuditLogRepository } from "../db/audit/audit-log.ts"
import { Transactions } from "../db/engine/transactions.ts"
import { ModelConfigRepository } from "../db/models/model-configs.ts"
import { ProviderRepository } from "../db/models/providers.ts"
import { Audit } from "../identity/audit/audit.ts"
import { ModelAdmin } from "./admin.ts"
import { ModelCatalog, type ModelCatalogOptions } from "./catalog.ts"
import { ProviderChanges } from "./provider-changes.ts"

const auditing = Layer.merge(Audit.layer.pipe(Layer.provide(AuditLogRepository.layer)), Transactions.layer)

/** Providers and model configs, on the database, with the repositories for `ensureStartingModels`. */
export const modelsLayer = (options: ModelCatalogOptions) =>
  Layer.merge(ModelAdmin.layer, ProviderChanges.layer).pipe(
    Layer.provide(auditing),
    Layer.provideMerge(ModelCatalog.layer(options)),
    Layer.provideMerge(Layer.mergeAll(ProviderRepository.layer, ModelConfigRepository.layer)),
  )
