import { Context, Effect, Layer, Option, Redacted } from "effect"
import { randomUUID } from "node:crypto"
import type { ProviderId } from "../contract/ids.ts"
import type { CreateModelConfigRequest, CreateProviderRequest, ProviderType } from "../contract/models.ts"
import { Encryption } from "../db/engine/encryption.ts"
import { Transactions } from "../db/engine/transactions.ts"
import { type ModelConfigRow, ModelConfigRepository } from "../db/models/model-configs.ts"
import { type ProviderRow, ProviderRepository } from "../db/models/providers.ts"
import { Audit } from "../identity/audit/audit.ts"
import { type Caller, can } from "../identity/policy.ts"
import { callConfigFault } from "./call-config-rules.ts"
import { PROVIDERS } from "../providers/catalog.ts"
import { connectionFault } from "./connection-rules.ts"
import { policyFault } from "./key-policy.ts"
import { ModelCatalog, keyPlace } from "./catalog.ts"
import { ModelFieldInvalid, ProviderDisabled, ProviderNameTaken, ProviderUnknown } from "./admin-errors.ts"
import { SIMULATOR_MODEL_CONFIG_ID } from "./starting.ts"

/** Percent of the context limit at which a history is compacted, unless the model config says otherwise. */
export const DEFAULT_COMPRESSION_THRESHOLD = 70

const invalid = (operation: string, field: string, message: string) =>
  new ModelFieldInvalid({ operation, field, message })

const isOpenRouter = (baseUrl: string) =>
  URL.canParse(baseUrl) && /(^|\.)openrouter\.ai$/i.test(new URL(baseUrl).hostname)

/** What administrators set up. Callers have been found to be allowed to. */
export class ModelAdmin extends Context.Tag("troupe/ModelAdmin")<
  ModelAdmin,
  {
    readonly createProvider: (
      caller: Caller,
      request: CreateProviderRequest,
    ) => Effect.Effect<ProviderRow, ModelFieldInvalid | ProviderNameTaken>
    /** Also decides the default: the first model that is set up becomes it. */
    readonly createModelConfig: (
      caller: Caller,
      request: CreateModelConfigRequest,
    ) => Effect.Effect<ModelConfigRow, ModelFieldInvalid | ProviderDisabled | ProviderUnknown>
    /** Read from the database, not from the cache. Disabled ones are for administrators only. */
    readonly listModelConfigs: (caller: Caller) => Effect.Effect<ReadonlyArray<ModelConfigRow>>
  }
>() {
  static readonly layer = Layer.effect(
    ModelAdmin,
    Effect.gen(function* () {
      const providers = yield* ProviderRepository
      const configs = yield* ModelConfigRepository
      const encryption = yield* Encryption
      const catalog = yield* ModelCatalog
      const audit = yield* Audit
      const { run } = yield* Transactions

      const record = (
        change: { readonly action: "create" | "write"; readonly after: ModelConfigRow } & {
          readonly before?: ModelConfigRow
        },
      ) =>
        audit.record({
          type: "chat_model_config",
          id: change.after.id,
          target: change.after.display_name,
          organizationId: null,
          ...change,
        })

      const createProvider = Effect.fn("ModelAdmin.createProvider")(function* (
        caller: Caller,
        request: CreateProviderRequest,
      ) {
        const operation = "ModelAdmin.createProvider"
        const enabled = request.enabled ?? true
        const policy = {
          central: request.central_api_key_enabled ?? true,
          userAllowed: request.allow_user_api_key ?? false,
          fallback: request.allow_central_api_key_fallback ?? false,
        }
        const fault = policyFault(policy)
        if (fault !== undefined) return yield* invalid(operation, fault.field, fault.message)
        const unusable = connectionFault(request)
        if (unusable !== undefined) return yield* invalid(operation, unusable.field, unusable.message)
        const apiKey = request.api_key || undefined
        if (policy.central && enabled && apiKey === undefined && request.provider !== "bedrock") {
          return yield* invalid(
            operation,
            "api_key",
            "Give an API key, or disable the central key. A server that wants no key takes any text.",
          )
        }
        const info = PROVIDERS[request.provider]
        if (info.needsBaseUrl && request.base_url === undefined) {
          return yield* invalid(operation, "base_url", `${info.displayName} needs the URL of its API.`)
        }
        const id = randomUUID()
        const displayName = request.display_name?.trim() || info.displayName
        const insert = providers
          .insert({
            id,
            type: request.provider,
            display_name: displayName,
            enabled,
            api_key: apiKey === undefined ? null : encryption.encrypt(keyPlace(id), Redacted.make(apiKey)),
            base_url: request.base_url ?? "",
            central_api_key_enabled: policy.central,
            allow_user_api_key: policy.userAllowed,
            allow_central_api_key_fallback: policy.fallback,
            source: "database",
            createdBy: caller.userId,
          })
          .pipe(Effect.mapError(() => new ProviderNameTaken({ operation, displayName })))
        const told = { type: "ai_provider", id, target: displayName, organizationId: null, action: "create" } as const
        const row = yield* run(Effect.tap(insert, (after) => audit.record({ ...told, after })))
        yield* catalog.invalidate
        return row
      })

      const requestedProvider = Effect.fn("ModelAdmin.requestedProvider")(function* (
        id: ProviderId | undefined,
        type: ProviderType | undefined,
      ) {
        const operation = "ModelAdmin.createModelConfig"
        const field = "ai_provider_id"
        if (id !== undefined) {
          const found = Option.getOrUndefined(yield* providers.find(id))
          if (found === undefined) return yield* new ProviderUnknown({ operation })
          if (type !== undefined && found.type !== type) {
            return yield* invalid(operation, "provider", `The provider with this id is of the type "${found.type}".`)
          }
          return found
        }
        if (type === undefined) return yield* invalid(operation, field, "Name the provider of the model by its id.")
        // The simulator is nobody's provider: it must not make a type ambiguous.
        const [only, ...more] = (yield* providers.list).filter((row) => row.type === type && row.source !== "builtin")
        if (only === undefined) {
          return yield* invalid(operation, field, `No provider of the type "${type}" is configured. Add one first.`)
        }
        if (more.length > 0) {
          return yield* invalid(
            operation,
            field,
            `There are several providers of the type "${type}": name one by its id.`,
          )
        }
        return only
      })

      const createModelConfig = Effect.fn("ModelAdmin.createModelConfig")(function* (
        caller: Caller,
        request: CreateModelConfigRequest,
      ) {
        const operation = "ModelAdmin.createModelConfig"
        const provider = yield* requestedProvider(request.ai_provider_id, request.provider)
        if (!provider.enabled) return yield* new ProviderDisabled({ operation, displayName: provider.display_name })
        if (provider.type === "openai" && isOpenRouter(provider.base_url) && request.model.includes("/")) {
          return yield* invalid(
            operation,
            "model",
            'This model name belongs to OpenRouter: set the provider up with the type "openrouter".',
          )
        }
        const options = request.model_config ?? {}
        const fault = callConfigFault(options)
        if (fault !== undefined) return yield* invalid(operation, fault.field, fault.message)
        const enabled = request.enabled ?? true
        const row = yield* configs.exclusively(
          Effect.gen(function* () {
            const present = Option.getOrUndefined(yield* providers.find(provider.id))
            if (present === undefined || !present.enabled) {
              return yield* new ProviderDisabled({ operation, displayName: provider.display_name })
            }
            const others = (yield* configs.list).filter(({ id }) => id !== SIMULATOR_MODEL_CONFIG_ID)
            const isDefault = request.is_default === true || others.length === 0
            if (isDefault) {
              yield* configs.unsetDefault
              for (const before of others.filter(({ is_default }) => is_default)) {
                yield* record({ action: "write", before, after: { ...before, is_default: false } })
              }
            }
            const made = yield* configs.insert({
              id: randomUUID(),
              ai_provider_id: provider.id,
              model: request.model,
              display_name: request.display_name?.trim() || request.model,
              enabled,
              is_default: isDefault,
              context_limit: request.context_limit,
              compression_threshold: request.compression_threshold ?? DEFAULT_COMPRESSION_THRESHOLD,
              options,
              createdBy: caller.userId,
            })
            yield* record({ action: "create", after: made })
            return made
          }),
        )
        yield* catalog.invalidate
        return row
      })

      return {
        createProvider,
        createModelConfig,
        listModelConfigs: Effect.fn("ModelAdmin.listModelConfigs")(function* (caller: Caller) {
          const rows = yield* configs.list
          return can(caller, "read", { type: "deployment_config" }) ? rows : rows.filter(({ enabled }) => enabled)
        }),
      }
    }),
  )
}
