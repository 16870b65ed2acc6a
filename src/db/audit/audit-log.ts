import { SqlClient } from "@effect/sql"
import type { Statement } from "@effect/sql/Statement"
import { Context, Effect, Layer } from "effect"
import type { OrganizationId, SessionKeyId, UserId } from "../../contract/ids.ts"
import { type AuditAction, type AuditActorKind, type AuditChange, type AuditEntry, insertAudit } from "./audit-row.ts"

export interface AuditRow {
  readonly id: string
  readonly time: Date
  readonly request_id: string | null
  readonly organization_id: OrganizationId | null
  readonly organization_name: string | null
  readonly actor_kind: AuditActorKind
  readonly actor_id: UserId | null
  readonly actor_name: string
  readonly token_id: SessionKeyId | null
  readonly ip: string | null
  readonly user_agent: string | null
  readonly resource_type: string
  readonly resource_id: string
  readonly resource_target: string
  readonly action: AuditAction
  readonly diff: Readonly<Record<string, AuditChange>>
  readonly additional_fields: Readonly<Record<string, unknown>>
}

export interface AuditFilter {
  /** Left out, all organizations and the deployment. */
  readonly organizationIds?: ReadonlyArray<OrganizationId>
  readonly id?: string
  readonly resourceType?: string
  readonly resourceId?: string
  readonly resourceTarget?: string
  readonly action?: string
  readonly username?: string
  readonly email?: string
  readonly requestId?: string
  readonly from?: Date
  readonly to?: Date
}

/** A place in the order of the log, newest first: after this entry. Entries that come meanwhile do not move it. */
export type AuditPlace = Pick<AuditRow, "id">

/** What was changed, by whom. Rows are written by the transaction that makes the change, and by nothing else. */
export class AuditLogRepository extends Context.Tag("troupe/db/AuditLogRepository")<
  AuditLogRepository,
  {
    readonly insert: (entry: AuditEntry) => Effect.Effect<void>
    readonly list: (
      filter: AuditFilter,
      page: { readonly limit: number; readonly offset: number; readonly after?: AuditPlace },
    ) => Effect.Effect<ReadonlyArray<AuditRow>>
    /** At most `cap`: counting all of a log that is kept forever would be slow. */
    readonly count: (filter: AuditFilter, cap: number) => Effect.Effect<number>
    /** Removes the oldest that are older than so many days, at most `limit`; how many that were. Several may do so at once. */
    readonly removeOlder: (days: number, limit: number) => Effect.Effect<number>
  }
>() {
  static readonly layer = Layer.effect(
    AuditLogRepository,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient

      const matching = (filter: AuditFilter) => {
        const equal = (column: string, value: string | undefined): ReadonlyArray<Statement<unknown>> =>
          value === undefined ? [] : [sql`a.${sql.literal(column)}::text = ${value}`]
        return sql.and([
          sql`true`,
          ...(filter.organizationIds === undefined
            ? []
            : [sql`a.organization_id = any(${[...filter.organizationIds]}::uuid[])`]),
          ...(filter.id === undefined ? [] : [sql`a.id = ${filter.id}::uuid`]),
          ...equal("resource_type", filter.resourceType),
          ...equal("resource_id", filter.resourceId),
          ...equal("resource_target", filter.resourceTarget),
          ...equal("action", filter.action),
          ...equal("request_id", filter.requestId),
          ...(filter.username === undefined
            ? []
            : [sql`a.actor_id in (select id from users where lower(username) = lower(${filter.username}))`]),
          ...(filter.email === undefined
            ? []
            : [sql`a.actor_id in (select id from users where lower(email) = lower(${filter.email}))`]),
          ...(filter.from === undefined ? [] : [sql`a.time >= ${filter.from}`]),
          ...(filter.to === undefined ? [] : [sql`a.time < ${filter.to}`]),
        ])
      }

      return {
        insert: (entry) => insertAudit(sql, entry).pipe(Effect.orDie, Effect.asVoid),
        list: (filter, { limit, offset, after }) =>
          sql<AuditRow>`
            select a.id, a.time, a.request_id, a.organization_id, o.name as organization_name, a.actor_kind, a.actor_id,
                   a.actor_name, a.token_id, a.ip, a.user_agent, a.resource_type, a.resource_id, a.resource_target, a.action,
                   a.diff, a.additional_fields
            from audit_log a left join organizations o on o.id = a.organization_id
            where ${matching(filter)}
              and ${after === undefined ? sql`true` : sql`(a.time, a.id) < (select p.time, p.id from audit_log p where p.id = ${after.id}::uuid)`}
            order by a.time desc, a.id desc limit ${limit} offset ${offset}
          `.pipe(Effect.orDie),
        count: (filter, cap) =>
          sql<{ count: number }>`
            select count(*)::int as count from (select from audit_log a where ${matching(filter)} limit ${cap}) counted
          `.pipe(
            Effect.orDie,
            Effect.map((rows) => rows[0]?.count ?? 0),
          ),
        removeOlder: (days, limit) =>
          sql`
            delete from audit_log where id in (
              select id from audit_log where time < now() - ${days}::int * interval '1 day'
              order by time, id limit ${limit} for update skip locked)
            returning id
          `.pipe(
            Effect.orDie,
            Effect.map(({ length }) => length),
          ),
      }
    }),
  )
}
