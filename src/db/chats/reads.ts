import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer, Option } from "effect"
import type { ChatId, QueuedMessageId } from "../../contract/ids.ts"
import type { MessageRole, Part } from "../../contract/parts.ts"
import type { StateFacts } from "../../machines/chat-validity.ts"
import { messageReads } from "./message-reads.ts"
import {
  type ChatRow,
  columnList,
  QUEUED_COLUMNS,
  type QueuedRow,
  TOOL_CALL_COLUMNS,
  type ToolCallRow,
} from "./rows.ts"
import { shownChats } from "./shown-chats.ts"

/**
 * Reads of chats for the API and for streams. A read at a version is a query over `created_version` and `removed_version`,
 * so several statements see one state without a transaction.
 */

export type ChatFacts = Pick<
  ChatRow,
  "id" | "owner_id" | "organization_id" | "archived" | "plan_mode" | "last_model_config_id"
>

/** With who was let in to read it. */
export type StoredFacts = ChatFacts & Pick<ChatRow, "user_acl" | "group_acl">

/** Where a chat stands, as its readers are told. */
export type ChatStanding = Pick<
  ChatRow,
  | "activity"
  | "status"
  | "snapshot_version"
  | "history_version"
  | "queue_version"
  | "generation_attempt"
  | "last_error"
  | "retry_state"
>

/** The parts of one attempt at a message, after those that were seen. */
export interface PartsOfEpisode {
  readonly historyVersion: number
  readonly attempt: number
  readonly afterSeq: number
}

export interface PartRow {
  readonly seq: number
  readonly role: MessageRole
  readonly part: Part
}

/** A part as it is stored, to the byte: a JSON text. */
export interface PartText extends Omit<PartRow, "part"> {
  readonly part: string
}

export interface AttemptRow {
  readonly history_version: number
  readonly attempt: number
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly reason: string | null
  readonly parts: ReadonlyArray<Part>
}

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient

  const queuedColumns = sql.literal(columnList(QUEUED_COLUMNS))
  const callColumns = sql.literal(columnList(TOOL_CALL_COLUMNS))

  /** What a command has to know before it is given to the chat's actor: a third of the cost of the whole row. */
  const facts = Effect.fnUntraced(function* (chatId: ChatId) {
    const rows = yield* sql<StoredFacts>`
      select c.id, c.owner_id, c.organization_id, c.archived, c.plan_mode, c.last_model_config_id, r.user_acl, r.group_acl
      from chats c join chats r on r.id = coalesce(c.root_chat_id, c.id) where c.id = ${chatId}`
    return Option.fromNullable(rows[0])
  })

  const standing = Effect.fnUntraced(function* (chatId: ChatId) {
    const rows = yield* sql<ChatStanding>`
      select activity, status, snapshot_version, history_version, queue_version, generation_attempt, last_error, retry_state
      from chats where id = ${chatId}`
    return Option.fromNullable(rows[0])
  })

  const toolPolicy = Effect.fnUntraced(function* (chatId: ChatId) {
    const rows = yield* sql<Pick<ChatRow, "tool_policy">>`select tool_policy from chats where id = ${chatId}`
    return rows[0]?.tool_policy ?? []
  })

  /** What the rules for valid rows look at, in one statement: the chat's owner may be changing it. */
  const stateFacts = Effect.fnUntraced(function* (chatId: ChatId) {
    const rows = yield* sql<StateFacts>`
      select activity, archived, requires_action_deadline_at is not null as "hasDeadline",
        (select count(*)::int from chat_queued_messages q where q.chat_id = c.id and q.removed_version is null) as queue,
        (select count(*)::int from tool_calls t where t.chat_id = c.id and t.answered_version is null) as "openCalls",
        (select count(*)::int from tool_calls t where t.chat_id = c.id and t.answered_version is null
          and t.approval = 'asked') as "askedCalls"
      from chats c where id = ${chatId}`
    return Option.fromNullable(rows[0])
  })

  const queuedById = Effect.fnUntraced(function* (chatId: ChatId, ids: ReadonlyArray<QueuedMessageId>) {
    if (ids.length === 0) return []
    return yield* sql<QueuedRow>`
      select ${queuedColumns} from chat_queued_messages where chat_id = ${chatId} and ${sql.in("id", ids)} order by id`
  })

  /** A row stays when its message has left the queue; the journal knows by what. */
  const wasPromoted = Effect.fnUntraced(function* (chatId: ChatId, id: QueuedMessageId) {
    const rows = yield* sql`
      select from chat_queued_messages q
      join chat_transitions t on t.chat_id = q.chat_id and t.version = q.removed_version
      where q.chat_id = ${chatId} and q.id = ${id} and t.event not in ('DeleteQueuedMessage', 'EditMessage')`
    return rows.length > 0
  })

  const queueAt = Effect.fnUntraced(function* (chatId: ChatId, version: number) {
    return yield* sql<QueuedRow>`
      select ${queuedColumns} from chat_queued_messages where chat_id = ${chatId} and created_version <= ${version}
        and (removed_version is null or removed_version > ${version})
      order by kind desc, position`
  })

  const queueNow = Effect.fnUntraced(function* (chatId: ChatId) {
    return yield* sql<QueuedRow>`
      select ${queuedColumns} from chat_queued_messages where chat_id = ${chatId} and removed_version is null
      order by kind desc, position`
  })

  const partsOf = (chatId: ChatId, episode: PartsOfEpisode) => sql`
    from chat_parts where chat_id = ${chatId}
      and history_version = ${episode.historyVersion} and attempt = ${episode.attempt} and seq > ${episode.afterSeq}
    order by seq`

  const parts = Effect.fnUntraced(function* (chatId: ChatId, episode: PartsOfEpisode) {
    return yield* sql<PartRow>`select seq, role, part ${partsOf(chatId, episode)}`
  })

  /** The same for who passes them on: to read and to write thousands of them as JSON takes four times as long. */
  const partTexts = Effect.fnUntraced(function* (chatId: ChatId, episode: PartsOfEpisode) {
    return yield* sql<PartText>`select seq, role, part::text as part ${partsOf(chatId, episode)}`
  })

  /**
   * Attempts that ended without becoming a message, oldest first, each with the parts it had shown. One that pauses has lost
   * nothing: the tools go on where it stopped.
   */
  const attempts = Effect.fnUntraced(function* (chatId: ChatId) {
    return yield* sql<AttemptRow>`
      select a.history_version, a.attempt, a.started_at, a.ended_at, a.reason,
        coalesce((select json_agg(p.part order by p.seq) from chat_parts p where p.chat_id = a.chat_id
          and p.history_version = a.history_version and p.attempt = a.attempt), '[]') as parts
      from chat_attempts a where a.chat_id = ${chatId} and a.ended_at is not null and a.reason <> 'pause'
      order by a.history_version, a.attempt`
  })

  /** Calls that the transcript has not answered, in call order. */
  const openCalls = Effect.fnUntraced(function* (chatId: ChatId) {
    return yield* sql<ToolCallRow>`
      select ${callColumns} from tool_calls
      where chat_id = ${chatId} and answered_version is null order by message_id, index`
  })

  /** By our id or the provider's; the newest of several, answered or not. */
  const lastCall = Effect.fnUntraced(function* (chatId: ChatId, id: string) {
    const rows = yield* sql<Pick<ToolCallRow, "stopped_by">>`
      select stopped_by from tool_calls where chat_id = ${chatId} and (provider_call_id = ${id} or id::text = ${id})
      order by message_id desc, index desc limit 1`
    return Option.fromNullable(rows[0])
  })

  return {
    ...shownChats(sql),
    ...messageReads(sql),
    facts,
    standing,
    toolPolicy,
    stateFacts,
    openCalls,
    lastCall,
    queuedById,
    wasPromoted,
    queueAt,
    queueNow,
    parts,
    partTexts,
    attempts,
  }
})

type Reads = Effect.Effect.Success<typeof make>

export class ChatReads extends Context.Tag("troupe/ChatReads")<ChatReads, Reads>() {
  static readonly layer: Layer.Layer<ChatReads, never, SqlClient.SqlClient> = Layer.effect(ChatReads, make)
}
