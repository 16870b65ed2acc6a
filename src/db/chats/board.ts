import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer } from "effect"
import type { ChatId } from "../../contract/ids.ts"
import type { ChatRow, MessageRow, ToolCallRow } from "./rows.ts"
import { placeInLine } from "./shown-chats.ts"

/** A call that nothing has answered yet. */
export interface BoardCall extends Pick<
  ToolCallRow,
  "id" | "provider_call_id" | "tool_name" | "approval" | "approval_reason" | "allow_rule" | "finished_at"
> {
  /** Null where they are long. */
  readonly args: unknown
  readonly args_long: boolean
  /** Its command, path, question or address: the beginning of it. */
  readonly object: string | null
  /** Of all calls of the chat. */
  readonly asked: number
}

/** The end of what was shown last. */
export interface BoardPart {
  readonly type: string
  readonly text: string | null
  /** What came before it of the same call is not shown any more. */
  readonly reset: boolean
}

type UsageOfReply = {
  readonly [
    Column in
      | "input_tokens"
      | "output_tokens"
      | "total_tokens"
      | "reasoning_tokens"
      | "cache_creation_tokens"
      | "cache_read_tokens"
      | "context_limit"
  ]: MessageRow[Column]
}

export interface BoardRow
  extends
    Pick<
      ChatRow,
      "id" | "owner_id" | "activity" | "snapshot_version" | "last_error" | "retry_state" | "last_turn_summary"
    >,
    UsageOfReply {
  readonly queue_position: number | null
  /** The states it went into, oldest first; the last is its own. Times as the database writes them. */
  readonly moves: ReadonlyArray<{ readonly activity: string; readonly since: string }>
  readonly calls: ReadonlyArray<BoardCall>
  readonly cost_micros: number | null
  readonly parts: ReadonlyArray<BoardPart> | null
}

/** States of one strip at most, and calls and parts of one card. */
const MOVES = 120
const CALLS = 20
const PARTS = 8
/** Bytes of arguments that are read. */
const ARGS_BYTES = 4096

export class ChatBoardReads extends Context.Tag("troupe/ChatBoardReads")<
  ChatBoardReads,
  {
    /**
     * What cards say of these chats, all in one statement and by indexes: of each, rows of its own. Chats that are gone are left out.
     *
     * @param since `strip`: with the states of the last 10 minutes; `now`: with the present one alone
     */
    readonly rows: (
      chatIds: ReadonlyArray<ChatId>,
      since: "strip" | "now",
    ) => Effect.Effect<ReadonlyArray<BoardRow>, SqlError>
  }
>() {
  static readonly layer = Layer.effect(
    ChatBoardReads,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      // A chat that nothing was written of for so long has been in one state.
      const moves = {
        strip: sql`case when c.updated_at > now() - interval '10 minutes' then ${sql.literal(String(MOVES))} else 1 end`,
        now: sql`1`,
      }
      const rows = (chatIds: ReadonlyArray<ChatId>, since: "strip" | "now") => sql<BoardRow>`
        select c.id, c.owner_id, c.activity, c.snapshot_version, c.last_error, c.retry_state, c.last_turn_summary,
          ${placeInLine(sql)} as queue_position, moves.moves, calls.calls, cost.cost_micros, reply.*, shown.parts
        from chats c
        cross join lateral (
          select coalesce(json_agg(json_build_object('activity', m.to_activity, 'since', m.created_at)
            order by m.version), '[]') as moves
          from (select t.version, t.to_activity, t.created_at from chat_transitions t
            where t.chat_id = c.id and t.from_activity <> t.to_activity
            order by t.version desc limit ${moves[since]}) m) moves
        cross join lateral (
          select coalesce(json_agg(o order by o.message_id, o.index), '[]') as calls
          from (select t.id, t.message_id, t.index, t.provider_call_id, t.tool_name, t.approval, t.approval_reason, t.allow_rule,
              t.finished_at, size.args_long, case when not size.args_long then t.args end as args,
              left(coalesce(t.args ->> 'command', t.args ->> 'path', t.args #>> '{files,0,path}', t.args ->> 'query',
                t.args ->> 'url', t.args #>> '{questions,0,question}', t.args ->> 'question'), 400) as object,
              count(*) filter (where t.approval = 'asked') over () as asked
            from tool_calls t
            cross join lateral (select coalesce(pg_column_size(t.args) > ${ARGS_BYTES}
              or octet_length(t.args::text) > ${ARGS_BYTES}, false) as args_long) size
            where c.owned and t.chat_id = c.id and t.answered_version is null
            order by t.approval = 'asked' desc nulls last, t.message_id, t.index limit ${CALLS}) o) calls
        cross join lateral (
          select sum(m.total_cost_micros)::bigint as cost_micros from chat_messages m
          where m.chat_id = c.id and m.total_cost_micros is not null) cost
        left join lateral (
          select m.input_tokens, m.output_tokens, m.total_tokens, m.reasoning_tokens, m.cache_creation_tokens,
            m.cache_read_tokens, m.context_limit
          from chat_messages m where m.chat_id = c.id and m.role = 'assistant' and m.removed_version is null
          order by m.id desc limit 1) reply on true
        left join lateral (
          select json_agg(json_build_object('type', p.part ->> 'type',
            'text', right(coalesce(p.part ->> 'text', p.part ->> 'result_delta'), 1000),
            'reset', coalesce((p.part ->> 'result_reset')::boolean, false)) order by p.seq) as parts
          from (select seq, part from chat_parts where chat_id = c.id and history_version = c.history_version
            and attempt = c.generation_attempt order by seq desc limit ${PARTS}) p) shown on c.working
        where c.id = any(${[...chatIds]}::uuid[])`
      return { rows }
    }),
  )
}
