import type { SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import type { ChatId, MessageId, UserId } from "../../contract/ids.ts"
import { CONTENT_VERSION, readable } from "./content-version.ts"
import { columnList, MESSAGE_COLUMNS, type MessageRow } from "./rows.ts"

/** Reads of a chat's messages. */

export interface MessagePage {
  readonly beforeId?: MessageId
  readonly afterId?: MessageId
  /** Rows to return at most. A page ends before that where its rows would be longer than `PAGE_BYTES` together. */
  readonly limit: number
}

export const PAGE_BYTES = 4 * 1024 * 1024

/** What a message has beside its content. */
const MESSAGE_BYTES = 1024

/**
 * What the index `chat_messages_prompts` holds, word for word, so that the planner knows it: messages with a text in which there is
 * more than white space, and those in a form that nobody here can read.
 */
const PROMPTS = `role = 'user' and removed_version is null and visibility in ('user', 'both')
  and (content_version <> ${CONTENT_VERSION}
    or jsonb_path_exists(content, 'strict $[*] ? (@.type == "text" && @.text like_regex "\\\\S")', '{}', true))`

export const messageReads = (sql: SqlClient.SqlClient) => {
  const columns = sql.literal(columnList(MESSAGE_COLUMNS))
  const ascending = sql`order by chat_id, id`
  const descending = sql`order by chat_id desc, id desc`

  /**
   * The first or the last messages of a chat, as a range of the index (chat_id, id), which gives them in the order above. Not as
   * `chat_id = ... order by id`: for that the planner may go through the ids of all chats until it has found enough, which is the
   * whole table where the chat has rested for long. For all that follow an id, without a limit, a range beside `chat_id = ...`
   * tells it how few they are.
   */
  const between = (chatId: ChatId, afterId = 0, beforeId = Number.MAX_SAFE_INTEGER) =>
    sql`(chat_id, id) > (${chatId}::uuid, ${afterId}::bigint) and (chat_id, id) < (${chatId}::uuid, ${beforeId}::bigint)`

  /**
   * The last message of what was there at a version: versions rise with ids, so that what is newer need not be looked for among all
   * messages.
   */
  const lastAt = (chatId: ChatId, version: number) => sql`coalesce((
    select id from chat_messages where ${between(chatId)} and created_version <= ${version} ${descending} limit 1), 0)`

  /** What a person sees, newest first; oldest first when only `afterId` is given. A page has one row at least. */
  const messages = Effect.fnUntraced(function* (chatId: ChatId, page: MessagePage) {
    const order = page.afterId !== undefined && page.beforeId === undefined ? ascending : descending
    const rows = yield* sql<MessageRow & { readonly follows: boolean }>`
      select * from (
        select *, row_number() over (${order}) as place, lead(true, 1, false) over (${order}) as follows,
          sum(octet_length(content::text) + ${MESSAGE_BYTES}::int) over (${order}) as bytes
        from (
          select ${columns} from chat_messages
          where ${between(chatId, page.afterId, page.beforeId)}
            and removed_version is null and visibility in ('user', 'both')
          ${order} limit ${page.limit + 1}) found) measured
      where place = 1 or (place <= ${page.limit} and bytes <= ${PAGE_BYTES})
      ${order}`
    return { rows: yield* readable<MessageRow>(rows), hasMore: rows.at(-1)?.follows ?? false }
  })

  /** Rows by id, for the answer to a repeated command. */
  const messagesById = Effect.fnUntraced(function* (chatId: ChatId, ids: ReadonlyArray<MessageId>) {
    if (ids.length === 0) return []
    const rows = yield* sql<MessageRow>`
      select ${columns} from chat_messages where chat_id = ${chatId} and ${sql.in("id", ids)} order by id`
    return yield* readable(rows)
  })

  /** Of the last message that the model gets. */
  const lastRole = Effect.fnUntraced(function* (chatId: ChatId) {
    const rows = yield* sql<Pick<MessageRow, "role">>`
      select role from chat_messages where ${between(chatId)} and removed_version is null
        and visibility in ('model', 'both') ${descending} limit 1`
    return rows[0]?.role
  })

  /** Visible messages as they were at `version`, of those written after `sinceVersion` and with an id above `afterId`. */
  const messagesAt = Effect.fnUntraced(function* (
    chatId: ChatId,
    at: {
      readonly version: number
      readonly sinceVersion: number
      readonly afterId: number
      readonly tail?: number
    },
  ) {
    const isNew =
      at.sinceVersion === 0 ? sql`` : sql`and (chat_id, id) > (${chatId}::uuid, ${lastAt(chatId, at.sinceVersion)})`
    const [all, order] =
      at.tail === undefined
        ? [sql`chat_id = ${chatId} and id > ${at.afterId}`, sql`order by id desc`]
        : [between(chatId, at.afterId), sql`${descending} limit ${at.tail}`]
    const rows = yield* sql<MessageRow>`
      select ${columns} from chat_messages
      where ${all} ${isNew} and visibility in ('user', 'both')
        and created_version <= ${at.version} and (removed_version is null or removed_version > ${at.version})
      ${order}`
    return (yield* readable(rows)).toReversed()
  })

  /**
   * Where a reader at `sinceVersion` has to begin again because messages are gone by `version`: at the first that is gone
   * or new. A reader that was cut off within a change has messages beyond its position, so what was written and removed
   * since counts as well.
   */
  const firstRemoved = Effect.fnUntraced(function* (chatId: ChatId, sinceVersion: number, version: number) {
    const rows = yield* sql<{ readonly id: MessageId | null }>`
      with removed as materialized (
        select id from chat_messages
        where chat_id = ${chatId} and removed_version > ${sinceVersion} and removed_version <= ${version})
      select case when exists (select 1 from removed) then least((select min(id) from removed), (
        select id from chat_messages
        where ${between(chatId)} and (chat_id, id) > (${chatId}::uuid, ${lastAt(chatId, sinceVersion)})
        ${ascending} limit 1)) end as id`
    return Option.fromNullable(rows[0]?.id)
  })

  /** The first message that is gone by `version`, whenever that was: a reader that says nothing of when it read may hold it. */
  const firstEverRemoved = Effect.fnUntraced(function* (chatId: ChatId, version: number) {
    // The offset keeps the planner from looking for the least id among all messages of a chat that has lost none.
    const rows = yield* sql<{ readonly id: MessageId | null }>`
      select min(id) as id from (
        select id from chat_messages where chat_id = ${chatId} and removed_version <= ${version} offset 0) removed`
    return Option.fromNullable(rows[0]?.id)
  })

  /** Where the prompt begins again: the latest compressed message that the model sees. */
  const boundary = (chatId: ChatId) => sql`
    select id, content from chat_messages
    where chat_id = ${chatId} and compressed and removed_version is null and visibility in ('model', 'both') and role = 'user'
    order by id desc limit 1`

  /** What an actor builds its prompt from: every message of now, hidden ones included. */
  const transcript = Effect.fnUntraced(function* (chatId: ChatId) {
    const rows = yield* sql<MessageRow>`
      with boundary as materialized (${boundary(chatId)})
      select ${columns} from chat_messages
      where chat_id = ${chatId} and (chat_id, id) >= (${chatId}::uuid, coalesce((select id from boundary), 0))
        and removed_version is null and visibility in ('model', 'both')
      union all
      select ${columns} from chat_messages
      where chat_id = ${chatId} and (chat_id, id) < (${chatId}::uuid, coalesce((select id from boundary), 0))
        and removed_version is null and role = 'system' and not compressed
      order by id`
    return yield* readable(rows)
  })

  /** Whether the prompt holds anything beside the system prompt, and whether the model has said some of it. */
  const sinceBoundary = Effect.fnUntraced(function* (chatId: ChatId) {
    const since = sql`
      from chat_messages
      where ${between(chatId)} and (chat_id, id) > (${chatId}::uuid, coalesce((select id from boundary), 0))
        and removed_version is null and not compressed and role <> 'system' and visibility in ('model', 'both')`
    const rows = yield* sql<{ readonly spoken: boolean; readonly answered: boolean }>`
      with boundary as materialized (${boundary(chatId)})
      select
        coalesce((select true ${since} and role = 'assistant' ${descending} limit 1), false) as answered,
        coalesce((select true ${since} ${descending} limit 1), false)
          or exists (select 1 from boundary where content <> '[]') as spoken`
    return rows[0] ?? { spoken: false, answered: false }
  })

  /** Texts of what people wrote, newest first, each as it was typed; messages of nothing but white space are left out. */
  const prompts = Effect.fnUntraced(function* (chatId: ChatId, limit: number) {
    const rows = yield* sql<{ readonly id: MessageId; readonly content_version: number; readonly text: string }>`
      select id, content_version, case
        when content_version <> ${sql.literal(String(CONTENT_VERSION))} then ''
        when jsonb_array_length(content) = 1 then content -> 0 ->> 'text'
        else (select string_agg(p.value ->> 'text', '' order by p.ordinality)
          from jsonb_array_elements(content) with ordinality p where p.value ->> 'type' = 'text') end as text
      from chat_messages where ${between(chatId)} and ${sql.literal(PROMPTS)}
      ${descending} limit ${limit}`
    return (yield* readable(rows)).map(({ id, text }) => ({ id, text }))
  })

  /** Moves the owner's read cursor to the newest assistant message. */
  const markRead = Effect.fnUntraced(function* (chatId: ChatId, ownerId: UserId) {
    yield* sql`
      update chats set last_read_message_id = latest.id
      from (select id from chat_messages where ${between(chatId)} and role = 'assistant' and removed_version is null
        ${descending} limit 1) latest
      where chats.id = ${chatId} and chats.owner_id = ${ownerId}
        and latest.id is distinct from chats.last_read_message_id`
  })

  return {
    messages,
    messagesById,
    lastRole,
    messagesAt,
    firstRemoved,
    firstEverRemoved,
    transcript,
    sinceBoundary,
    prompts,
    markRead,
  }
}
