import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer } from "effect"

/** Server processes and what they have to look after. Times are the database's, so that clocks need not agree. */
export class Instances extends Context.Tag("troupe/Instances")<
  Instances,
  {
    readonly register: (id: string, version: string) => Effect.Effect<void, SqlError>
    /** False when the row is gone: somebody has counted this instance as dead. */
    readonly heartbeat: (id: string) => Effect.Effect<boolean, SqlError>
    readonly unregister: (id: string) => Effect.Effect<void, SqlError>
    /** For the holder of the single-process lock: nobody else can be alive. */
    readonly removeOthers: (id: string) => Effect.Effect<void, SqlError>
    /** Chats with work and no live owner, oldest first. */
    readonly orphans: (expiryMs: number, limit: number) => Effect.Effect<ReadonlyArray<string>, SqlError>
    /** Chats with work whose owner this instance is. */
    readonly owned: (id: string) => Effect.Effect<ReadonlyArray<string>, SqlError>
  }
>() {
  static readonly layer = Layer.effect(
    Instances,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      return {
        register: Effect.fn("Instances.register")(function* (id: string, version: string) {
          yield* sql`insert into instances (id, version) values (${id}, ${version})`
        }),
        heartbeat: Effect.fn("Instances.heartbeat")(function* (id: string) {
          const rows = yield* sql`update instances set heartbeat_at = now() where id = ${id} returning id`
          return rows.length === 1
        }),
        unregister: Effect.fn("Instances.unregister")(function* (id: string) {
          yield* sql`delete from instances where id = ${id}`
        }),
        removeOthers: Effect.fn("Instances.removeOthers")(function* (id: string) {
          yield* sql`delete from instances where id <> ${id}`
        }),
        orphans: Effect.fn("Instances.orphans")(function* (expiryMs: number, limit: number) {
          const rows = yield* sql<{ readonly id: string }>`
            select c.id from chats c
            where c.status in ('pending', 'running', 'requires_action') and (c.owner_instance is null or not exists (
              select 1 from instances i where i.id = c.owner_instance
                and i.heartbeat_at > now() - ${expiryMs} * interval '1 millisecond'))
            order by c.updated_at limit ${limit}`
          return rows.map((row) => row.id)
        }),
        owned: Effect.fn("Instances.owned")(function* (id: string) {
          const rows = yield* sql<{ readonly id: string }>`
            select id from chats
            where status in ('pending', 'running', 'requires_action') and owner_instance = ${id} order by updated_at`
          return rows.map((row) => row.id)
        }),
      }
    }),
  )
}
