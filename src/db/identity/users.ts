import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer, Option } from "effect"
import { randomUUID } from "node:crypto"
import type { OrganizationId, UserId } from "../../contract/ids.ts"
import { advisoryLocks, lockSpace } from "../engine/advisory-locks.ts"
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
  readonly status: "active" | "suspended" | "dormant"
  readonly created_at: Date
  readonly organization_ids: ReadonlyArray<OrganizationId>
}

export interface NewUser {
  readonly email: string
  readonly username: string
  readonly name: string
  readonly passwordHash: string | null
  readonly siteRoles: ReadonlyArray<string>
}

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
    /** Signing in wakes a dormant account. */
    readonly markSignedIn: (id: UserId) => Effect.Effect<void>
    /** Runs `effect` in a transaction that no other caller of this function is in, on any replica. */
    readonly exclusively: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  }
>() {
  static readonly layer = Layer.effect(
    UserRepository,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient

      const columns = sql.literal(`
        u.id, u.email, u.username, u.name, u.password_hash, u.site_roles, u.status, u.created_at,
        array(select m.organization_id::text from organization_members m
              where m.user_id = u.id order by m.created_at, m.organization_id) as organization_ids`)

      const first = (rows: Effect.Effect<ReadonlyArray<UserRow>, SqlError>) =>
        rows.pipe(
          Effect.orDie,
          Effect.map((found) => Option.fromNullable(found[0])),
        )

      const insert = (user: NewUser): Effect.Effect<UserId, TakenField> => {
        const id = randomUUID()
        return sql`
          insert into users (id, email, username, name, password_hash, site_roles)
          values (${id}, ${user.email}, ${user.username}, ${user.name}, ${user.passwordHash}, ${user.siteRoles})
        `.pipe(
          Effect.as(id),
          Effect.catchAll((error) => {
            if (isUniqueViolation(error, "users_email_key")) return Effect.fail("email" as const)
            if (isUniqueViolation(error, "users_username_key")) return Effect.fail("username" as const)
            return Effect.die(error)
          }),
        )
      }

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
        markSignedIn: (id) =>
          sql`
            update users set last_seen_at = now(), status = case status when 'dormant' then 'active' else status end
            where id = ${id}
          `.pipe(Effect.orDie, Effect.asVoid),
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
