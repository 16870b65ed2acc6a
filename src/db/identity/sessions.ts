import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer, Option } from "effect"
import type { GroupId, OrganizationId, SessionKeyId, UserId } from "../../contract/ids.ts"
import { type AuditEntry, insertAudit } from "../audit/audit-row.ts"
import { isUniqueViolation } from "../engine/sql-errors.ts"
import type { CustomRoleRow } from "./custom-roles.ts"
import type { OrganizationRow } from "./organizations.ts"

/** A live key with everything that a request needs to know of its user. */
export interface SessionRow {
  readonly hashed_secret: Uint8Array
  readonly user_id: UserId
  readonly username: string
  readonly site_roles: ReadonlyArray<string>
  readonly is_service_account: boolean
  readonly kind: "session" | "token"
  readonly scopes: ReadonlyArray<string> | null
  readonly organizations: ReadonlyArray<{
    readonly id: OrganizationId
    readonly roles: ReadonlyArray<string>
    readonly groups: ReadonlyArray<GroupId>
    readonly sharing: OrganizationRow["shareable_workspace_owners"]
  }>
  /** Those that one of the roles above means. */
  readonly custom_roles: ReadonlyArray<CustomRoleRow>
  /** The account has not been used for long: this use wakes it. */
  readonly dormant: boolean
  /** False when the key was used so lately that recording this use can be left out. */
  readonly stale: boolean
}

export interface NewKey {
  readonly id: SessionKeyId
  readonly hashedSecret: Uint8Array
  readonly userId: UserId
  readonly kind: "session" | "token"
  readonly lifetimeSeconds: number
  readonly ip: string | null
  readonly userAgent: string | null
  /** Of a token. */
  readonly tokenName?: string
  readonly scopes?: ReadonlyArray<string>
}

/** What may be shown of a key. */
export interface KeyRow {
  readonly id: SessionKeyId
  readonly user_id: UserId
  readonly username: string
  readonly kind: "session" | "token"
  readonly token_name: string | null
  readonly scopes: ReadonlyArray<string> | null
  readonly lifetime_seconds: number
  readonly expires_at: Date
  readonly last_used_at: Date
  readonly created_at: Date
  readonly ip: string | null
  readonly user_agent: string | null
}

export interface KeyFilter {
  /** Left out, of everybody. */
  readonly userId?: UserId
  readonly kind: KeyRow["kind"]
  readonly expired: boolean
}

/** Sessions and API tokens: rows of `api_keys`. Times are those of the database. */
export class SessionRepository extends Context.Tag("troupe/db/SessionRepository")<
  SessionRepository,
  {
    /** Fails where the user has a token of that name. */
    readonly insert: (key: NewKey) => Effect.Effect<void, "token_name">
    /** None when there is no such key, it has expired, or its user is deleted or suspended. */
    readonly find: (id: SessionKeyId) => Effect.Effect<Option.Option<SessionRow>>
    /** Of these keys, those that sign nobody in any more. */
    readonly ended: (ids: ReadonlyArray<SessionKeyId>) => Effect.Effect<ReadonlyArray<SessionKeyId>>
    /** Newest first. */
    readonly list: (filter: KeyFilter) => Effect.Effect<ReadonlyArray<KeyRow>>
    readonly describe: (id: SessionKeyId) => Effect.Effect<Option.Option<KeyRow>>
    readonly findToken: (userId: UserId, name: string) => Effect.Effect<Option.Option<KeyRow>>
    /**
     * Records the use; a session that slides then lives for its whole lifetime from now, and a dormant account is active, which
     * `woken` tells of.
     */
    readonly touch: (id: SessionKeyId, slides: boolean, woken: AuditEntry | undefined) => Effect.Effect<void>
    readonly remove: (id: SessionKeyId) => Effect.Effect<void>
    /** Ends its validity and keeps the row. */
    readonly expire: (id: SessionKeyId) => Effect.Effect<void>
    /** All sessions of the user but one; their ids. */
    readonly removeSessions: (userId: UserId, except: SessionKeyId | null) => Effect.Effect<ReadonlyArray<SessionKeyId>>
    /** Sessions, and tokens that have been over for 90 days. */
    readonly removeExpired: Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    SessionRepository,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const first = <Row>(rows: ReadonlyArray<Row>) => Option.fromNullable(rows[0])
      const described = sql`
        select k.id, k.user_id, u.username, k.kind, k.token_name, k.scopes, k.lifetime_seconds, k.expires_at,
               k.last_used_at, k.created_at, k.ip, k.user_agent
        from api_keys k join users u on u.id = k.user_id and not u.deleted`
      const named = (error: SqlError): Effect.Effect<never, "token_name"> =>
        isUniqueViolation(error, "api_keys_token_name") ? Effect.fail("token_name") : Effect.die(error)
      return {
        insert: (key) =>
          sql`
            insert into api_keys (id, hashed_secret, user_id, kind, lifetime_seconds, expires_at, ip, user_agent, token_name, scopes)
            values (${key.id}, ${key.hashedSecret}, ${key.userId}, ${key.kind}, ${key.lifetimeSeconds},
                    now() + ${key.lifetimeSeconds}::int * interval '1 second', ${key.ip}, ${key.userAgent},
                    ${key.tokenName ?? null}, ${key.scopes ?? null}::text[])
          `.pipe(Effect.catchAll(named), Effect.asVoid),
        find: (id) =>
          sql<SessionRow>`
            select k.hashed_secret, k.kind, k.scopes, u.id as user_id, u.username, u.site_roles, u.is_service_account,
                   u.status = 'dormant' as dormant, k.last_used_at < now() - interval '1 minute' as stale,
                   coalesce(
                     (select json_agg(json_build_object(
                               'id', m.organization_id, 'roles', m.roles, 'sharing', o.shareable_workspace_owners,
                               'groups', array(select g.group_id from group_members g
                                               where g.user_id = u.id and g.organization_id = m.organization_id))
                             order by m.created_at, m.organization_id)
                      from organization_members m join organizations o on o.id = m.organization_id and not o.deleted
                      where m.user_id = u.id),
                     '[]') as organizations,
                   coalesce(
                     (select json_agg(json_build_object('organization_id', c.organization_id, 'name', c.name,
                                                        'display_name', c.display_name, 'levels', c.levels))
                      from custom_roles c
                      where (c.organization_id is null and c.name = any(u.site_roles))
                        or exists (select from organization_members m where m.user_id = u.id
                                   and m.organization_id = c.organization_id and c.name = any(m.roles))),
                     '[]') as custom_roles
            from api_keys k join users u on u.id = k.user_id
            where k.id = ${id} and k.expires_at > now() and not u.deleted and u.status <> 'suspended'
          `.pipe(Effect.orDie, Effect.map(first)),
        ended: (ids) =>
          sql<{ id: SessionKeyId }>`
            select asked.id from unnest(${[...ids]}::text[]) as asked (id)
            where not exists (
              select from api_keys k join users u on u.id = k.user_id
              where k.id = asked.id and k.expires_at > now() and not u.deleted and u.status <> 'suspended')
          `.pipe(
            Effect.orDie,
            Effect.map((rows) => rows.map(({ id }) => id)),
          ),
        list: ({ userId, kind, expired }) =>
          sql<KeyRow>`
            ${described} where k.kind = ${kind} and ${userId === undefined ? sql`true` : sql`k.user_id = ${userId}`}
              and ${expired ? sql`true` : sql`k.expires_at > now()`}
            order by k.created_at desc, k.id
          `.pipe(Effect.orDie),
        describe: (id) => sql<KeyRow>`${described} where k.id = ${id}`.pipe(Effect.orDie, Effect.map(first)),
        findToken: (userId, name) =>
          sql<KeyRow>`
            ${described} where k.user_id = ${userId} and k.kind = 'token' and k.token_name = ${name}
          `.pipe(Effect.orDie, Effect.map(first)),
        touch: (id, slides, woken) =>
          sql`
            with used as (
              update api_keys
              set last_used_at = now(),
                  expires_at = case when kind = 'session' and ${slides}
                    then now() + lifetime_seconds * interval '1 second'
                    else expires_at
                  end
              where id = ${id} and expires_at > now()
              returning user_id
            ),
            seen as (
              select u.id, u.status from users u join used on used.user_id = u.id for update of u
            )${woken === undefined ? sql`` : sql`, told as (${insertAudit(sql, woken, "seen where status = 'dormant'")})`}
            update users set last_seen_at = now(),
              status = case seen.status when 'dormant' then 'active' else seen.status end
            from seen where users.id = seen.id
          `.pipe(Effect.orDie, Effect.asVoid),
        remove: (id) => sql`delete from api_keys where id = ${id}`.pipe(Effect.orDie, Effect.asVoid),
        expire: (id) =>
          sql`update api_keys set expires_at = least(expires_at, now()) where id = ${id}`.pipe(
            Effect.orDie,
            Effect.asVoid,
          ),
        removeSessions: (userId, except) =>
          sql<{ id: SessionKeyId }>`
            delete from api_keys where user_id = ${userId} and kind = 'session' and id is distinct from ${except}
            returning id
          `.pipe(
            Effect.orDie,
            Effect.map((rows) => rows.map(({ id }) => id)),
          ),
        removeExpired: sql`
          delete from api_keys where expires_at < now() and (kind = 'session' or expires_at < now() - interval '90 days')
        `.pipe(Effect.orDie, Effect.asVoid),
      }
    }),
  )
}
