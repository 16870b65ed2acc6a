import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer, Option } from "effect"
import { randomUUID } from "node:crypto"
import type { OrganizationId, UserId } from "../../contract/ids.ts"
import { advisoryLocks, lockSpace } from "../engine/advisory-locks.ts"
import { jsonb } from "../engine/jsonb.ts"
import { isUniqueViolation } from "../engine/sql-errors.ts"
import { inTransaction } from "../engine/transaction.ts"

export interface UserRow {
  readonly id: UserId
  readonly email: string
  readonly username: string
  readonly name: string
  /** argon2id in PHC form; null when the account has no password. */
  readonly password_hash: string | null
  readonly site_roles: ReadonlyArray<string>
  readonly status: UserStatus
  readonly login_type: "password" | "none"
  readonly is_service_account: boolean
  readonly avatar_url: string
  readonly created_at: Date
  readonly updated_at: Date
  readonly last_seen_at: Date | null
  readonly organization_ids: ReadonlyArray<OrganizationId>
}

export type UserStatus = "active" | "suspended" | "dormant"

export interface NewUser {
  readonly email: string
  readonly username: string
  readonly name: string
  readonly passwordHash: string | null
  readonly siteRoles: ReadonlyArray<string>
  readonly status?: UserStatus
  readonly loginType?: UserRow["login_type"]
  readonly serviceAccount?: boolean
}

/** What of an account can be written anew. */
export interface UserChange {
  readonly email?: string
  readonly username?: string
  readonly name?: string
  readonly avatarUrl?: string
  readonly passwordHash?: string
  readonly siteRoles?: ReadonlyArray<string>
  readonly status?: UserStatus
}

export const USER_COLUMNS = [
  "id",
  "email",
  "username",
  "name",
  "password_hash",
  "site_roles",
  "status",
  "login_type",
  "is_service_account",
  "avatar_url",
  "created_at",
  "updated_at",
  "last_seen_at",
] as const satisfies ReadonlyArray<keyof UserRow>

/** Which unique name of a new account another one has. */
export type TakenField = "email" | "username"

/** Accounts that are not deleted. E-mail addresses and usernames are compared without case. */
export class UserRepository extends Context.Tag("troupe/db/UserRepository")<
  UserRepository,
  {
    /** True once any account was ever made, also when it is deleted by now. */
    readonly anyEver: Effect.Effect<boolean>
    readonly findById: (id: UserId) => Effect.Effect<Option.Option<UserRow>>
    readonly findByUsername: (username: string) => Effect.Effect<Option.Option<UserRow>>
    readonly findByEmail: (email: string) => Effect.Effect<Option.Option<UserRow>>
    /** The new id, or the name that is taken. */
    readonly insert: (user: NewUser) => Effect.Effect<UserId, TakenField>
    /** The row after the change, or the name that is taken; none when the account is gone. */
    readonly update: (id: UserId, change: UserChange) => Effect.Effect<Option.Option<UserRow>, TakenField>
    /** The row as it is, kept so until the transaction ends. */
    readonly lock: (id: UserId) => Effect.Effect<Option.Option<UserRow>>
    /** Gives the names free; sessions and memberships go. */
    readonly remove: (id: UserId) => Effect.Effect<void>
    /** People who can sign in and have this site role, kept so until the transaction ends. */
    readonly lockHolders: (role: string) => Effect.Effect<ReadonlyArray<UserId>>
    readonly preferences: (id: UserId) => Effect.Effect<Readonly<Record<string, unknown>>>
    readonly setPreferences: (id: UserId, values: Readonly<Record<string, unknown>>) => Effect.Effect<void>
    /** Signing in wakes a dormant account. */
    readonly markSignedIn: (id: UserId) => Effect.Effect<void>
    /**
     * Makes active accounts dormant that nobody has used or changed for so many days, at most `limit`, and gives them as they are now.
     * Several may do so at once.
     */
    readonly letRest: (days: number, limit: number) => Effect.Effect<ReadonlyArray<UserRow>>
    /** Runs `effect` in a transaction that no other caller of this function is in, on any replica. */
    readonly exclusively: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  }
>() {
  static readonly layer = Layer.effect(
    UserRepository,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient

      const columns = sql.literal(`
        ${USER_COLUMNS.map((name) => `u.${name}`).join(", ")},
        array(select m.organization_id::text from organization_members m
              where m.user_id = u.id order by m.created_at, m.organization_id) as organization_ids`)

      const first = (rows: Effect.Effect<ReadonlyArray<UserRow>, SqlError>) =>
        rows.pipe(
          Effect.orDie,
          Effect.map((found) => Option.fromNullable(found[0])),
        )

      const taken = (error: SqlError): Effect.Effect<never, TakenField> => {
        if (isUniqueViolation(error, "users_email_key")) return Effect.fail("email")
        if (isUniqueViolation(error, "users_username_key")) return Effect.fail("username")
        return Effect.die(error)
      }

      const insert = (user: NewUser): Effect.Effect<UserId, TakenField> => {
        const id = randomUUID()
        return sql`
          insert into users (id, email, username, name, password_hash, site_roles, status, login_type, is_service_account)
          values (${id}, ${user.email}, ${user.username}, ${user.name}, ${user.passwordHash}, ${user.siteRoles},
                  ${user.status ?? "active"}, ${user.loginType ?? "password"}, ${user.serviceAccount ?? false})
        `.pipe(Effect.as(id), Effect.catchAll(taken))
      }

      const update = (id: UserId, change: UserChange): Effect.Effect<Option.Option<UserRow>, TakenField> =>
        sql`
          update users u set
            email = coalesce(${change.email ?? null}, email),
            username = coalesce(${change.username ?? null}, username),
            name = coalesce(${change.name ?? null}, name),
            avatar_url = coalesce(${change.avatarUrl ?? null}, avatar_url),
            password_hash = coalesce(${change.passwordHash ?? null}, password_hash),
            site_roles = coalesce(${change.siteRoles ?? null}::text[], site_roles),
            status = coalesce(${change.status ?? null}, status),
            updated_at = now()
          where id = ${id} and not deleted
        `.pipe(
          Effect.catchAll(taken),
          Effect.zipRight(first(sql<UserRow>`select ${columns} from users u where u.id = ${id} and not u.deleted`)),
        )

      return {
        anyEver: sql<{ found: boolean }>`select exists (select from users) as found`.pipe(
          Effect.orDie,
          Effect.map((rows) => rows[0]?.found === true),
        ),
        findById: (id) => first(sql<UserRow>`select ${columns} from users u where u.id = ${id} and not u.deleted`),
        findByUsername: (username) =>
          first(
            sql<UserRow>`select ${columns} from users u where lower(u.username) = lower(${username}) and not u.deleted`,
          ),
        findByEmail: (email) =>
          first(sql<UserRow>`select ${columns} from users u where lower(u.email) = lower(${email}) and not u.deleted`),
        insert,
        update,
        lock: (id) =>
          first(sql<UserRow>`select ${columns} from users u where u.id = ${id} and not u.deleted for update of u`),
        remove: (id) =>
          sql`
            with gone as (update users set deleted = true, updated_at = now() where id = ${id} and not deleted returning id),
              keys as (delete from api_keys k using gone where k.user_id = gone.id)
            delete from organization_members m using gone where m.user_id = gone.id
          `.pipe(Effect.orDie, Effect.asVoid),
        lockHolders: (role) =>
          sql<{ id: UserId }>`
            select id from users
            where not deleted and status <> 'suspended' and not is_service_account and ${role} = any(site_roles)
            order by id for update
          `.pipe(
            Effect.orDie,
            Effect.map((rows) => rows.map(({ id }) => id)),
          ),
        preferences: (id) =>
          sql<{ preferences: Readonly<Record<string, unknown>> }>`select preferences from users where id = ${id}`.pipe(
            Effect.orDie,
            Effect.map((rows) => rows[0]?.preferences ?? {}),
          ),
        setPreferences: (id, values) =>
          sql`update users set preferences = preferences || ${jsonb(values)}::jsonb where id = ${id}`.pipe(
            Effect.orDie,
            Effect.asVoid,
          ),
        markSignedIn: (id) =>
          sql`
            update users set last_seen_at = now(), status = case status when 'dormant' then 'active' else status end
            where id = ${id}
          `.pipe(Effect.orDie, Effect.asVoid),
        letRest: (days, limit) =>
          sql<UserRow>`
            update users u set status = 'dormant', updated_at = now()
            where u.id in (
              select id from users
              where status = 'active' and not deleted
                and greatest(created_at, updated_at, last_seen_at) < now() - ${days}::int * interval '1 day'
              order by id limit ${limit} for update skip locked)
            returning ${columns}
          `.pipe(Effect.orDie),
        exclusively: (effect) =>
          inTransaction(
            sql,
            sql`select pg_advisory_xact_lock(${lockSpace}::int, ${advisoryLocks.firstUser}::int)`.pipe(
              Effect.orDie,
              Effect.zipRight(effect),
            ),
          ),
      }
    }),
  )
}
