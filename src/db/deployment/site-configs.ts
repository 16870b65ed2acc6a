import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer } from "effect"
import type { UserId } from "../../contract/ids.ts"
import { advisoryLocks, lockSpace } from "../engine/advisory-locks.ts"
import { jsonb } from "../engine/jsonb.ts"

/** What administrators have set, as JSON by name. `DeploymentSettings` knows what it means. */
export class SiteConfigs extends Context.Tag("troupe/SiteConfigs")<
  SiteConfigs,
  {
    /** All of them: they are few and short. */
    readonly all: Effect.Effect<ReadonlyMap<string, unknown>>
    /** What is stored by that name, until the transaction ends nobody else's to change; undefined for nothing. */
    readonly lock: (key: string) => Effect.Effect<unknown>
    readonly write: (key: string, value: unknown, userId: UserId) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    SiteConfigs,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const rows = sql<{ readonly key: string; readonly value: unknown }>`select key, value from site_configs`
      return {
        all: rows.pipe(
          Effect.orDie,
          Effect.map((found) => new Map(found.map(({ key, value }) => [key, value]))),
          Effect.withSpan("SiteConfigs.all"),
        ),
        lock: Effect.fn("SiteConfigs.lock")((key: string) =>
          sql`select pg_advisory_xact_lock(${lockSpace}::int, ${advisoryLocks.settings}::int)`.pipe(
            Effect.zipRight(sql<{ readonly value: unknown }>`select value from site_configs where key = ${key}`),
            Effect.orDie,
            Effect.map((found) => found[0]?.value),
          ),
        ),
        write: Effect.fn("SiteConfigs.write")((key: string, value: unknown, userId: UserId) =>
          sql`
            insert into site_configs (key, value, updated_by) values (${key}, ${jsonb(value)}::jsonb, ${userId})
            on conflict (key) do update set value = excluded.value, updated_by = excluded.updated_by,
              updated_at = now()`.pipe(Effect.orDie, Effect.asVoid),
        ),
      }
    }),
  )
}
