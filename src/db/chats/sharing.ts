import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer, Option } from "effect"
import type { ChatId, GroupId, OrganizationId, UserId } from "../../contract/ids.ts"
import { jsonb } from "../engine/jsonb.ts"
import type { ChatRow } from "./rows.ts"

export type ChatAclRow = Pick<
  ChatRow,
  "id" | "owner_id" | "organization_id" | "parent_chat_id" | "root_chat_id" | "user_acl" | "group_acl"
>

export interface SharedUserRow {
  readonly id: UserId
  readonly username: string
  readonly name: string
  readonly avatar_url: string
}

export interface SharedGroupRow {
  readonly id: GroupId
  readonly organization_id: OrganizationId
  readonly name: string
  readonly display_name: string
  readonly avatar_url: string
  readonly member_count: number
}

/** Who was let in to read a chat: a list at the root of its family. */
export class ChatSharingRows extends Context.Tag("troupe/db/ChatSharingRows")<
  ChatSharingRows,
  {
    readonly find: (chatId: ChatId) => Effect.Effect<Option.Option<ChatAclRow>>
    /** The row as it is, kept so until the transaction ends. */
    readonly lock: (chatId: ChatId) => Effect.Effect<Option.Option<ChatAclRow>>
    readonly write: (chatId: ChatId, acl: Pick<ChatRow, "user_acl" | "group_acl">) => Effect.Effect<void>
    /** Of these, the accounts that are members of the organization. */
    readonly users: (
      organizationId: OrganizationId,
      ids: ReadonlyArray<UserId>,
    ) => Effect.Effect<ReadonlyArray<SharedUserRow>>
    /** Of these, the groups of the organization; that of everyone has its id. */
    readonly groups: (
      organizationId: OrganizationId,
      ids: ReadonlyArray<GroupId>,
    ) => Effect.Effect<ReadonlyArray<SharedGroupRow>>
  }
>() {
  static readonly layer = Layer.effect(
    ChatSharingRows,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const columns = sql.literal("id, owner_id, organization_id, parent_chat_id, root_chat_id, user_acl, group_acl")
      const first = (rows: ReadonlyArray<ChatAclRow>) => Option.fromNullable(rows[0])
      return {
        find: (chatId) =>
          sql<ChatAclRow>`select ${columns} from chats where id = ${chatId}`.pipe(Effect.orDie, Effect.map(first)),
        lock: (chatId) =>
          sql<ChatAclRow>`select ${columns} from chats where id = ${chatId} for no key update`.pipe(
            Effect.orDie,
            Effect.map(first),
          ),
        write: (chatId, { user_acl, group_acl }) =>
          sql`
            update chats set user_acl = ${jsonb(user_acl)}::jsonb, group_acl = ${jsonb(group_acl)}::jsonb
            where id = ${chatId}
          `.pipe(Effect.orDie, Effect.asVoid),
        users: (organizationId, ids) =>
          sql<SharedUserRow>`
            select u.id, u.username, u.name, u.avatar_url from users u
            join organization_members m on m.user_id = u.id and m.organization_id = ${organizationId}
            where not u.deleted and u.id = any(${[...ids]}::uuid[]) order by lower(u.username)
          `.pipe(Effect.orDie),
        groups: (organizationId, ids) =>
          sql<SharedGroupRow>`
            select o.id, o.id as organization_id, 'Everyone' as name, 'Everyone' as display_name, '' as avatar_url,
              (select count(*)::int from organization_members m where m.organization_id = o.id) as member_count
            from organizations o where o.id = ${organizationId} and o.id = any(${[...ids]}::uuid[])
            union all
            select g.id, g.organization_id, g.name, g.display_name, g.avatar_url,
              (select count(*)::int from group_members m where m.group_id = g.id) as member_count
            from groups g where g.organization_id = ${organizationId} and g.id = any(${[...ids]}::uuid[])
          `.pipe(Effect.orDie),
      }
    }),
  )
}
