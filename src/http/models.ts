import { Effect } from "effect"
import { type ModelConfig, type Provider, ProviderType } from "../contract/models.ts"
import type { ModelsRoutes } from "../contract/routes/models.ts"
import type { ModelConfigRow } from "../db/models/model-configs.ts"
import type { ProviderRow } from "../db/models/providers.ts"
import { availableModels } from "../models/available.ts"
import { PROVIDERS } from "../providers/catalog.ts"
import { ModelCatalog } from "../models/catalog.ts"
import { ModelAdmin } from "../models/admin.ts"
import { ProviderChanges } from "../models/provider-changes.ts"
import type { GroupHandlers } from "./mount.ts"

const toProvider = (row: ProviderRow): Provider => ({
  id: row.id,
  provider: row.type,
  display_name: row.display_name,
  enabled: row.enabled,
  has_api_key: row.api_key !== null || row.source === "builtin",
  configured:
    row.api_key !== null || row.source === "builtin" || (row.type === "bedrock" && row.central_api_key_enabled),
  central_api_key_enabled: row.central_api_key_enabled,
  allow_user_api_key: row.allow_user_api_key,
  allow_central_api_key_fallback: row.allow_central_api_key_fallback,
  ...(row.base_url === "" ? {} : { base_url: row.base_url }),
  source: row.source === "env_preset" ? "env_preset" : "database",
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
})

/** A type that could be set up, in the shape of one that was. */
const notSetUp = (type: ProviderType): Provider => ({
  id: "00000000-0000-0000-0000-000000000000",
  provider: type,
  display_name: PROVIDERS[type].displayName,
  enabled: false,
  has_api_key: false,
  configured: false,
  central_api_key_enabled: true,
  allow_user_api_key: false,
  allow_central_api_key_fallback: false,
  source: "supported",
})

const toModelConfig = (row: ModelConfigRow): ModelConfig => ({
  id: row.id,
  ai_provider_id: row.ai_provider_id,
  ai_provider_name: row.provider_name,
  provider: row.provider,
  model: row.model,
  display_name: row.display_name,
  enabled: row.enabled,
  is_default: row.is_default,
  context_limit: row.context_limit,
  compression_threshold: row.compression_threshold,
  ...(Object.keys(row.options).length === 0 ? {} : { model_config: row.options }),
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
})

export const modelsHandlers = {
  listProviders: () =>
    Effect.gen(function* () {
      const { providers } = yield* (yield* ModelCatalog).snapshot
      return ProviderType.literals.flatMap((type) => {
        const rows = providers.filter((row) => row.type === type)
        return rows.length === 0 ? [notSetUp(type)] : rows.map(toProvider)
      })
    }),
  createProvider: ({ caller, payload }) =>
    Effect.gen(function* () {
      return toProvider(yield* (yield* ModelAdmin).createProvider(caller, payload))
    }),
  updateProvider: ({ path, payload }) =>
    Effect.gen(function* () {
      return toProvider(yield* (yield* ProviderChanges).update(path.provider, payload))
    }),
  deleteProvider: ({ path }) =>
    Effect.gen(function* () {
      yield* (yield* ProviderChanges).remove(path.provider)
    }),
  listModels: () =>
    Effect.gen(function* () {
      return availableModels(yield* (yield* ModelCatalog).snapshot)
    }),
  listModelConfigs: ({ caller }) =>
    Effect.gen(function* () {
      const rows = yield* (yield* ModelAdmin).listModelConfigs(caller)
      return rows.map(toModelConfig)
    }),
  createModelConfig: ({ caller, payload }) =>
    Effect.gen(function* () {
      return toModelConfig(yield* (yield* ModelAdmin).createModelConfig(caller, payload))
    }),
} satisfies GroupHandlers<typeof ModelsRoutes, ModelAdmin | ModelCatalog | ProviderChanges>
