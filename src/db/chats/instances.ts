import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer } from "effect"
import type { ChatId, ServerInstanceId } from "../../contract/ids.ts"

/** Server processes and what they have to look after. Times are the database's, so that clocks need not agree. */

/**
 * A chat that cannot be excluded as the reason of so many crashes is a suspect: it is resumed on trial, one after the other. A
 * first crash resumes all at once.
 */
export const SUSPECT_FROM = 2

/** A chat with work and no live owner. */
export interface Orphan {
  readonly id: ChatId
  /** Crashes for which it cannot be excluded; 0 for a chat that was not running. */
  readonly suspicion: number
  /** Crashes that are its own. */
  readonly recovery_attempts: number
}
export class Instances extends Context.Tag("troupe/Instances")<
  Instances,
  {
    readonly register: (id: ServerInstanceId, version: string) => Effect.Effect<void, SqlError>
    /** False when the row is gone: somebody has counted this instance as dead. */
    readonly heartbeat: (id: ServerInstanceId) => Effect.Effect<boolean, SqlError>
    readonly unregister: (id: ServerInstanceId) => Effect.Effect<void, SqlError>
    /** For the holder of the single-process lock: nobody else can be alive. */
    readonly removeOthers: (id: ServerInstanceId) => Effect.Effect<void, SqlError>
    /**
     * Says which of the chats that ran on a dead instance its death is held against, and takes them from it. To be asked before
     * any of them runs again.
     *
     * The accused are those on trial, if there were any, and else all that ran. One alone is to blame, and counts a recovery
     * attempt; a trial with one end also clears those that were still waiting for theirs. Nobody who ran can be excluded, so each of
     * them is under more suspicion than before.
     */
    readonly judge: (expiryMs: number) => Effect.Effect<void, SqlError>
    /** Chats with work and no live owner: first all that are no suspects, oldest first, then the suspects as they are tried. */
    readonly orphans: (expiryMs: number, limit: number) => Effect.Effect<ReadonlyArray<Orphan>, SqlError>
    /** Chats with work whose owner this instance is. */
    readonly owned: (id: ServerInstanceId) => Effect.Effect<ReadonlyArray<ChatId>, SqlError>
  }
>() {
  static readonly layer = Layer.effect(
    Instances,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      // Who works is owned as well: both are asked, for the index is on what is owned.
      /** Of the owner of the chat `c`. */
      const isDead = (expiryMs: number) => sql`not exists (
        select 1 from instances i where i.id = c.owner_instance
          and i.heartbeat_at > now() - ${expiryMs} * interval '1 millisecond')`
      return {
        register: Effect.fn("Instances.register")(function* (id: ServerInstanceId, version: string) {
          yield* sql`insert into instances (id, version) values (${id}, ${version})`
        }),
        heartbeat: Effect.fn("Instances.heartbeat")(function* (id: ServerInstanceId) {
          const rows = yield* sql`update instances set heartbeat_at = now() where id = ${id} returning id`
          return rows.length === 1
        }),
        unregister: Effect.fn("Instances.unregister")(function* (id: ServerInstanceId) {
          yield* sql`delete from instances where id = ${id}`
        }),
        removeOthers: Effect.fn("Instances.removeOthers")(function* (id: ServerInstanceId) {
          yield* sql`delete from instances where id <> ${id}`
        }),
        judge: Effect.fn("Instances.judge")(function* (expiryMs: number) {
          yield* sql`
            with fell as (
              select c.id, c.on_trial from chats c
              where c.owned and c.working and c.owner_instance is not null and ${isDead(expiryMs)} for update
            ),
            accused as (
              select f.id, f.on_trial from fell f where f.on_trial or not (select bool_or(on_trial) from fell)
            ),
            cleared as (
              update chats set suspicion = 0
              where owned and working and owner_instance is null and suspicion >= ${SUSPECT_FROM}
                and (select count(*) = 1 and bool_and(on_trial) from accused)
            )
            update chats set owner_instance = null, on_trial = false, suspicion = chats.suspicion + 1,
              recovery_attempts = chats.recovery_attempts
                + case when (select array_agg(id) from accused) = array[chats.id] then 1 else 0 end
            from fell where chats.id = fell.id`
        }),
        orphans: Effect.fn("Instances.orphans")(function* (expiryMs: number, limit: number) {
          return yield* sql<Orphan>`
            select c.id, c.recovery_attempts, case when c.working then c.suspicion else 0 end as suspicion
            from chats c
            where c.owned and (c.owner_instance is null or ${isDead(expiryMs)})
            order by c.working and c.suspicion >= ${SUSPECT_FROM},
              case when c.suspicion < ${SUSPECT_FROM} then c.updated_at end,
              c.recovery_attempts desc, c.updated_at desc
            limit ${limit}`
        }),
        owned: Effect.fn("Instances.owned")(function* (id: ServerInstanceId) {
          const rows = yield* sql<{ readonly id: ChatId }>`
            select id from chats
            where owned and owner_instance = ${id} order by updated_at`
          return rows.map((row) => row.id)
        }),
      }
    }),
  )
}
