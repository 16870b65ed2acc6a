import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer, Option } from "effect"
import type { MessageRole, Part } from "../../contract/parts.ts"
import type { StateFacts } from "../../machines/chat-validity.ts"
import { CONTENT_VERSION, readable } from "./content-version.ts"
import { jsonb } from "../engine/jsonb.ts"
import type { ChatRow, MessageRow, QueuedRow, ToolCallRow } from "./rows.ts"

/**
 * Reads of chats for the API and for streams. A read at a version is a query over `created_version` and `removed_version`,
 * so several statements see one state without a transaction.
 */

export interface ChatListRow extends ChatRow {
  readonly owner_username: string
  readonly owner_name: string
  readonly has_unread: boolean
  /** Place in the line for a slot, from 1, among all that wait; null for a chat that does not wait. */
  readonly queue_position: number | null
}

export type ChatFacts = Pick<
  ChatRow,
  "id" | "owner_id" | "organization_id" | "archived" | "plan_mode" | "last_model_config_id"
>

export interface PartRow {
  readonly seq: number
  readonly role: MessageRole
  readonly part: Part
}

export interface AttemptRow {
  readonly history_version: number
  readonly attempt: number
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly reason: string | null
  readonly parts: ReadonlyArray<Part>
}

export interface MessagePage {
  readonly beforeId?: number
  readonly afterId?: number
  /** Rows to return at most. A page ends before that where its rows would be longer than `PAGE_BYTES` together. */
  readonly limit: number
}

export const PAGE_BYTES = 4 * 1024 * 1024

/** What a message has beside its content. */
const MESSAGE_BYTES = 1024

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient

  const queuePosition = sql`case when c.waits_for_slot and c.admitted_at is null then (
    select count(*) from chats o where o.waits_for_slot and o.admitted_at is null
      and (o.yielded > c.yielded or (o.yielded = c.yielded and (o.pending_since, o.id) <= (c.pending_since, c.id))))::int end`

  const listColumns = sql`c.*, u.username as owner_username, u.name as owner_name, ${queuePosition} as queue_position,
    exists (select 1 from chat_messages m where m.chat_id = c.id and m.role = 'assistant' and m.removed_version is null
      and m.id > coalesce(c.last_read_message_id, 0)) as has_unread`

  const get = Effect.fnUntraced(function* (chatId: string) {
    const rows = yield* sql<ChatListRow>`
      select ${listColumns} from chats c join users u on u.id = c.owner_id where c.id = ${chatId}`
    return Option.fromNullable(rows[0])
  })

  /** What a command has to know before it is given to the chat's actor: a third of the cost of the whole row. */
  const facts = Effect.fnUntraced(function* (chatId: string) {
    const rows = yield* sql<ChatFacts>`
      select id, owner_id, organization_id, archived, plan_mode, last_model_config_id from chats where id = ${chatId}`
    return Option.fromNullable(rows[0])
  })

  /** What the rules for valid rows look at, in one statement: the chat's owner may be changing it. */
  const stateFacts = Effect.fnUntraced(function* (chatId: string) {
    const rows = yield* sql<StateFacts>`
      select activity, archived, requires_action_deadline_at is not null as "hasDeadline",
        (select count(*)::int from chat_queued_messages q where q.chat_id = c.id and q.removed_version is null) as queue,
        (select count(*)::int from tool_calls t where t.chat_id = c.id and t.answered_version is null) as "openCalls",
        (select count(*)::int from tool_calls t where t.chat_id = c.id and t.answered_version is null
          and t.approval = 'asked') as "askedCalls"
      from chats c where id = ${chatId}`
    return Option.fromNullable(rows[0])
  })

  /** Roots of one owner: pinned first, then the latest. `afterId` is the last chat of the page before. */
  const listRoots = Effect.fnUntraced(function* (
    ownerId: string,
    page: {
      readonly limit: number
      readonly offset: number
      readonly afterId?: string
      readonly archived: boolean
      /** A piece of the title, whatever its case. */
      readonly title?: string
      readonly labels: ReadonlyArray<{ readonly [key: string]: string }>
    },
  ) {
    return yield* sql<ChatListRow>`
      select ${listColumns} from chats c join users u on u.id = c.owner_id
      where c.owner_id = ${ownerId} and c.parent_chat_id is null and c.archived = ${page.archived}
      ${page.title === undefined ? sql`` : sql`and position(lower(${page.title}) in lower(c.title)) > 0`}
      ${page.labels.length === 0 ? sql`` : sql`and ${sql.and(page.labels.map((label) => sql`c.labels @> ${jsonb(label)}::jsonb`))}`}
      ${
        page.afterId === undefined
          ? sql``
          : sql`and exists (select 1 from chats a where a.id = ${page.afterId} and (
              (c.pin_order = 0) > (a.pin_order = 0)
              or ((c.pin_order = 0) = (a.pin_order = 0) and (c.pin_order > a.pin_order
                or (c.pin_order = a.pin_order and (c.updated_at, c.id) < (a.updated_at, a.id))))))`
      }
      order by (c.pin_order = 0), c.pin_order, c.updated_at desc, c.id desc
      limit ${page.limit} offset ${page.offset}`
  })

  const listChildren = Effect.fnUntraced(function* (rootIds: ReadonlyArray<string>, archived: boolean) {
    if (rootIds.length === 0) return []
    return yield* sql<ChatListRow>`
      select ${listColumns} from chats c join users u on u.id = c.owner_id
      where ${sql.in("c.root_chat_id", rootIds)} and c.archived = ${archived}
      order by c.created_at desc, c.id desc`
  })

  /** What a person sees, newest first; oldest first when only `afterId` is given. A page has one row at least. */
  const messages = Effect.fnUntraced(function* (chatId: string, page: MessagePage) {
    const ascending = page.afterId !== undefined && page.beforeId === undefined
    const order = ascending ? sql`order by id asc` : sql`order by id desc`
    const rows = yield* sql<MessageRow & { readonly follows: boolean }>`
      select * from (
        select *, row_number() over (${order}) as place, lead(true, 1, false) over (${order}) as follows,
          sum(octet_length(content::text) + ${MESSAGE_BYTES}::int) over (${order}) as bytes
        from (
          select * from chat_messages
          where chat_id = ${chatId} and removed_version is null and visibility in ('user', 'both')
            ${page.afterId === undefined ? sql`` : sql`and id > ${page.afterId}`}
            ${page.beforeId === undefined ? sql`` : sql`and id < ${page.beforeId}`}
          ${order} limit ${page.limit + 1}) found) measured
      where place = 1 or (place <= ${page.limit} and bytes <= ${PAGE_BYTES})
      ${order}`
    return { rows: yield* readable<MessageRow>(rows), hasMore: rows.at(-1)?.follows ?? false }
  })

  /** Rows by id, for the answer to a repeated command. */
  const messagesById = Effect.fnUntraced(function* (chatId: string, ids: ReadonlyArray<number>) {
    if (ids.length === 0) return []
    const rows = yield* sql<MessageRow>`
      select * from chat_messages where chat_id = ${chatId} and ${sql.in("id", ids)} order by id`
    return yield* readable(rows)
  })

  const queuedById = Effect.fnUntraced(function* (chatId: string, ids: ReadonlyArray<number>) {
    if (ids.length === 0) return []
    return yield* sql<QueuedRow>`
      select * from chat_queued_messages where chat_id = ${chatId} and ${sql.in("id", ids)} order by id`
  })

  /** Visible messages as they were at `version`, of those written after `sinceVersion` and with an id above `afterId`. */
  const messagesAt = Effect.fnUntraced(function* (
    chatId: string,
    at: {
      readonly version: number
      readonly sinceVersion: number
      readonly afterId: number
      readonly tail?: number
    },
  ) {
    const rows = yield* sql<MessageRow>`
      select * from chat_messages
      where chat_id = ${chatId} and id > ${at.afterId} and visibility in ('user', 'both')
        and created_version <= ${at.version} and created_version > ${at.sinceVersion}
        and (removed_version is null or removed_version > ${at.version})
      order by id desc ${at.tail === undefined ? sql`` : sql`limit ${at.tail}`}`
    return (yield* readable(rows)).toReversed()
  })

  /**
   * Where a reader at `sinceVersion` has to begin again because messages are gone by `version`: at the first that is gone
   * or new. A reader that was cut off within a change has messages beyond its position, so what was written and removed
   * since counts as well.
   */
  const firstRemoved = Effect.fnUntraced(function* (chatId: string, sinceVersion: number, version: number) {
    const rows = yield* sql<{ readonly id: number | null }>`
      select case when bool_or(removed_version > ${sinceVersion} and removed_version <= ${version}) then min(id) end as id
      from chat_messages
      where chat_id = ${chatId}
        and (created_version > ${sinceVersion} or (removed_version > ${sinceVersion} and removed_version <= ${version}))`
    return Option.fromNullable(rows[0]?.id)
  })

  /** The first message that is gone by `version`, whenever that was: a reader that says nothing of when it read may hold it. */
  const firstEverRemoved = Effect.fnUntraced(function* (chatId: string, version: number) {
    // The offset keeps the planner from looking for the least id among all messages of a chat that has lost none.
    const rows = yield* sql<{ readonly id: number | null }>`
      select min(id) as id from (
        select id from chat_messages where chat_id = ${chatId} and removed_version <= ${version} offset 0) removed`
    return Option.fromNullable(rows[0]?.id)
  })

  const queueAt = Effect.fnUntraced(function* (chatId: string, version: number) {
    return yield* sql<QueuedRow>`
      select * from chat_queued_messages where chat_id = ${chatId} and created_version <= ${version}
        and (removed_version is null or removed_version > ${version})
      order by kind desc, position`
  })

  /** What an actor builds its prompt from: every message of now, hidden ones included. */
  const transcript = Effect.fnUntraced(function* (chatId: string) {
    const rows = yield* sql<MessageRow>`
      select * from chat_messages where chat_id = ${chatId} and removed_version is null
        and visibility in ('model', 'both')
        and id >= coalesce((select max(id) from chat_messages b where b.chat_id = ${chatId} and b.compressed
          and b.removed_version is null and b.visibility in ('model', 'both') and b.role = 'user'), 0)
      union all
      select * from chat_messages where chat_id = ${chatId} and removed_version is null and role = 'system'
        and not compressed and id < coalesce((select max(id) from chat_messages b where b.chat_id = ${chatId}
          and b.compressed and b.removed_version is null and b.visibility in ('model', 'both') and b.role = 'user'), 0)
      order by id`
    return yield* readable(rows)
  })

  /** Whether the prompt holds anything beside the system prompt, and whether the model has said some of it. */
  const sinceBoundary = Effect.fnUntraced(function* (chatId: string) {
    const rows = yield* sql<{ readonly spoken: boolean; readonly answered: boolean }>`
      with boundary as (
        select id, content from chat_messages where chat_id = ${chatId} and compressed and removed_version is null
          and role = 'user' order by id desc limit 1),
      since as (
        select role from chat_messages where chat_id = ${chatId} and removed_version is null and not compressed
          and role <> 'system' and visibility in ('model', 'both') and id > coalesce((select id from boundary), 0))
      select exists (select 1 from since where role = 'assistant') as answered,
        exists (select 1 from since) or exists (select 1 from boundary where content <> '[]') as spoken`
    return rows[0] ?? { spoken: false, answered: false }
  })

  const parts = Effect.fnUntraced(function* (
    chatId: string,
    episode: { readonly historyVersion: number; readonly attempt: number; readonly afterSeq: number },
  ) {
    return yield* sql<PartRow>`
      select seq, role, part from chat_parts where chat_id = ${chatId}
        and history_version = ${episode.historyVersion} and attempt = ${episode.attempt} and seq > ${episode.afterSeq}
      order by seq`
  })

  /**
   * Attempts that ended without becoming a message, oldest first, each with the parts it had shown. One that pauses has lost
   * nothing: the tools go on where it stopped.
   */
  const attempts = Effect.fnUntraced(function* (chatId: string) {
    return yield* sql<AttemptRow>`
      select a.history_version, a.attempt, a.started_at, a.ended_at, a.reason,
        coalesce((select json_agg(p.part order by p.seq) from chat_parts p where p.chat_id = a.chat_id
          and p.history_version = a.history_version and p.attempt = a.attempt), '[]') as parts
      from chat_attempts a where a.chat_id = ${chatId} and a.ended_at is not null and a.reason <> 'pause'
      order by a.history_version, a.attempt`
  })

  /** Moves the owner's read cursor to the newest assistant message. */
  const markRead = Effect.fnUntraced(function* (chatId: string, ownerId: string) {
    yield* sql`
      update chats set last_read_message_id = latest.id
      from (select max(id) as id from chat_messages where chat_id = ${chatId} and role = 'assistant'
        and removed_version is null) latest
      where chats.id = ${chatId} and chats.owner_id = ${ownerId} and latest.id is not null
        and latest.id is distinct from chats.last_read_message_id`
  })

  /** Texts of what people wrote, newest first, each as it was typed; messages of nothing but white space are left out. */
  const prompts = Effect.fnUntraced(function* (chatId: string, limit: number) {
    const rows = yield* sql<{ readonly id: number; readonly content_version: number; readonly text: string }>`
      select id, content_version, text from (
        select m.id, m.content_version, (select string_agg(p.value ->> 'text', '' order by p.ordinality)
          from jsonb_array_elements(m.content) with ordinality p where p.value ->> 'type' = 'text') as text
        from chat_messages m
        where m.chat_id = ${chatId} and m.role = 'user' and m.removed_version is null
          and m.visibility in ('user', 'both') and jsonb_typeof(m.content) = 'array'
      ) prompts where text ~ '\\S' or content_version <> ${CONTENT_VERSION} order by id desc limit ${limit}`
    return (yield* readable(rows)).map(({ id, text }) => ({ id, text }))
  })

  /** Calls that the transcript has not answered, in call order. */
  const openCalls = Effect.fnUntraced(function* (chatId: string) {
    return yield* sql<ToolCallRow>`
      select * from tool_calls
      where chat_id = ${chatId} and answered_version is null order by message_id, index`
  })

  /** As `queue_position` of a row, for one that is known already. */
  const queuePositionOf = Effect.fnUntraced(function* (chatId: string) {
    const rows = yield* sql<{ readonly queue_position: number | null }>`
      select ${queuePosition} as queue_position from chats c where c.id = ${chatId}`
    return rows[0]?.queue_position ?? null
  })

  return {
    queuePositionOf,
    facts,
    stateFacts,
    openCalls,
    prompts,
    get,
    listRoots,
    listChildren,
    messages,
    messagesById,
    queuedById,
    messagesAt,
    firstRemoved,
    firstEverRemoved,
    queueAt,
    sinceBoundary,
    transcript,
    parts,
    attempts,
    markRead,
  }
})

type Reads = Effect.Effect.Success<typeof make>

export class ChatReads extends Context.Tag("troupe/ChatReads")<ChatReads, Reads>() {
  static readonly layer: Layer.Layer<ChatReads, never, SqlClient.SqlClient> = Layer.effect(ChatReads, make)
}
