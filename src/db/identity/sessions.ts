import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer, Option } from "effect"
import type { OrganizationId, SessionKeyId, UserId } from "../../contract/ids.ts"

/** A live key with everything that a request needs to know of its user. */
export interface SessionRow {
  readonly hashed_secret: Uint8Array
  readonly user_id: UserId
  readonly username: string
  readonly site_roles: ReadonlyArray<string>
  readonly organizations: ReadonlyArray<{ readonly id: OrganizationId; readonly roles: ReadonlyArray<string> }>
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
}

/** Sessions and API tokens: rows of `api_keys`. Times are those of the database. */
export class SessionRepository extends Context.Tag("troupe/db/SessionRepository")<
  SessionRepository,
  {
    readonly insert: (key: NewKey) => Effect.Effect<void>
    /** None when there is no such key, it has expired, or its user is deleted or suspended. */
    readonly find: (id: SessionKeyId) => Effect.Effect<Option.Option<SessionRow>>
    /** Records the use; a session then lives for its whole lifetime from now. */
    readonly touch: (id: SessionKeyId) => Effect.Effect<void>
    readonly remove: (id: SessionKeyId) => Effect.Effect<void>
    readonly removeExpired: Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    SessionRepository,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      return {
        insert: (key) =>
          sql`
            insert into api_keys (id, hashed_secret, user_id, kind, lifetime_seconds, expires_at, ip, user_agent)
            values (${key.id}, ${key.hashedSecret}, ${key.userId}, ${key.kind}, ${key.lifetimeSeconds},
                    now() + ${key.lifetimeSeconds}::int * interval '1 second', ${key.ip}, ${key.userAgent})
          `.pipe(Effect.orDie, Effect.asVoid),
        find: (id) =>
          sql<SessionRow>`
            select k.hashed_secret, u.id as user_id, u.username, u.site_roles,
                   k.last_used_at < now() - interval '1 minute' as stale,
                   coalesce(
                     (select json_agg(json_build_object('id', m.organization_id, 'roles', m.roles)
                                      order by m.created_at, m.organization_id)
                      from organization_members m where m.user_id = u.id),
                     '[]') as organizations
            from api_keys k join users u on u.id = k.user_id
            where k.id = ${id} and k.expires_at > now() and not u.deleted and u.status <> 'suspended'
          `.pipe(
            Effect.orDie,
            Effect.map((rows) => Option.fromNullable(rows[0])),
          ),
        touch: (id) =>
          sql`
            with used as (
              update api_keys
              set last_used_at = now(),
                  expires_at = case kind
                    when 'session' then now() + lifetime_seconds * interval '1 second'
                    else expires_at
                  end
              where id = ${id} and expires_at > now()
              returning user_id
            )
            update users set last_seen_at = now() from used where users.id = used.user_id
          `.pipe(Effect.orDie, Effect.asVoid),
        remove: (id) => sql`delete from api_keys where id = ${id}`.pipe(Effect.orDie, Effect.asVoid),
        removeExpired: sql`delete from api_keys where expires_at < now()`.pipe(Effect.orDie, Effect.asVoid),
      }
    }),
  )
}
