import type { ModelConfigId } from "../contract/ids.ts"
import type { ModelSnapshot } from "./catalog.ts"

/** Model configs that can be called by somebody: neither they nor their providers are deleted or disabled. */
export interface LiveModels {
  readonly has: (modelConfigId: ModelConfigId | null) => boolean
  /** The default; null where there is none, or it is not live. */
  readonly standard: string | null
}

export const liveModels = ({ configs, providers }: ModelSnapshot): LiveModels => {
  const enabled = new Set(providers.filter((provider) => provider.enabled).map(({ id }) => id))
  const live = configs.filter((config) => config.enabled && enabled.has(config.ai_provider_id))
  const ids = new Set(live.map(({ id }) => id))
  return {
    has: (id) => id !== null && ids.has(id),
    standard: live.find((config) => config.is_default)?.id ?? null,
  }
}
