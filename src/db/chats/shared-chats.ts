import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer } from "effect"
import type { GroupId, OrganizationId, UserId } from "../../contract/ids.ts"
import type { ChatRow } from "./rows.ts"

/** A membership of somebody who may be let in. */
export interface ReaderRow {
  readonly user_id: UserId
  readonly organization_id: OrganizationId
  /** Those that were made in the organization. */
  readonly groups: ReadonlyArray<GroupId>
}

/** Who was let in to read a chat, and which version of its row says so. */
export interface SharedChatRow extends Pick<ChatRow, "id" | "owner_id" | "organization_id" | "user_acl" | "group_acl"> {
  /** Another one after every change of the row. */
  readonly version: string
}

/** Which chats are shared with whom, for those who are told of them. */
export class SharedChatReads extends Context.Tag("troupe/db/SharedChatReads")<
  SharedChatReads,
  {
    /** In which organizations and groups these users are. */
    readonly readers: (userIds: ReadonlyArray<UserId>) => Effect.Effect<ReadonlyArray<ReaderRow>, SqlError>
    /** Roots outside of the archive that name one of these users or groups; that of everyone has its organization's id. */
    readonly naming: (
      userIds: ReadonlyArray<UserId>,
      groupIds: ReadonlyArray<GroupId>,
    ) => Effect.Effect<ReadonlyArray<SharedChatRow>, SqlError>
  }
>() {
  static readonly layer = Layer.effect(
    SharedChatReads,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      return {
        readers: (userIds) => sql<ReaderRow>`
          select m.user_id, m.organization_id, array(select g.group_id from group_members g
            where g.user_id = m.user_id and g.organization_id = m.organization_id order by g.group_id) as groups
          from organization_members m join organizations o on o.id = m.organization_id and not o.deleted
          where m.user_id = any(${[...userIds]}::uuid[]) order by m.user_id, m.organization_id`,
        naming: (userIds, groupIds) => sql<SharedChatRow>`
          select c.id, c.owner_id, c.organization_id, c.user_acl, c.group_acl, c.xmin::text as version from chats c
          where c.parent_chat_id is null and not c.archived
            and ((c.user_acl <> '{}' and c.user_acl ?| ${[...userIds]}::text[])
              or (c.group_acl <> '{}' and c.group_acl ?| ${[...groupIds]}::text[]))`,
      }
    }),
  )
}
