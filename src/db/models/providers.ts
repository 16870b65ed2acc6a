import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer, Option } from "effect"
import type { ProviderId, UserId } from "../../contract/ids.ts"
import type { ProviderType } from "../../contract/models.ts"
import { isUniqueViolation } from "../engine/sql-errors.ts"

export interface ProviderRow {
  readonly id: ProviderId
  readonly type: ProviderType
  readonly display_name: string
  readonly enabled: boolean
  /** Envelope; null without a central key. */
  readonly api_key: string | null
  readonly base_url: string
  readonly central_api_key_enabled: boolean
  readonly allow_user_api_key: boolean
  readonly allow_central_api_key_fallback: boolean
  /** `builtin` is the simulator, whose key and address are known at call time only. */
  readonly source: "database" | "env_preset" | "builtin"
  readonly created_at: Date
  readonly updated_at: Date
}

export type NewProvider = Omit<ProviderRow, "created_at" | "updated_at"> & { readonly createdBy: UserId | null }

/** Providers that are not deleted. */
export class ProviderRepository extends Context.Tag("troupe/db/ProviderRepository")<
  ProviderRepository,
  {
    /** By type, then display name. */
    readonly list: Effect.Effect<ReadonlyArray<ProviderRow>>
    readonly find: (id: ProviderId) => Effect.Effect<Option.Option<ProviderRow>>
    /** Fails when a live provider of the type has the display name. */
    readonly insert: (provider: NewProvider) => Effect.Effect<ProviderRow, "name_taken">
    /** The row, which nobody else changes before the end of the transaction around. */
    readonly lock: (id: ProviderId) => Effect.Effect<Option.Option<ProviderRow>>
    /** Writes all that can be changed. Fails when another live provider of the type has the display name. */
    readonly update: (provider: ProviderRow) => Effect.Effect<ProviderRow, "name_taken">
    /** Out of every read; the row stays. */
    readonly remove: (id: ProviderId) => Effect.Effect<void>
    /** Makes the row, or brings it back when it was deleted and its name is free. */
    readonly ensureBuiltin: (provider: NewProvider) => Effect.Effect<void>
    /** Makes the row unless there ever was a preset of its type, or its name is taken. */
    readonly ensurePreset: (provider: NewProvider) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    ProviderRepository,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const columns = sql.literal(`
        id, type, display_name, enabled, api_key, base_url, central_api_key_enabled, allow_user_api_key,
        allow_central_api_key_fallback, source, created_at, updated_at`)
      const values = (row: NewProvider) =>
        sql.insert({
          id: row.id,
          type: row.type,
          display_name: row.display_name,
          enabled: row.enabled,
          api_key: row.api_key,
          base_url: row.base_url,
          central_api_key_enabled: row.central_api_key_enabled,
          allow_user_api_key: row.allow_user_api_key,
          allow_central_api_key_fallback: row.allow_central_api_key_fallback,
          source: row.source,
          created_by: row.createdBy,
        })

      const named = (written: Effect.Effect<ReadonlyArray<ProviderRow>, SqlError>) =>
        written.pipe(
          Effect.catchAll((error) =>
            isUniqueViolation(error, "providers_type_display_name")
              ? Effect.fail("name_taken" as const)
              : Effect.die(error),
          ),
          Effect.flatMap(([row]) =>
            row === undefined ? Effect.dieMessage("a written provider came back empty") : Effect.succeed(row),
          ),
        )

      return {
        list: sql<ProviderRow>`
          select ${columns} from providers where not deleted order by type, lower(display_name)
        `.pipe(Effect.orDie),
        find: (id) =>
          sql<ProviderRow>`select ${columns} from providers where id = ${id} and not deleted`.pipe(
            Effect.orDie,
            Effect.map((rows) => Option.fromNullable(rows[0])),
          ),
        insert: (provider) => named(sql<ProviderRow>`insert into providers ${values(provider)} returning ${columns}`),
        lock: (id) =>
          sql<ProviderRow>`select ${columns} from providers where id = ${id} and not deleted for update`.pipe(
            Effect.orDie,
            Effect.map((rows) => Option.fromNullable(rows[0])),
          ),
        update: ({ id, type: _, source: __, created_at: ___, updated_at: ____, ...changes }) =>
          named(sql<ProviderRow>`
            update providers set ${sql.update(changes)}, updated_at = now() where id = ${id} and not deleted returning ${columns}
          `),
        remove: (id) =>
          sql`update providers set deleted = true, updated_at = now() where id = ${id}`.pipe(
            Effect.orDie,
            Effect.asVoid,
          ),
        ensureBuiltin: (provider) =>
          sql`insert into providers ${values(provider)} on conflict do nothing`.pipe(
            Effect.zipRight(sql`
              update providers p set deleted = false
              where p.id = ${provider.id} and p.deleted and not exists (
                select from providers other
                where not other.deleted and other.type = p.type and lower(other.display_name) = lower(p.display_name))
            `),
            Effect.orDie,
            Effect.asVoid,
          ),
        ensurePreset: (provider) =>
          sql<{ found: boolean }>`
            select exists (select from providers where type = ${provider.type} and source = 'env_preset') as found
          `.pipe(
            Effect.flatMap(([row]) =>
              row?.found === true
                ? Effect.void
                : sql`insert into providers ${values(provider)} on conflict do nothing`.pipe(Effect.asVoid),
            ),
            Effect.orDie,
          ),
      }
    }),
  )
}
