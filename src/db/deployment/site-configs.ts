import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer, Option } from "effect"
import type { UserId } from "../../contract/ids.ts"
import { jsonb } from "../engine/jsonb.ts"

/** Settings of the deployment that administrators change while it runs: JSON values by name. */
export class SiteConfigs extends Context.Tag("troupe/SiteConfigs")<
  SiteConfigs,
  {
    readonly read: (key: string) => Effect.Effect<Option.Option<unknown>>
    readonly write: (key: string, value: unknown, userId: UserId) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    SiteConfigs,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      return {
        read: Effect.fn("SiteConfigs.read")((key: string) =>
          sql<{ readonly value: unknown }>`select value from site_configs where key = ${key}`.pipe(
            Effect.orDie,
            Effect.map((rows) => Option.fromNullable(rows[0]?.value)),
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
