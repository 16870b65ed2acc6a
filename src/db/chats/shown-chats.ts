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

/** Whose chats a list is of: the own ones of a user, those that others share with him, or both. */
export interface Roots {
  readonly own?: UserId
  readonly shared?: SharedWith
}

/** What the owner has read and pinned is nobody else's business. */
export const asSeenBy = <Row extends ChatListRow>(userId: UserId, row: Row): Row =>
  row.owner_id === userId ? row : { ...row, has_unread: false, pin_order: 0 }

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

  /** A place in a list: of the chat that it comes after. Text, since a `Date` has no microseconds. */
  interface Place {
    readonly id: ChatId
    readonly pin_order: number
    readonly updated_at: string
  }

  /**
   * What comes after a place. Among those that are not pinned it is a range of the list's own index, however far down; pins are few.
   */
  const afterPlace = ({ id, pin_order, updated_at }: Place, pinned: boolean) => {
    const later = sql`(c.updated_at, c.id) < (${updated_at}::timestamptz, ${id}::uuid)`
    if (!pinned) return pin_order === 0 ? later : sql`true`
    return pin_order === 0
      ? sql`(c.pin_order = 0) and c.pin_order = 0 and ${later}`
      : sql`(c.pin_order = 0 or c.pin_order > ${pin_order} or (c.pin_order = ${pin_order} and ${later}))`
  }

  const ownedBy = (userId: UserId) => sql`c.owner_id = ${userId}`

  const sharedWith = ({ userId, groupIds, organizationIds }: SharedWith) => sql`
    c.owner_id <> ${userId} and c.organization_id = any(${[...organizationIds]}::uuid[])
    and ((c.user_acl <> '{}' and c.user_acl ? ${userId}) or (c.group_acl <> '{}' and c.group_acl ?| ${[...groupIds]}::text[]))`

  /** Nowhere, for a chat that is not there and for one that is not of the list: nobody learns by it which of the two it is. */
  const placeOf = Effect.fnUntraced(function* (chatId: ChatId, { own, shared }: Roots) {
    const listed = [...(own === undefined ? [] : [ownedBy(own)]), ...(shared === undefined ? [] : [sharedWith(shared)])]
    const rows = yield* sql<Place>`
      select c.id, case when ${own ?? null}::uuid = c.owner_id then c.pin_order else 0 end as pin_order,
        c.updated_at::text as updated_at
      from chats c where c.id = ${chatId} and ${sql.or(listed)}`
    return rows[0]
  })

  /**
   * Roots of one owner, or those that others share with somebody, or both: what one has pinned first, then the latest. The pins of
   * others do not count. Of each kind no more is sorted than the page may show.
   */
  const listRoots = Effect.fnUntraced(function* (roots: Roots, page: RootsPage) {
    const after = page.afterId === undefined ? undefined : yield* placeOf(page.afterId, roots)
    if (page.afterId !== undefined && after === undefined) return []
    const matching = sql`c.parent_chat_id is null and c.archived = ${page.archived}
      ${page.title === undefined ? sql`` : sql`and position(lower(${page.title}) in lower(c.title)) > 0`}
      ${page.labels.length === 0 ? sql`` : sql`and ${sql.and(page.labels.map((label) => sql`c.labels @> ${jsonb(label)}::jsonb`))}`}
      ${page.statuses === undefined ? sql`` : sql`and c.status in ${sql.in(page.statuses)}`}`
    const later = (pinned: boolean) => (after === undefined ? sql`true` : afterPlace(after, pinned))
    const { own, shared } = roots
    if (own !== undefined && shared === undefined) {
      return yield* sql<ChatListRow>`
        ${shown}
        where ${ownedBy(own)} and ${matching} and ${later(true)}
        order by (c.pin_order = 0), c.pin_order, c.updated_at desc, c.id desc
        limit ${page.limit} offset ${page.offset}`
    }
    const most = sql`limit ${page.limit + page.offset}`
    const ownFirst = (owner: UserId) => sql`
      (select c.id, c.pin_order, c.updated_at from chats c where ${ownedBy(owner)} and ${matching} and ${later(true)}
      order by (c.pin_order = 0), c.pin_order, c.updated_at desc, c.id desc ${most})
      union all`
    if (shared === undefined) return []
    return yield* sql<ChatListRow>`
      with listed as (
        ${own === undefined ? sql`` : ownFirst(own)}
        (select c.id, 0 as pin_order, c.updated_at from chats c where ${sharedWith(shared)} and ${matching} and ${later(false)}
        order by c.updated_at desc, c.id desc ${most})
      )
      ${shown} join listed l on l.id = c.id
      order by (l.pin_order = 0), l.pin_order, l.updated_at desc, l.id desc
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
