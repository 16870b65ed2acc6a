import { type AvailableModels, ProviderType } from "../contract/models.ts"
import type { ModelConfigRow } from "../db/models/model-configs.ts"
import type { ProviderRow } from "../db/models/providers.ts"
import { resolveKey } from "./key-policy.ts"
import type { ModelSnapshot } from "./catalog.ts"

type ProviderModels = AvailableModels["providers"][number]

const reasonUnavailable = (row: ProviderRow) => {
  if (row.source === "builtin") return undefined
  const choice = resolveKey(
    row.type,
    {
      central: row.central_api_key_enabled,
      userAllowed: row.allow_user_api_key,
      fallback: row.allow_central_api_key_fallback,
    },
    // That there is a key is enough to know; it stays encrypted.
    { central: row.api_key ?? undefined, user: undefined },
  )
  return choice.use === "none" ? choice.reason : undefined
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

const modelsOf = (type: ProviderType, configs: ReadonlyArray<ModelConfigRow>): ProviderModels["models"] => {
  const unique = new Map<string, ModelConfigRow>()
  for (const config of configs) {
    const key = config.model.toLowerCase()
    if (!unique.has(key)) unique.set(key, config)
  }
  return [...unique.values()]
    .sort((a, b) => byText(a.model, b.model))
    .map(({ model, display_name }) => ({ id: `${type}:${model}`, provider: type, model, display_name }))
}

/**
 * The models a user could choose, by provider type in the fixed order of the contract. A type is available when any of its
 * enabled providers is.
 */
export const availableModels = ({ configs, providers }: ModelSnapshot): AvailableModels => ({
  unsupported_providers: [],
  providers: ProviderType.literals.flatMap((type): ReadonlyArray<ProviderModels> => {
    const rows = providers.filter((row) => row.type === type && row.enabled)
    if (rows.length === 0) return []
    const ids = new Set(rows.map(({ id }) => id))
    const models = modelsOf(
      type,
      configs.filter((config) => config.enabled && ids.has(config.ai_provider_id)),
    )
    const reasons = rows.map(reasonUnavailable)
    const [reason] = reasons
    return reason === undefined || reasons.includes(undefined)
      ? [{ provider: type, available: true, models }]
      : [{ provider: type, available: false, unavailable_reason: reason, models }]
  }),
})
