import { Context, Data, type Duration, Effect, Layer, Redacted } from "effect"
import type { ModelConfigId, ProviderId, UserId } from "../contract/ids.ts"
import type { ModelCallConfig } from "../contract/models.ts"
import { Encryption } from "../db/engine/encryption.ts"
import { placeIn } from "../db/engine/sealed-columns.ts"
import { type ModelConfigRow, ModelConfigRepository } from "../db/models/model-configs.ts"
import { type ProviderRow, ProviderRepository } from "../db/models/providers.ts"
import { refreshed } from "../db/engine/refreshed.ts"
import { afterTransaction } from "../db/engine/transaction.ts"
import { PROVIDERS } from "../providers/catalog.ts"
import { type KeyChoice, resolveKey } from "./key-policy.ts"
import { originOf } from "../providers/origin.ts"
import type { ProviderConnection } from "../providers/provider.ts"

/** Why a model cannot be called, and in `message` what a person can do about it. */
export class ModelNotUsable extends Data.TaggedError("ModelNotUsable")<{
  readonly operation: string
  readonly reason: "model_not_found_or_disabled" | "provider_disabled" | "credentials_missing" | "no_default_model"
  readonly message: string
}> {}

/** All that a model call needs to know. */
export interface ResolvedModel {
  readonly modelConfigId: ModelConfigId
  readonly providerId: ProviderId
  readonly model: string
  /** Who is called, account included: what tells its messages from those of others. */
  readonly origin: string
  readonly displayName: string
  /** Tokens. */
  readonly contextLimit: number
  /** Percent of the context limit at which the history is compacted; 100 means never. */
  readonly compressionThreshold: number
  readonly config: ModelCallConfig
  /** Prices in `config.cost`, in US dollars per million tokens. */
  readonly connection: ProviderConnection
}

/** Model configs and their providers at one moment. Holds no clear-text key. */
export interface ModelSnapshot {
  readonly configs: ReadonlyArray<ModelConfigRow>
  readonly providers: ReadonlyArray<ProviderRow>
}

export interface ModelCatalogOptions {
  /** Where the server itself reaches its simulator, and the key of this process. Asked at each call. */
  readonly simulator: () => { readonly baseUrl: string; readonly apiKey: string }
  /** How long other replicas' changes may go unnoticed. This one's own count at once. */
  readonly maxAge?: Duration.DurationInput
}

/** Where a provider's key is kept, for the envelope of its encryption. */
export const keyPlace = (providerId: ProviderId) => placeIn("providers:api_key", providerId)

const unusable = (reason: ModelNotUsable["reason"], message: string) =>
  new ModelNotUsable({ operation: "ModelCatalog.resolve", reason, message })

const keyMissing = (provider: ProviderRow, choice: Extract<KeyChoice, { readonly use: "none" }>) =>
  unusable(
    "credentials_missing",
    choice.reason === "user_api_key_required"
      ? `The provider "${provider.display_name}" needs an API key of your own. Add it in your settings.`
      : `There is no API key for the provider "${provider.display_name}" (${PROVIDERS[provider.type].keyName} is not set). Ask an administrator to add one.`,
  )

/** From a model config to a connection: asked before every model call, so that changes count from the next call on. */
export class ModelCatalog extends Context.Tag("troupe/ModelCatalog")<
  ModelCatalog,
  {
    /** The model of this config for this user's call; null stands for the default model. */
    readonly resolve: (
      modelConfigId: ModelConfigId | null,
      userId: UserId,
    ) => Effect.Effect<ResolvedModel, ModelNotUsable>
    /** As `resolve`, but a config that was deleted or disabled gives way to the default. For the turn of a chat. */
    readonly resolveOrDefault: (
      modelConfigId: ModelConfigId | null,
      userId: UserId,
    ) => Effect.Effect<ResolvedModel, ModelNotUsable>
    /** The id of the default model config. */
    readonly defaultModel: Effect.Effect<ModelConfigId, ModelNotUsable>
    readonly snapshot: Effect.Effect<ModelSnapshot>
    /** Every key that a provider is called with, so that it can be kept out of what others read. Those that cannot be opened are left out. */
    readonly providerKeys: Effect.Effect<ReadonlyArray<string>>
    /** To be run after every write of providers and model configs. */
    readonly invalidate: Effect.Effect<void>
  }
>() {
  static readonly layer = ({ simulator, maxAge = "2 seconds" }: ModelCatalogOptions) =>
    Layer.scoped(
      ModelCatalog,
      Effect.gen(function* () {
        const configRows = yield* ModelConfigRepository
        const providerRows = yield* ProviderRepository
        const encryption = yield* Encryption

        const load = Effect.all({ configs: configRows.list, providers: providerRows.list })
        const { read: snapshot, forget: invalidate } = yield* refreshed(load, maxAge)
        // By the envelope, which a new key or another ring changes; as many as there are providers with a key.
        const opened = new Map<string, { readonly envelope: string; readonly key: Redacted.Redacted }>()

        const centralKey = Effect.fnUntraced(function* (provider: ProviderRow) {
          if (provider.source === "builtin") return simulator().apiKey
          if (provider.api_key === null) return undefined
          const envelope = provider.api_key
          const known = opened.get(provider.id)
          if (known?.envelope === envelope) return Redacted.value(known.key)
          const key = yield* encryption
            .decrypt(keyPlace(provider.id), envelope)
            .pipe(Effect.mapError(({ message }) => unusable("credentials_missing", message)))
          opened.set(provider.id, { envelope, key })
          return Redacted.value(key)
        })

        const connect = Effect.fnUntraced(function* (provider: ProviderRow) {
          const policy = {
            central: provider.central_api_key_enabled,
            userAllowed: provider.allow_user_api_key,
            fallback: provider.allow_central_api_key_fallback,
          }
          const choice = resolveKey(provider.type, policy, { central: yield* centralKey(provider), user: undefined })
          if (choice.use === "none") return yield* keyMissing(provider, choice)
          const connection: ProviderConnection = {
            type: provider.type,
            displayName: provider.display_name,
            baseUrl: provider.source === "builtin" ? simulator().baseUrl : provider.base_url,
            apiKey: choice.use === "ambient" ? "" : choice.key,
            headers: {},
          }
          return connection
        })

        const findDefault = ({ configs }: ModelSnapshot) => {
          const found = configs.find((config) => config.is_default && config.enabled)
          return found === undefined
            ? Effect.fail(
                unusable("no_default_model", "No default model is configured. Ask an administrator to add a model."),
              )
            : Effect.succeed(found)
        }

        const find = (now: ModelSnapshot, id: ModelConfigId | null) => {
          if (id === null) return findDefault(now)
          const found = now.configs.find((config) => config.id === id && config.enabled)
          return found === undefined
            ? Effect.fail(
                unusable("model_not_found_or_disabled", "This model does not exist any more, or it is disabled."),
              )
            : Effect.succeed(found)
        }

        const open = Effect.fnUntraced(function* (now: ModelSnapshot, config: ModelConfigRow) {
          const provider = now.providers.find(({ id }) => id === config.ai_provider_id)
          if (provider === undefined || !provider.enabled) {
            return yield* unusable(
              "provider_disabled",
              `The provider of the model "${config.display_name}" is disabled. Choose another model, or ask an administrator to enable it.`,
            )
          }
          const connection = yield* connect(provider)
          const resolved: ResolvedModel = {
            modelConfigId: config.id,
            providerId: provider.id,
            model: config.model,
            origin: originOf(
              { modelConfigId: config.id, model: config.model, connection },
              encryption.digest(`${provider.id}:${connection.apiKey}`),
            ),
            displayName: config.display_name,
            contextLimit: config.context_limit,
            compressionThreshold: config.compression_threshold,
            config: config.options,
            connection,
          }
          return resolved
        })

        return {
          resolve: Effect.fnUntraced(function* (modelConfigId: ModelConfigId | null, _userId: UserId) {
            const now = yield* snapshot
            return yield* open(now, yield* find(now, modelConfigId))
          }),
          resolveOrDefault: Effect.fnUntraced(function* (modelConfigId: ModelConfigId | null, _userId: UserId) {
            const now = yield* snapshot
            const config = yield* find(now, modelConfigId).pipe(Effect.orElse(() => findDefault(now)))
            return yield* open(now, config)
          }),
          defaultModel: Effect.gen(function* () {
            return (yield* findDefault(yield* snapshot)).id
          }),
          snapshot,
          providerKeys: Effect.flatMap(snapshot, ({ providers }) =>
            Effect.forEach(providers, (provider) => Effect.orElseSucceed(centralKey(provider), () => undefined)),
          ).pipe(Effect.map((keys) => keys.flatMap((key) => key ?? []))),
          invalidate: afterTransaction(invalidate),
        }
      }),
    )
}
