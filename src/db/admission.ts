import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer } from "effect"
import { advisoryLocks, lockSpace } from "./advisory-locks.ts"

/** Null means unlimited. */
export interface Capacity {
  readonly deployment: number | null
  readonly perUser: number | null
  readonly perOrganization: number | null
}

export class Admissions extends Context.Tag("troupe/Admissions")<
  Admissions,
  {
    /**
     * Gives slots to waiting chats of `instance`, as many as there is room for, and returns their ids.
     *
     * Slots are counted from the rows under one advisory lock, so two replicas never give the same one away. A yielded chat
     * comes before new ones; then the owner with the fewest running chats; then the longest wait. A chat that waits for
     * a person or sits in a back-off holds no slot.
     */
    readonly grant: (instance: string, capacity: Capacity) => Effect.Effect<ReadonlyArray<string>, SqlError>
  }
>() {
  static readonly layer = Layer.effect(
    Admissions,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const grant = Effect.fn("Admissions.grant")(function* (instance: string, capacity: Capacity) {
        yield* sql`select pg_advisory_xact_lock(${lockSpace}, ${advisoryLocks.admission})`
        const rows = yield* sql<{ readonly id: string }>`
          with holding as (
            select owner_id, organization_id from chats
            where (status = 'running' and activity <> 'running.backing_off')
              or (status = 'pending' and admitted_at is not null)
          ),
          by_owner as (select owner_id, count(*) as n from holding group by owner_id),
          by_organization as (select organization_id, count(*) as n from holding group by organization_id),
          waiting as (
            select c.id, c.owner_instance, c.yielded, c.pending_since, coalesce(o.n, 0) as running_of_owner,
              coalesce(o.n, 0) + row_number() over (partition by c.owner_id order by c.yielded desc, c.pending_since, c.id)
                as nth_of_owner,
              coalesce(g.n, 0) + row_number() over (partition by c.organization_id
                order by c.yielded desc, coalesce(o.n, 0), c.pending_since, c.id) as nth_of_organization
            from chats c
            left join by_owner o on o.owner_id = c.owner_id
            left join by_organization g on g.organization_id = c.organization_id
            where c.status = 'pending' and c.admitted_at is null
          ),
          allowed as (
            select id, owner_instance,
              row_number() over (order by yielded desc, nth_of_owner, pending_since, id) as nth
            from waiting
            where (${capacity.perUser}::bigint is null or nth_of_owner <= ${capacity.perUser}::bigint)
              and (${capacity.perOrganization}::bigint is null or nth_of_organization <= ${capacity.perOrganization}::bigint)
          )
          update chats set admitted_at = now()
          from allowed
          where chats.id = allowed.id and allowed.owner_instance = ${instance}::uuid
            and (${capacity.deployment}::bigint is null
              or allowed.nth <= ${capacity.deployment}::bigint - (select count(*) from holding))
          returning chats.id`
        return rows.map((row) => row.id)
      }, sql.withTransaction)
      return { grant }
    }),
  )
}
