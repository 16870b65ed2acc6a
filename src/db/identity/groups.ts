import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer, Option } from "effect"
import { randomUUID } from "node:crypto"
import type { GroupId, OrganizationId, UserId } from "../../contract/ids.ts"
import { isUniqueViolation } from "../engine/sql-errors.ts"

export interface GroupRow {
  readonly id: GroupId
  readonly organization_id: OrganizationId
  readonly name: string
  readonly display_name: string
  readonly avatar_url: string
  readonly member_count: number
}

export interface GroupMemberRow {
  readonly id: UserId
  readonly username: string
  readonly name: string
  readonly email: string
  readonly avatar_url: string
  readonly status: "active" | "suspended" | "dormant"
}

export interface GroupChange {
  readonly name?: string
  readonly displayName?: string
  readonly avatarUrl?: string
}

/** The name of the group of everyone, which each organization has. */
export const EVERYONE = "Everyone"

export const isEveryone = ({ id, organization_id }: Pick<GroupRow, "id" | "organization_id">): boolean =>
  String(id) === String(organization_id)

/**
 * Groups of members. That of everyone is the organization itself: it has the organization's id and no row, so that who is in it
 * cannot differ from who is a member.
 */
export class GroupRepository extends Context.Tag("troupe/db/GroupRepository")<
  GroupRepository,
  {
    /** That of everyone first. */
    readonly list: (organizationId: OrganizationId) => Effect.Effect<ReadonlyArray<GroupRow>>
    readonly findById: (id: GroupId) => Effect.Effect<Option.Option<GroupRow>>
    readonly findByName: (organizationId: OrganizationId, name: string) => Effect.Effect<Option.Option<GroupRow>>
    /** Those with the user in them. */
    readonly ofUser: (userId: UserId) => Effect.Effect<ReadonlyArray<GroupRow>>
    readonly insert: (group: {
      readonly organizationId: OrganizationId
      readonly name: string
      readonly displayName: string
      readonly avatarUrl: string
    }) => Effect.Effect<GroupId, "name">
    readonly update: (id: GroupId, change: GroupChange) => Effect.Effect<void, "name">
    readonly lock: (id: GroupId) => Effect.Effect<boolean>
    readonly remove: (id: GroupId) => Effect.Effect<void>
    readonly members: (
      group: GroupRow,
      page: { readonly limit: number; readonly offset: number },
    ) => Effect.Effect<ReadonlyArray<GroupMemberRow>>
    /** Those who are members of the organization; who is in the group already stays in it. */
    readonly addMembers: (group: GroupRow, userIds: ReadonlyArray<UserId>) => Effect.Effect<void>
    readonly removeMembers: (group: GroupRow, userIds: ReadonlyArray<UserId>) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    GroupRepository,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const first = (rows: ReadonlyArray<GroupRow>) => Option.fromNullable(rows[0])
      const named = (error: SqlError): Effect.Effect<never, "name"> =>
        isUniqueViolation(error, "groups_name_key") ? Effect.fail("name") : Effect.die(error)

      const everyone = sql`
        select o.id, o.id as organization_id, ${EVERYONE} as name, ${EVERYONE} as display_name, '' as avatar_url,
          (select count(*)::int from organization_members m where m.organization_id = o.id) as member_count
        from organizations o where not o.deleted`
      const made = sql`
        select g.id, g.organization_id, g.name, g.display_name, g.avatar_url,
          (select count(*)::int from group_members m where m.group_id = g.id) as member_count
        from groups g join organizations o on o.id = g.organization_id and not o.deleted`

      return {
        list: (organizationId) =>
          sql<GroupRow>`
            select * from (${everyone} and o.id = ${organizationId}) e
            union all
            (${made} where g.organization_id = ${organizationId} order by lower(g.name))
          `.pipe(Effect.orDie),
        findById: (id) =>
          sql<GroupRow>`${everyone} and o.id = ${id} union all ${made} where g.id = ${id}`.pipe(
            Effect.orDie,
            Effect.map(first),
          ),
        findByName: (organizationId, name) =>
          sql<GroupRow>`
            ${everyone} and o.id = ${organizationId} and lower(${name}) = lower(${EVERYONE})
            union all ${made} where g.organization_id = ${organizationId} and lower(g.name) = lower(${name})
          `.pipe(Effect.orDie, Effect.map(first)),
        ofUser: (userId) =>
          sql<GroupRow>`
            ${everyone} and exists (select from organization_members m where m.organization_id = o.id and m.user_id = ${userId})
            union all
            ${made} where exists (select from group_members m where m.group_id = g.id and m.user_id = ${userId})
          `.pipe(Effect.orDie),
        insert: ({ organizationId, name, displayName, avatarUrl }) => {
          const id = randomUUID()
          return sql`
            insert into groups (id, organization_id, name, display_name, avatar_url)
            values (${id}, ${organizationId}, ${name}, ${displayName}, ${avatarUrl})
          `.pipe(Effect.as(id), Effect.catchAll(named))
        },
        update: (id, { name, displayName, avatarUrl }) =>
          sql`
            update groups set name = coalesce(${name ?? null}, name),
              display_name = coalesce(${displayName ?? null}, display_name),
              avatar_url = coalesce(${avatarUrl ?? null}, avatar_url), updated_at = now()
            where id = ${id}
          `.pipe(Effect.catchAll(named), Effect.asVoid),
        lock: (id) =>
          sql`select from groups where id = ${id} for update`.pipe(
            Effect.orDie,
            Effect.map((rows) => rows.length > 0),
          ),
        remove: (id) => sql`delete from groups where id = ${id}`.pipe(Effect.orDie, Effect.asVoid),
        members: (group, { limit, offset }) => {
          const everyoneIsIn = isEveryone(group)
          const source = everyoneIsIn
            ? sql`organization_members m on m.user_id = u.id and m.organization_id = ${group.id}`
            : sql`group_members m on m.user_id = u.id and m.group_id = ${group.id}`
          return sql<GroupMemberRow>`
            select u.id, u.username, u.name, u.email, u.avatar_url, u.status from users u join ${source}
            where not u.deleted order by lower(u.username), u.id
            limit ${limit === 0 ? null : limit}::int offset ${offset}
          `.pipe(Effect.orDie)
        },
        addMembers: (group, userIds) =>
          sql`
            insert into group_members (group_id, organization_id, user_id)
            select ${group.id}, m.organization_id, m.user_id from organization_members m
            where m.organization_id = ${group.organization_id} and m.user_id = any(${[...userIds]}::uuid[])
            on conflict do nothing
          `.pipe(Effect.orDie, Effect.asVoid),
        removeMembers: (group, userIds) =>
          sql`
            delete from group_members where group_id = ${group.id} and user_id = any(${[...userIds]}::uuid[])
          `.pipe(Effect.orDie, Effect.asVoid),
      }
    }),
  )
}
