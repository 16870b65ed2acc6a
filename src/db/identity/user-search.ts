import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer } from "effect"
import type { UserId } from "../../contract/ids.ts"
import { USER_COLUMNS, type UserRow, type UserStatus } from "./users.ts"

export interface UserFilter {
  /** Pieces of username, e-mail address or name, whatever their case: all of them are in one. */
  readonly words: ReadonlyArray<string>
  readonly statuses?: ReadonlyArray<UserStatus>
  /** A site role. */
  readonly role?: string
  readonly loginType?: string
  readonly serviceAccount?: boolean
  readonly lastSeenBefore?: Date
  readonly lastSeenAfter?: Date
  readonly createdBefore?: Date
  readonly createdAfter?: Date
}

export interface UserPage {
  /** 0 is all of them. */
  readonly limit: number
  readonly offset: number
  /** The last account of the page before. */
  readonly afterId?: UserId
}

const anywhere = (word: string) => `%${word.toLowerCase().replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`

/** Lists of accounts, by username. */
export class UserSearch extends Context.Tag("troupe/db/UserSearch")<
  UserSearch,
  {
    readonly list: (filter: UserFilter, page: UserPage) => Effect.Effect<ReadonlyArray<UserRow>>
    readonly count: (filter: UserFilter) => Effect.Effect<number>
  }
>() {
  static readonly layer = Layer.effect(
    UserSearch,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient

      const matching = (filter: UserFilter) =>
        sql.and([
          sql`not u.deleted`,
          ...filter.words.map((word) => sql`u.search_text like ${anywhere(word)}`),
          ...(filter.statuses === undefined ? [] : [sql`u.status = any(${[...filter.statuses]})`]),
          ...(filter.role === undefined ? [] : [sql`(u.site_roles @> array[${filter.role}] and u.site_roles <> '{}')`]),
          ...(filter.loginType === undefined ? [] : [sql`u.login_type = ${filter.loginType}`]),
          ...(filter.serviceAccount === undefined ? [] : [sql`u.is_service_account = ${filter.serviceAccount}`]),
          ...(filter.lastSeenBefore === undefined ? [] : [sql`u.last_seen_at < ${filter.lastSeenBefore}`]),
          ...(filter.lastSeenAfter === undefined ? [] : [sql`u.last_seen_at > ${filter.lastSeenAfter}`]),
          ...(filter.createdBefore === undefined ? [] : [sql`u.created_at < ${filter.createdBefore}`]),
          ...(filter.createdAfter === undefined ? [] : [sql`u.created_at > ${filter.createdAfter}`]),
        ])

      const columns = sql.literal(USER_COLUMNS.map((name) => `u.${name}`).join(", "))

      return {
        list: (filter, { limit, offset, afterId }) => {
          const after =
            afterId === undefined
              ? sql`true`
              : sql`(lower(u.username), u.id) > (select lower(a.username), a.id from users a where a.id = ${afterId})`
          // The rows of a page and their memberships only, however many match or come before.
          return sql<UserRow>`
            select ${columns}, array(select m.organization_id::text from organization_members m
                                     where m.user_id = u.id order by m.created_at, m.organization_id) as organization_ids
            from (
              select u.id from users u where ${matching(filter)} and ${after}
              order by lower(u.username), u.id
              limit ${limit === 0 ? null : limit}::int offset ${offset}
            ) page join users u on u.id = page.id
            order by lower(u.username), u.id
          `.pipe(Effect.orDie)
        },
        count: (filter) =>
          sql<{ count: number }>`select count(*)::int as count from users u where ${matching(filter)}`.pipe(
            Effect.orDie,
            Effect.map((rows) => rows[0]?.count ?? 0),
          ),
      }
    }),
  )
}
