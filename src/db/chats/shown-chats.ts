import type { SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import type { ChatStatus } from "../../contract/chats.ts"
import type { ChatId, GroupId, OrganizationId, UserId } from "../../contract/ids.ts"
import { jsonb } from "../engine/jsonb.ts"
import { type ChatRow, DETAIL_COLUMNS, SHOWN_COLUMNS } from "./rows.ts"

/**
 * Chats as people are shown them, in lists and alone. What is read of a row is named: a chat may carry 256 KiB of tools and rules
 * that only its actor looks at, and a list has 200 chats.
 */

export interface ChatListRow extends Pick<ChatRow, (typeof SHOWN_COLUMNS)[number]> {
  readonly owner_username: string
  readonly owner_name: string
  readonly has_unread: boolean
  /** Somebody beside the owner may read it. */
  readonly shared: boolean
  /** Place in the line for a slot, from 1, among all that wait; null for a chat that does not wait. */
  readonly queue_position: number | null
}

/** With the state of the chat, and who drives it. */
export interface ChatDetailRow extends ChatListRow, Pick<ChatRow, (typeof DETAIL_COLUMNS)[number]> {}

/** Who is let in by the lists of chats: by name, and by the groups in the organizations that the user belongs to. */
export interface SharedWith {
  readonly userId: UserId
  readonly groupIds: ReadonlyArray<GroupId>
  readonly organizationIds: ReadonlyArray<OrganizationId>
}

export interface RootsPage {
  readonly limit: number
  readonly offset: number
  /** The last chat of the page before. */
  readonly afterId?: ChatId
  readonly archived: boolean
  readonly statuses?: ReadonlyArray<ChatStatus>
  /** A piece of the title, whatever its case. */
  readonly title?: string
  readonly labels: ReadonlyArray<{ readonly [key: string]: string }>
}

/** Of a row `c`. The line is read once for all rows of an answer, and not at all where none of them waits. */
export const placeInLine = (sql: SqlClient.SqlClient) =>
  sql`case when c.waits_for_slot and c.admitted_at is null then array_position(
    array(select o.id from chats o where o.waits_for_slot and o.admitted_at is null
      order by o.yielded desc, o.pending_since, o.id), c.id) end`

export const shownChats = (sql: SqlClient.SqlClient) => {
  const columnsOf = (names: Iterable<string>) => sql.literal([...names].map((name) => `c.${name}`).join(", "))

  const queuePosition = placeInLine(sql)

  const found = sql`u.username as owner_username, u.name as owner_name, ${queuePosition} as queue_position,
    c.user_acl <> '{}' or c.group_acl <> '{}' as shared,
    exists (select 1 from chat_messages m where m.chat_id = c.id and m.role = 'assistant' and m.removed_version is null
      and m.id > coalesce(c.last_read_message_id, 0)) as has_unread`

  const shown = sql`select ${columnsOf(SHOWN_COLUMNS)}, ${found} from chats c join users u on u.id = c.owner_id`
  const detailed = sql`
    select ${columnsOf(new Set([...SHOWN_COLUMNS, ...DETAIL_COLUMNS]))}, ${found}
    from chats c join users u on u.id = c.owner_id`

  const get = Effect.fnUntraced(function* (chatId: ChatId) {
    const rows = yield* sql<ChatDetailRow>`${detailed} where c.id = ${chatId}`
    return Option.fromNullable(rows[0])
  })

  /** Any chats, in no order; those that are gone are left out. */
  const listByIds = Effect.fnUntraced(function* (chatIds: ReadonlyArray<ChatId>) {
    return yield* sql<ChatListRow>`${shown} where c.id = any(${[...chatIds]}::uuid[])`
  })

  /**
   * What comes after a chat. Among those that are not pinned it is a range of the list's own index, however far down; pins are
   * few. Text, since a `Date` has no microseconds.
   */
  const afterChat = Effect.fnUntraced(function* (chatId: ChatId) {
    const rows = yield* sql<{ readonly pin_order: number; readonly updated_at: string }>`
      select pin_order, updated_at::text as updated_at from chats where id = ${chatId}`
    const [last] = rows
    if (last === undefined) return sql`false`
    const later = sql`(c.updated_at, c.id) < (${last.updated_at}::timestamptz, ${chatId}::uuid)`
    return last.pin_order === 0
      ? sql`(c.pin_order = 0) and c.pin_order = 0 and ${later}`
      : sql`(c.pin_order = 0 or c.pin_order > ${last.pin_order} or (c.pin_order = ${last.pin_order} and ${later}))`
  })

  const sharedWith = ({ userId, groupIds, organizationIds }: SharedWith) => sql`
    c.owner_id <> ${userId} and c.organization_id = any(${[...organizationIds]}::uuid[])
    and ((c.user_acl <> '{}' and c.user_acl ? ${userId}) or (c.group_acl <> '{}' and c.group_acl ?| ${[...groupIds]}::text[]))`

  /** Roots of one owner, or those that others share with somebody: pinned first, then the latest. */
  const listRoots = Effect.fnUntraced(function* (whose: UserId | SharedWith, page: RootsPage) {
    const listed = typeof whose === "object" ? sharedWith(whose) : sql`c.owner_id = ${whose}`
    const after = page.afterId === undefined ? sql`true` : yield* afterChat(page.afterId)
    return yield* sql<ChatListRow>`
      ${shown}
      where ${listed} and c.parent_chat_id is null and c.archived = ${page.archived}
      ${page.title === undefined ? sql`` : sql`and position(lower(${page.title}) in lower(c.title)) > 0`}
      ${page.labels.length === 0 ? sql`` : sql`and ${sql.and(page.labels.map((label) => sql`c.labels @> ${jsonb(label)}::jsonb`))}`}
      ${page.statuses === undefined ? sql`` : sql`and c.status in ${sql.in(page.statuses)}`}
      and ${after}
      order by (c.pin_order = 0), c.pin_order, c.updated_at desc, c.id desc
      limit ${page.limit} offset ${page.offset}`
  })

  const listChildren = Effect.fnUntraced(function* (rootIds: ReadonlyArray<string>, archived: boolean) {
    if (rootIds.length === 0) return []
    return yield* sql<ChatListRow>`
      ${shown} where c.root_chat_id = any(${[...rootIds]}::uuid[]) and c.archived = ${archived}
      order by c.created_at desc, c.id desc`
  })

  /** As `queue_position` of a row, for one that is known already. */
  const queuePositionOf = Effect.fnUntraced(function* (chatId: ChatId) {
    const rows = yield* sql<{ readonly queue_position: number | null }>`
      select ${queuePosition} as queue_position from chats c where c.id = ${chatId}`
    return rows[0]?.queue_position ?? null
  })

  return { get, listByIds, listRoots, listChildren, queuePositionOf }
}
