import { Context, Effect, Layer, Option, Redacted } from "effect"
import type { ProviderId } from "../contract/ids.ts"
import type { UpdateProviderRequest } from "../contract/models.ts"
import { Encryption } from "../db/engine/encryption.ts"
import { ModelConfigRepository } from "../db/models/model-configs.ts"
import { type ProviderRow, ProviderRepository } from "../db/models/providers.ts"
import { Audit } from "../identity/audit/audit.ts"
import { PROVIDERS } from "../providers/catalog.ts"
import { ModelFieldInvalid, ProviderNameTaken, ProviderNotFound } from "./admin-errors.ts"
import { ModelCatalog, keyPlace } from "./catalog.ts"
import { connectionFault } from "./connection-rules.ts"
import { policyFault } from "./key-policy.ts"

/** What administrators change of a provider, and its end. Callers have been found to be allowed to. */

const invalid = (operation: string, field: string, message: string) =>
  new ModelFieldInvalid({ operation, field, message })

/** Scheme, host and port of where its calls go; the type's own address where none is given. */
const originOf = ({ base_url, type }: Pick<ProviderRow, "base_url" | "type">): string | undefined => {
  const url = base_url === "" ? PROVIDERS[type].defaultBaseUrl : base_url
  return url === undefined ? undefined : new URL(url).origin
}

/** The row as it is to be. `api_key` is the new key in clear text, empty where it is to go; undefined leaves the stored one. */
const changed = (row: ProviderRow, request: UpdateProviderRequest): ProviderRow => ({
  ...row,
  display_name: request.display_name?.trim() || row.display_name,
  enabled: request.enabled ?? row.enabled,
  base_url: request.base_url ?? row.base_url,
  central_api_key_enabled: request.central_api_key_enabled ?? row.central_api_key_enabled,
  allow_user_api_key: request.allow_user_api_key ?? row.allow_user_api_key,
  allow_central_api_key_fallback: request.allow_central_api_key_fallback ?? row.allow_central_api_key_fallback,
})

type Fault = Pick<ModelFieldInvalid, "field" | "message">

/** What is wrong with the provider as it would be, whichever call of whoever made it so. */
const faultOf = (row: ProviderRow, next: ProviderRow, request: UpdateProviderRequest): Fault | undefined => {
  const { api_key } = request
  if (row.source === "builtin" && (api_key !== undefined || request.base_url !== undefined)) {
    const field = api_key === undefined ? "base_url" : "api_key"
    return { field, message: "The simulator comes with the server: its address and its key are the server's own." }
  }
  const unusable = connectionFault({ base_url: request.base_url || undefined, api_key: api_key || undefined })
  if (unusable !== undefined) return unusable
  if (PROVIDERS[row.type].needsBaseUrl && next.base_url === "" && row.source !== "builtin") {
    return { field: "base_url", message: `${PROVIDERS[row.type].displayName} needs the URL of its API.` }
  }
  const policy = policyFault({
    central: next.central_api_key_enabled,
    userAllowed: next.allow_user_api_key,
    fallback: next.allow_central_api_key_fallback,
  })
  if (policy !== undefined) return policy
  // Who may change an address must not be able to have the key sent there that another entered.
  if (row.api_key !== null && api_key === undefined && originOf(row) !== originOf(next)) {
    return {
      field: "api_key",
      message: "The base URL leads to another server than before. Enter the API key again, for that server.",
    }
  }
  const hasKey = api_key === undefined ? row.api_key !== null : api_key !== ""
  const isKeyless = row.type === "bedrock" || row.source === "builtin"
  if (next.enabled && next.central_api_key_enabled && !hasKey && !isKeyless) {
    return {
      field: "api_key",
      message: "Give an API key, or disable the central key. A server that wants no key takes any text.",
    }
  }
  return undefined
}

const make = Effect.gen(function* () {
  const providers = yield* ProviderRepository
  const configs = yield* ModelConfigRepository
  const encryption = yield* Encryption
  const catalog = yield* ModelCatalog
  const audit = yield* Audit

  const update = Effect.fn("ProviderChanges.update")(function* (id: ProviderId, request: UpdateProviderRequest) {
    const operation = "ProviderChanges.update"
    const row = yield* configs.exclusively(
      Effect.gen(function* () {
        const before = Option.getOrUndefined(yield* providers.lock(id))
        if (before === undefined) return yield* new ProviderNotFound({ operation })
        const next = changed(before, request)
        const fault = faultOf(before, next, request)
        if (fault !== undefined) return yield* invalid(operation, fault.field, fault.message)
        const { api_key: key } = request
        const api_key =
          key === undefined ? before.api_key : key === "" ? null : encryption.encrypt(keyPlace(id), Redacted.make(key))
        const after = yield* providers
          .update({ ...next, api_key })
          .pipe(Effect.mapError(() => new ProviderNameTaken({ operation, displayName: next.display_name })))
        const told = { type: "ai_provider", id, target: after.display_name, organizationId: null } as const
        yield* audit.record({ ...told, action: "write", before, after })
        return after
      }),
    )
    yield* catalog.invalidate
    return row
  })

  const remove = Effect.fn("ProviderChanges.remove")(function* (id: ProviderId) {
    const operation = "ProviderChanges.remove"
    yield* configs.exclusively(
      Effect.gen(function* () {
        const before = Option.getOrUndefined(yield* providers.lock(id))
        if (before === undefined) return yield* new ProviderNotFound({ operation })
        if (before.source === "builtin") {
          return yield* invalid(operation, "provider", "The simulator comes with the server: disable it instead.")
        }
        yield* providers.remove(id)
        const model_configs = yield* configs.removeOfProvider(id)
        yield* configs.electDefault
        const told = { type: "ai_provider", id, target: before.display_name, organizationId: null } as const
        yield* audit.record({ ...told, action: "delete", before, more: { model_configs } })
      }),
    )
    yield* catalog.invalidate
  })

  return {
    /** What is left out stays. A new address on another server wants the stored key again, in the same call. */
    update,
    /**
     * The row and its models stay for what was said and paid with them, and are gone from every list; the name is free again, and
     * where one of its models was the default another becomes it.
     */
    remove,
  }
})

export class ProviderChanges extends Context.Tag("troupe/ProviderChanges")<
  ProviderChanges,
  Effect.Effect.Success<typeof make>
>() {
  static readonly layer = Layer.effect(ProviderChanges, make)
}
