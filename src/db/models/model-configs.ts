import { PgClient } from "@effect/sql-pg"
import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer, Option } from "effect"
import type { ModelConfigId, ProviderId, UserId } from "../../contract/ids.ts"
import type { ModelCallConfig, ProviderType } from "../../contract/models.ts"
import { advisoryLocks, lockSpace } from "../engine/advisory-locks.ts"
import { inTransaction } from "../engine/transaction.ts"

export interface ModelConfigRow {
  readonly id: ModelConfigId
  readonly ai_provider_id: ProviderId
  /** The provider's name for people, and its type. */
  readonly provider_name: string
  readonly provider: ProviderType
  readonly model: string
  readonly display_name: string
  readonly enabled: boolean
  readonly is_default: boolean
  readonly context_limit: number
  readonly compression_threshold: number
  readonly options: ModelCallConfig
  readonly created_at: Date
  readonly updated_at: Date
}

export type NewModelConfig = Omit<ModelConfigRow, "provider" | "provider_name" | "created_at" | "updated_at"> & {
  readonly createdBy: UserId | null
}

/** Model configs that are not deleted. */
export class ModelConfigRepository extends Context.Tag("troupe/db/ModelConfigRepository")<
  ModelConfigRepository,
  {
    /** The default first, then by display name. */
    readonly list: Effect.Effect<ReadonlyArray<ModelConfigRow>>
    readonly insert: (config: NewModelConfig) => Effect.Effect<ModelConfigRow>
    /** True also when it was deleted. */
    readonly everExisted: (id: ModelConfigId) => Effect.Effect<boolean>
    readonly unsetDefault: Effect.Effect<void>
    /** Takes those of a provider out of every read; the rows stay. How many there were. */
    readonly removeOfProvider: (id: ProviderId) => Effect.Effect<number>
    /**
     * Where no config is the default, one becomes it: of those that can be called if there are any, and not the simulator's if there
     * is another, the first by type of provider and model, of these the one that was changed last.
     */
    readonly electDefault: Effect.Effect<void>
    /** Runs `effect` in a transaction that no other caller of this is in: which config is the default is one at a time's to decide. */
    readonly exclusively: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  }
>() {
  static readonly layer = Layer.effect(
    ModelConfigRepository,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { json } = yield* PgClient.PgClient
      const columns = sql.literal(`
        c.id, c.ai_provider_id, p.display_name as provider_name, p.type as provider, c.model, c.display_name, c.enabled, c.is_default, c.context_limit,
        c.compression_threshold, c.options, c.created_at, c.updated_at`)
      const find = (id: ModelConfigId) =>
        sql<ModelConfigRow>`
          select ${columns} from model_configs c join providers p on p.id = c.ai_provider_id
          where c.id = ${id} and not c.deleted
        `.pipe(
          Effect.orDie,
          Effect.map((rows) => Option.fromNullable(rows[0])),
        )

      return {
        list: sql<ModelConfigRow>`
          select ${columns} from model_configs c join providers p on p.id = c.ai_provider_id
          where not c.deleted
          order by c.is_default desc, lower(c.display_name), c.created_at, c.id
        `.pipe(Effect.orDie),
        insert: (config) =>
          sql`
            insert into model_configs ${sql.insert({
              id: config.id,
              ai_provider_id: config.ai_provider_id,
              model: config.model,
              display_name: config.display_name,
              enabled: config.enabled,
              is_default: config.is_default,
              context_limit: config.context_limit,
              compression_threshold: config.compression_threshold,
              options: json(config.options),
              created_by: config.createdBy,
              updated_by: config.createdBy,
            })}
          `.pipe(
            Effect.orDie,
            Effect.zipRight(find(config.id)),
            Effect.flatMap(Effect.orDieWith(() => new Error("an inserted model config came back empty"))),
          ),
        everExisted: (id) =>
          sql<{ found: boolean }>`select exists (select from model_configs where id = ${id}) as found`.pipe(
            Effect.orDie,
            Effect.map(([row]) => row?.found === true),
          ),
        unsetDefault: sql`
          update model_configs set is_default = false, updated_at = now() where is_default and not deleted
        `.pipe(Effect.orDie, Effect.asVoid),
        removeOfProvider: (id) =>
          sql<{ id: ModelConfigId }>`
            update model_configs set deleted = true, deleted_at = now(), is_default = false
            where ai_provider_id = ${id} and not deleted returning id
          `.pipe(
            Effect.orDie,
            Effect.map((rows) => rows.length),
          ),
        electDefault: sql`
          update model_configs set is_default = true, updated_at = now()
          where not exists (select from model_configs where is_default and not deleted)
            and id = (
              select c.id from model_configs c join providers p on p.id = c.ai_provider_id
              where not c.deleted and not p.deleted
              order by (c.enabled and p.enabled) desc, p.source = 'builtin', p.type, c.model, c.updated_at desc, c.id desc
              limit 1)
        `.pipe(Effect.orDie, Effect.asVoid),
        exclusively: (effect) =>
          inTransaction(
            sql,
            sql`select pg_advisory_xact_lock(${lockSpace}::int, ${advisoryLocks.modelConfigs}::int)`.pipe(
              Effect.orDie,
              Effect.zipRight(effect),
            ),
          ),
      }
    }),
  )
}
