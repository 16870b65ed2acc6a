import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer, Option } from "effect"
import type { ChatId, UserId } from "../../contract/ids.ts"
import type { JournalDetail } from "../../machines/chat-journal.ts"
import type { ChatContext } from "../../machines/chat-setup.ts"
import { columnList, type Columns, MESSAGE_COLUMNS, type MessageRow, type QueuedRow, type ToolCallRow } from "./rows.ts"

export interface TransitionRow {
  readonly version: number
  readonly event: string
  readonly detail: JournalDetail
  readonly from_activity: string
  readonly to_activity: string
  readonly actor_user_id: UserId | null
  readonly epoch: number
  readonly machine_version: number
  readonly duration_us: number | null
  readonly created_at: Date
}

export interface SnapshotRow {
  readonly version: number
  readonly value: { readonly life: unknown; readonly mode: string }
  readonly context: ChatContext
  readonly machine_version: number
}

/** Which of a chat's messages: the newest `tail` of those with an id below `before`. */
export interface MessagePage {
  readonly tail?: number | undefined
  readonly before?: number | undefined
}

export const TRANSITION_COLUMNS = {
  version: "int8",
  event: "text",
  detail: "jsonb",
  from_activity: "text",
  to_activity: "text",
  actor_user_id: "uuid?",
  epoch: "int8",
  machine_version: "int4",
  duration_us: "int4?",
  created_at: "timestamptz",
} as const satisfies Columns<TransitionRow>

export const SNAPSHOT_COLUMNS = {
  version: "int8",
  value: "jsonb",
  context: "jsonb",
  machine_version: "int4",
} as const satisfies Columns<SnapshotRow>

/** Reads of what a chat went through. Every one of them goes by the primary key, or by the chat's index. */
export class ChatJournal extends Context.Tag("troupe/ChatJournal")<
  ChatJournal,
  {
    /** Transitions after `after`, oldest first. */
    readonly transitions: (
      chatId: ChatId,
      page: { readonly after: number; readonly limit: number },
    ) => Effect.Effect<ReadonlyArray<TransitionRow>>
    /** These of them that there are, oldest first. */
    readonly versions: (
      chatId: ChatId,
      versions: ReadonlyArray<number>,
      page: { readonly after: number; readonly limit: number },
    ) => Effect.Effect<ReadonlyArray<TransitionRow>>
    /** Transitions with a version above `after`, up to `version`. */
    readonly between: (chatId: ChatId, after: number, version: number) => Effect.Effect<ReadonlyArray<TransitionRow>>
    /** Whether the state was left, and whether calls were decided, after `after` and up to `version`. */
    readonly turningPoints: (
      chatId: ChatId,
      after: number,
      version: number,
    ) => Effect.Effect<{ readonly moved: boolean; readonly decided: boolean }>
    /** What the attempts that were tried again after `after` failed with, the last first: fingerprints, or null. */
    readonly failuresSince: (chatId: ChatId, after: number) => Effect.Effect<ReadonlyArray<string | null>>
    /** The latest stored state at or before `version`. */
    readonly snapshotBefore: (chatId: ChatId, version: number) => Effect.Effect<Option.Option<SnapshotRow>>
    /** Transcript, queue and open calls as they stood at `version`. Hidden messages included. */
    readonly rowsAt: (
      chatId: ChatId,
      version: number,
      page?: MessagePage,
    ) => Effect.Effect<{
      readonly messages: ReadonlyArray<MessageRow>
      /** There are older messages than these. */
      readonly hasMore: boolean
      readonly queue: ReadonlyArray<QueuedRow>
      readonly openCalls: ReadonlyArray<ToolCallRow>
    }>
  }
>() {
  static readonly layer = Layer.effect(
    ChatJournal,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transitionColumns = sql.literal(columnList(TRANSITION_COLUMNS))
      const between = (chatId: ChatId, after: number, version: number) =>
        sql<TransitionRow>`
          select ${transitionColumns}
          from chat_transitions where chat_id = ${chatId} and version > ${after} and version <= ${version}
          order by version`.pipe(Effect.orDie)
      return {
        between,
        transitions: (chatId, { after, limit }) =>
          sql<TransitionRow>`
            select ${transitionColumns}
            from chat_transitions where chat_id = ${chatId} and version > ${after} order by version limit ${limit}`.pipe(
            Effect.orDie,
          ),
        versions: (chatId, versions, { after, limit }) =>
          sql<TransitionRow>`
            select ${transitionColumns} from chat_transitions
            where chat_id = ${chatId} and version > ${after} and version = any(${[...versions]}::bigint[])
            order by version limit ${limit}`.pipe(Effect.orDie),
        turningPoints: (chatId, after, version) =>
          sql<{ readonly moved: boolean; readonly decided: boolean }>`
            select coalesce(bool_or(from_activity <> to_activity), false) as moved,
              coalesce(bool_or(event = 'DecideApproval'), false) as decided
            from chat_transitions
            where chat_id = ${chatId} and version > ${after} and version <= ${version}`.pipe(
            Effect.orDie,
            Effect.map(([row]) => row ?? { moved: false, decided: false }),
          ),
        failuresSince: (chatId, after) =>
          sql<{ readonly failure: string | null }>`
            select detail ->> 'failure' as failure from chat_transitions
            where chat_id = ${chatId} and version > ${after} and event = 'RecordRetryState'
            order by version desc`.pipe(
            Effect.orDie,
            Effect.map((rows) => rows.map(({ failure }) => failure)),
          ),
        snapshotBefore: (chatId, version) =>
          sql<SnapshotRow>`
            select ${sql.literal(columnList(SNAPSHOT_COLUMNS))} from chat_snapshots
            where chat_id = ${chatId} and version <= ${version} order by version desc limit 1`.pipe(
            Effect.orDie,
            Effect.map((rows) => Option.fromNullable(rows[0])),
          ),
        rowsAt: (chatId, version, { tail, before } = {}) =>
          Effect.all(
            {
              // From the end, by the index of the chat's messages: what is older than the page is not read.
              page: sql<MessageRow>`
                select ${sql.literal(columnList(MESSAGE_COLUMNS))} from chat_messages where chat_id = ${chatId} and created_version <= ${version}
                  and (removed_version is null or removed_version > ${version})
                  ${before === undefined ? sql`` : sql`and id < ${before}`}
                order by id desc ${tail === undefined ? sql`` : sql`limit ${tail + 1}`}`,
              // A row has its last place only; a transition that moved it knows the place before.
              queue: sql<QueuedRow>`
                select q.id, q.chat_id, q.content, q.model_config_id, q.created_by, q.created_at,
                  coalesce(place.position, q.position) as position, coalesce(place.kind, q.kind) as kind
                from chat_queued_messages q
                left join lateral (
                  select m.position, m.kind
                  from chat_transitions t, jsonb_to_recordset(t.detail -> 'moved_from')
                    as m (id bigint, position bigint, kind text)
                  where t.chat_id = q.chat_id and t.version > ${version} and m.id = q.id
                  order by t.version limit 1
                ) place on true
                where q.chat_id = ${chatId} and q.created_version <= ${version}
                  and (q.removed_version is null or q.removed_version > ${version})
                order by kind desc, position`,
              // What a tool does between two transitions belongs to the version before it.
              openCalls: sql<ToolCallRow>`
                select t.id, t.chat_id, t.message_id, t.index, t.provider_call_id, t.tool_name, t.args, t.args_text,
                  case when t.finished_at < until.at then 'done' when t.started_at < until.at then 'started'
                    else 'planned' end as state,
                  t.result, t.is_error, t.approval, t.approval_reason, t.created_at, t.started_at, t.finished_at
                from tool_calls t
                join chat_messages m on m.id = t.message_id
                cross join (select coalesce((select created_at from chat_transitions
                  where chat_id = ${chatId} and version = ${version + 1}), 'infinity') as at) until
                where t.chat_id = ${chatId} and m.created_version <= ${version}
                  and (t.answered_version is null or t.answered_version > ${version}) order by t.message_id, t.index`,
            },
            { concurrency: "unbounded" },
          ).pipe(
            Effect.orDie,
            Effect.map(({ page, ...rest }) => ({
              ...rest,
              messages: page.slice(0, tail).reverse(),
              hasMore: tail !== undefined && page.length > tail,
            })),
          ),
      }
    }),
  )
}
