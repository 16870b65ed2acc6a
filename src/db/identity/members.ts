import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer, Option } from "effect"
import type { OrganizationId, UserId } from "../../contract/ids.ts"
import { isUniqueViolation } from "../engine/sql-errors.ts"

export interface MemberRow {
  readonly organization_id: OrganizationId
  readonly user_id: UserId
  readonly roles: ReadonlyArray<string>
  readonly created_at: Date
  readonly updated_at: Date
  readonly username: string
  readonly name: string
  readonly email: string
  readonly avatar_url: string
  readonly site_roles: ReadonlyArray<string>
  readonly status: "active" | "suspended" | "dormant"
  readonly is_service_account: boolean
}

/** Who belongs to which organization, and with which roles. Deleted accounts belong to none. */
export class MemberRepository extends Context.Tag("troupe/db/MemberRepository")<
  MemberRepository,
  {
    /** Whether it was added: false for who is a member already. */
    readonly add: (
      organizationId: OrganizationId,
      userId: UserId,
      roles: ReadonlyArray<string>,
    ) => Effect.Effect<boolean>
    /** The member as it is, kept so until the transaction ends. */
    readonly lock: (organizationId: OrganizationId, userId: UserId) => Effect.Effect<Option.Option<MemberRow>>
    readonly find: (organizationId: OrganizationId, userId: UserId) => Effect.Effect<Option.Option<MemberRow>>
    readonly setRoles: (
      organizationId: OrganizationId,
      userId: UserId,
      roles: ReadonlyArray<string>,
    ) => Effect.Effect<void>
    /** Out of the organization and all of its groups. */
    readonly remove: (organizationId: OrganizationId, userId: UserId) => Effect.Effect<void>
    /** By username; `limit` 0 is all of them. `search` is a piece of username, e-mail address or name. */
    readonly list: (
      organizationId: OrganizationId,
      page: { readonly limit: number; readonly offset: number; readonly search: string },
    ) => Effect.Effect<ReadonlyArray<MemberRow>>
    readonly count: (organizationId: OrganizationId, search: string) => Effect.Effect<number>
    /** Of each of the user's memberships. */
    readonly rolesOf: (userId: UserId) => Effect.Effect<ReadonlyArray<Pick<MemberRow, "organization_id" | "roles">>>
    /** Of these ids, those that belong to the organization. */
    readonly among: (
      organizationId: OrganizationId,
      userIds: ReadonlyArray<UserId>,
    ) => Effect.Effect<ReadonlyArray<UserId>>
    /** No member has the role any more. */
    readonly dropRole: (organizationId: OrganizationId, role: string) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    MemberRepository,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const first = (rows: ReadonlyArray<MemberRow>) => Option.fromNullable(rows[0])
      const selected = sql`
        select m.organization_id, m.user_id, m.roles, m.created_at, m.updated_at,
               u.username, u.name, u.email, u.avatar_url, u.site_roles, u.status, u.is_service_account
        from organization_members m join users u on u.id = m.user_id and not u.deleted`
      const matches = (search: string) =>
        search === "" ? sql`true` : sql`u.search_text like ${`%${search.toLowerCase()}%`}`
      const found = (organizationId: OrganizationId, userId: UserId) =>
        sql`${selected} where m.organization_id = ${organizationId} and m.user_id = ${userId}`

      return {
        add: (organizationId, userId, roles) =>
          sql`
            insert into organization_members (organization_id, user_id, roles)
            values (${organizationId}, ${userId}, ${roles})
          `.pipe(
            Effect.as(true),
            Effect.catchAll((error) =>
              isUniqueViolation(error, "organization_members_pkey") ? Effect.succeed(false) : Effect.die(error),
            ),
          ),
        find: (organizationId, userId) =>
          sql<MemberRow>`${found(organizationId, userId)}`.pipe(Effect.orDie, Effect.map(first)),
        lock: (organizationId, userId) =>
          sql<MemberRow>`${found(organizationId, userId)} for update of m`.pipe(Effect.orDie, Effect.map(first)),
        setRoles: (organizationId, userId, roles) =>
          sql`
            update organization_members set roles = ${roles}, updated_at = now()
            where organization_id = ${organizationId} and user_id = ${userId}
          `.pipe(Effect.orDie, Effect.asVoid),
        remove: (organizationId, userId) =>
          sql`
            delete from organization_members where organization_id = ${organizationId} and user_id = ${userId}
          `.pipe(Effect.orDie, Effect.asVoid),
        list: (organizationId, { limit, offset, search }) =>
          sql<MemberRow>`
            ${selected} where m.organization_id = ${organizationId} and ${matches(search)}
            order by lower(u.username), u.id limit ${limit === 0 ? null : limit}::int offset ${offset}
          `.pipe(Effect.orDie),
        count: (organizationId, search) =>
          // Who is deleted is a member of nothing.
          sql<{ count: number }>`
            select count(*)::int as count from organization_members m
            ${search === "" ? sql`` : sql`join users u on u.id = m.user_id and not u.deleted and ${matches(search)}`}
            where m.organization_id = ${organizationId}
          `.pipe(
            Effect.orDie,
            Effect.map((rows) => rows[0]?.count ?? 0),
          ),
        rolesOf: (userId) =>
          sql<Pick<MemberRow, "organization_id" | "roles">>`
            select m.organization_id, m.roles from organization_members m
            join organizations o on o.id = m.organization_id and not o.deleted
            where m.user_id = ${userId} order by m.created_at, m.organization_id
          `.pipe(Effect.orDie),
        among: (organizationId, userIds) =>
          sql<{ user_id: UserId }>`
            select user_id from organization_members
            where organization_id = ${organizationId} and user_id = any(${[...userIds]}::uuid[])
          `.pipe(
            Effect.orDie,
            Effect.map((rows) => rows.map(({ user_id }) => user_id)),
          ),
        dropRole: (organizationId, role) =>
          sql`
            update organization_members set roles = array_remove(roles, ${role}), updated_at = now()
            where organization_id = ${organizationId} and ${role} = any(roles)
          `.pipe(Effect.orDie, Effect.asVoid),
      }
    }),
  )
}
