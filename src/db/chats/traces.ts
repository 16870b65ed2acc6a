import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer } from "effect"
import type { ChatId } from "../../contract/ids.ts"
import { PAGE_BYTES } from "./message-reads.ts"
import {
  columnList,
  type Columns,
  MESSAGE_COLUMNS,
  type MessageRow,
  QUEUED_COLUMNS,
  type QueuedRow,
  type ToolCallRow,
} from "./rows.ts"

/** A chat's rows of all versions, a range of them at a time, as they were at one version: what came later is left out. */

interface Span {
  readonly created_version: number
  readonly removed_version: number | null
}

export interface TraceQueuedRow extends QueuedRow, Span {}

export interface TraceCallRow extends Pick<
  ToolCallRow,
  "id" | "message_id" | "provider_call_id" | "tool_name" | "approval" | "created_at" | "started_at" | "finished_at"
> {
  readonly created_version: number
  readonly answered_version: number | null
}

/** Of the versions above `after`, up to `until`, with what was known at `version`. */
export interface TraceRange {
  readonly after: number
  readonly until: number
  readonly version: number
}

export interface TraceRows {
  readonly messages: ReadonlyArray<MessageRow>
  readonly queued: ReadonlyArray<TraceQueuedRow>
  readonly calls: ReadonlyArray<TraceCallRow>
}

export const TRACE_QUEUED_COLUMNS: Columns<TraceQueuedRow> = {
  ...QUEUED_COLUMNS,
  created_version: "int8",
  removed_version: "int8?",
}

export class ChatTraceReads extends Context.Tag("troupe/ChatTraceReads")<
  ChatTraceReads,
  {
    /** The last of these versions whose messages still fit into one answer; one version always does. */
    readonly fitting: (chatId: ChatId, after: number, until: number) => Effect.Effect<number>
    readonly rows: (chatId: ChatId, range: TraceRange) => Effect.Effect<TraceRows>
  }
>() {
  static readonly layer = Layer.effect(
    ChatTraceReads,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      // What only the model reads is nobody's to keep: prompts of the deployment, summaries.
      const shown = sql`visibility <> 'model' and role <> 'system'`
      const fitting = (chatId: ChatId, after: number, until: number) =>
        sql<{ readonly version: number; readonly bytes: number }>`
          select created_version as version, sum(octet_length(content::text))::int8 as bytes from chat_messages
          where chat_id = ${chatId} and created_version > ${after} and created_version <= ${until} and ${shown}
          group by created_version order by created_version`.pipe(
          Effect.orDie,
          Effect.map((versions) => {
            let bytes = 0
            const [first] = versions
            const over = versions.find((row) => (bytes += row.bytes) > PAGE_BYTES && row !== first)
            return over === undefined ? until : over.version - 1
          }),
        )
      const rows = (chatId: ChatId, { after, until, version }: TraceRange) => {
        const created = sql`chat_id = ${chatId} and created_version > ${after} and created_version <= ${until}`
        const columns = Object.keys(MESSAGE_COLUMNS).filter((name) => name !== "removed_version")
        return Effect.all(
          {
            messages: sql<MessageRow>`
              select ${sql.literal(columns.join(", "))},
                case when removed_version <= ${version} then removed_version end as removed_version
              from chat_messages where ${created} and ${shown} order by id`,
            // A row has its last place only; a transition that moved it after `version` knows the place it had then.
            queued: sql<TraceQueuedRow>`
              select q.id, q.chat_id, q.content, q.model_config_id, q.created_by, q.created_at, q.created_version,
                case when q.removed_version <= ${version} then q.removed_version end as removed_version,
                coalesce(place.position, q.position) as position, coalesce(place.kind, q.kind) as kind
              from (select ${sql.literal(columnList(TRACE_QUEUED_COLUMNS))} from chat_queued_messages where ${created}) q
              left join lateral (
                select m.position, m.kind
                from chat_transitions t, jsonb_to_recordset(t.detail -> 'moved_from')
                  as m (id bigint, position bigint, kind text)
                where t.chat_id = q.chat_id and t.version > ${version} and m.id = q.id
                order by t.version limit 1
              ) place on true
              order by q.id`,
            calls: sql<TraceCallRow>`
              select t.id, t.message_id, t.provider_call_id, t.tool_name, t.approval, t.created_at, t.started_at,
                t.finished_at, m.created_version,
                case when t.answered_version <= ${version} then t.answered_version end as answered_version
              from (select id, created_version from chat_messages where ${created} and role = 'assistant') m
              join tool_calls t on t.message_id = m.id and t.chat_id = ${chatId}
              order by t.message_id, t.index`,
          },
          { concurrency: "unbounded" },
        ).pipe(Effect.orDie)
      }
      return { fitting, rows }
    }),
  )
}
