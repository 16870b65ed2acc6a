import { Effect, Redacted } from "effect"
import { randomUUID } from "node:crypto"
import { Encryption } from "../db/engine/encryption.ts"
import { ModelConfigRepository } from "../db/models/model-configs.ts"
import { type NewProvider, ProviderRepository } from "../db/models/providers.ts"
import { type ProviderPreset, Settings, SettingsError } from "../settings.ts"
import { PROVIDERS } from "../providers/catalog.ts"
import { connectionFault } from "./connection-rules.ts"
import { ModelCatalog, keyPlace } from "./catalog.ts"

/** Fixed, so that every deployment and every start means the same rows. */
export const SIMULATOR_PROVIDER_ID = "5e1f0000-0000-4000-8000-000000000001"
export const SIMULATOR_MODEL_CONFIG_ID = "5e1f0000-0000-4000-8000-000000000002"

const simulatorProvider: NewProvider = {
  id: SIMULATOR_PROVIDER_ID,
  type: "openai-compat",
  display_name: "Simulator (scripted, not an LLM)",
  enabled: true,
  api_key: null,
  base_url: "",
  central_api_key_enabled: true,
  allow_user_api_key: false,
  allow_central_api_key_fallback: false,
  source: "builtin",
  createdBy: null,
}

const ensureSimulator = Effect.fn("StartingModels.simulator")(function* () {
  const providers = yield* ProviderRepository
  const configs = yield* ModelConfigRepository
  yield* providers.ensureBuiltin(simulatorProvider)
  yield* configs.exclusively(
    Effect.gen(function* () {
      const present = yield* configs.list
      if (yield* configs.everExisted(SIMULATOR_MODEL_CONFIG_ID)) return
      yield* configs.insert({
        id: SIMULATOR_MODEL_CONFIG_ID,
        ai_provider_id: SIMULATOR_PROVIDER_ID,
        model: "simulator",
        display_name: "Simulator",
        enabled: true,
        is_default: present.length === 0,
        context_limit: 128_000,
        compression_threshold: 70,
        options: {},
        createdBy: null,
      })
    }),
  )
})

/** A connection that would fail at every call is told where it can be mended: at the start, by the name of its variable. */
const checkPreset = (type: "openai" | "anthropic", { apiKey, baseUrl }: ProviderPreset) => {
  const fault = connectionFault({
    base_url: baseUrl,
    api_key: apiKey === undefined ? undefined : Redacted.value(apiKey),
  })
  if (fault === undefined) return Effect.void
  const variable = `${type.toUpperCase()}_${fault.field === "base_url" ? "BASE_URL" : "API_KEY"}`
  return new SettingsError({
    operation: "StartingModels.preset",
    variable,
    message: `${variable} cannot be used. ${fault.message}`,
  })
}

const ensurePreset = Effect.fn("StartingModels.preset")(function* (
  type: "openai" | "anthropic",
  preset: ProviderPreset | undefined,
) {
  if (preset === undefined) return
  yield* checkPreset(type, preset)
  const providers = yield* ProviderRepository
  const encryption = yield* Encryption
  const id = randomUUID()
  yield* providers.ensurePreset({
    id,
    type,
    display_name: PROVIDERS[type].displayName,
    enabled: true,
    api_key: preset.apiKey === undefined ? null : encryption.encrypt(keyPlace(id), preset.apiKey),
    base_url: preset.baseUrl ?? "",
    central_api_key_enabled: true,
    allow_user_api_key: false,
    allow_central_api_key_fallback: false,
    source: "env_preset",
    createdBy: null,
  })
})

/**
 * What a server has before anyone sets it up: the simulator, and providers for the keys found in the environment. Run at
 * each start; what an administrator changed or removed stays so, except that the simulator's provider always exists.
 */
export const ensureStartingModels = Effect.fn("StartingModels.ensure")(function* () {
  const { presets } = yield* Settings
  yield* ensureSimulator()
  yield* ensurePreset("openai", presets.openai)
  yield* ensurePreset("anthropic", presets.anthropic)
  yield* (yield* ModelCatalog).invalidate
})
