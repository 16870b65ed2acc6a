import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer, Option } from "effect"
import type { ChatId, MessageId, ProviderCallId } from "../../contract/ids.ts"
import { columnList } from "./rows.ts"
import {
  STEP_CALL_COLUMNS,
  STEP_REPLY_COLUMNS,
  STEP_TRANSITION_COLUMNS,
  type StepCall,
  type StepReply,
  type StepTransition,
} from "./steps.ts"

/** What transitions came with, of a page of the journal: narrow, and in one statement. */

export interface TransitionPage {
  readonly from: number
  readonly to: number
  /**
   * Where the state before the page asks the model, an attempt may have begun earlier: the last transition with one of these
   * events knows.
   */
  readonly turningEvents: ReadonlyArray<string> | undefined
}

export interface Brought {
  readonly replies: ReadonlyArray<StepReply>
  /** By version, without those that only the model reads. */
  readonly messages: ReadonlyMap<number, ReadonlyArray<MessageId>>
  /** Tool calls by the version that settled them. */
  readonly calls: ReadonlyMap<number, ReadonlyArray<StepCall>>
  readonly turningPoint: StepTransition | undefined
}

/** Times in JSON are text. */
type InJson<Row> = {
  readonly [Name in keyof Row]: Row[Name] extends Date
    ? string
    : Row[Name] extends Date | null
      ? string | null
      : Row[Name]
}

type BroughtRow =
  | {
      readonly kind: "message"
      readonly version: number
      readonly row: StepReply & { readonly role: string; readonly visibility: string }
    }
  | { readonly kind: "call"; readonly version: number; readonly row: InJson<StepCall> }
  | { readonly kind: "turn"; readonly version: number; readonly row: InJson<StepTransition> }

const dateOf = (time: string | null): Date | null => (time === null ? null : new Date(time))

const callIn = (row: InJson<StepCall>): StepCall => ({
  ...row,
  created_at: new Date(row.created_at),
  started_at: dateOf(row.started_at),
  finished_at: dateOf(row.finished_at),
})

const byVersion = <Item>(pairs: ReadonlyArray<readonly [version: number, item: Item]>) => {
  const found = new Map<number, Array<Item>>()
  for (const [version, item] of pairs) {
    const held = found.get(version)
    if (held === undefined) found.set(version, [item])
    else held.push(item)
  }
  return found
}

const gathered = (rows: ReadonlyArray<BroughtRow>): Brought => {
  const messages = rows.flatMap((found) => (found.kind === "message" ? [found] : []))
  const turn = rows.find((found) => found.kind === "turn")
  return {
    replies: messages.filter(({ row }) => row.role === "assistant").map(({ row }) => row),
    messages: byVersion(
      messages.filter(({ row }) => row.visibility !== "model").map(({ version, row }) => [version, row.id] as const),
    ),
    calls: byVersion(
      rows.flatMap((found) => (found.kind === "call" ? [[found.version, callIn(found.row)] as const] : [])),
    ),
    turningPoint: turn === undefined ? undefined : { ...turn.row, created_at: new Date(turn.row.created_at) },
  }
}

export type MessageOrCall = { readonly message: MessageId } | { readonly call: ProviderCallId }

interface VersionsRow {
  readonly versions: ReadonlyArray<number | string>
}

/** What stands around the journal: its rows say who did what, and these what that came to. */
export class ChatBrought extends Context.Tag("troupe/ChatBrought")<
  ChatBrought,
  {
    /** What the transitions of these versions came with. It costs one look at each message and call of the chat, in memory of some bytes each. */
    readonly by: (chatId: ChatId, page: TransitionPage) => Effect.Effect<Brought>
    /** The versions with which a message came and went, or a tool call was asked for and settled. */
    readonly versionsOf: (chatId: ChatId, what: MessageOrCall) => Effect.Effect<ReadonlyArray<number>>
    /** The last transition up to `version` with one of these events, with a slot, or to another state. */
    readonly turningPoint: (
      chatId: ChatId,
      version: number,
      events: ReadonlyArray<string>,
    ) => Effect.Effect<Option.Option<StepTransition>>
  }
>() {
  static readonly layer = Layer.effect(
    ChatBrought,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const turningPoint = (chatId: ChatId, version: number, events: ReadonlyArray<string>) => sql<StepTransition>`
        select ${sql.literal(columnList(STEP_TRANSITION_COLUMNS))} from chat_transitions
        where chat_id = ${chatId} and version <= ${version}
          and (event = any(${[...events]}::text[]) or detail ->> 'slot' = 'granted' or from_activity <> to_activity)
        order by version desc limit 1`
      return {
        versionsOf: (chatId, what) =>
          ("message" in what
            ? sql<VersionsRow>`
                select array_remove(array[created_version, removed_version], null) as versions from chat_messages
                where chat_id = ${chatId} and id = ${what.message} and visibility <> 'model'`
            : sql<VersionsRow>`
                select array_remove(array[m.created_version, t.answered_version], null) as versions
                from tool_calls t join chat_messages m on m.id = t.message_id
                where t.chat_id = ${chatId} and t.provider_call_id = ${what.call}`
          ).pipe(
            Effect.orDie,
            Effect.map((rows) => rows.flatMap(({ versions }) => versions.map(Number))),
          ),
        turningPoint: (chatId, version, events) =>
          turningPoint(chatId, version, events).pipe(
            Effect.orDie,
            Effect.map(([row]) => Option.fromNullable(row)),
          ),
        by: (chatId, { from, to, turningEvents }) =>
          sql<BroughtRow>`
            select 'message' as kind, created_version as version, to_jsonb(m) as row from (
              select ${sql.literal(columnList(STEP_REPLY_COLUMNS))}, role, visibility from chat_messages
              where chat_id = ${chatId} and created_version between ${from} and ${to} order by id) m
            union all
            select 'call', answered_version, to_jsonb(c) from (
              select ${sql.literal(columnList(STEP_CALL_COLUMNS))}, answered_version from tool_calls
              where chat_id = ${chatId} and answered_version between ${from} and ${to} order by message_id, index) c
            ${
              turningEvents === undefined
                ? sql``
                : sql`union all
                  select 'turn', version, to_jsonb(t) from (${turningPoint(chatId, from - 1, turningEvents)}) t`
            }`.pipe(Effect.orDie, Effect.map(gathered)),
      }
    }),
  )
}
