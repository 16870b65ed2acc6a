import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer } from "effect"
import type { ChatId } from "../../contract/ids.ts"
import {
  columnList,
  type Columns,
  MESSAGE_COLUMNS,
  type MessageRow,
  TOOL_CALL_COLUMNS,
  type ToolCallRow,
} from "./rows.ts"
import { TRANSITION_COLUMNS, type TransitionRow } from "./journal.ts"

/** The rows of a chat's whole life, without its texts: narrow, because there are thousands of them. */

const picked = <All extends object, Name extends keyof All>(all: All, names: ReadonlyArray<Name>) =>
  Object.fromEntries(names.map((name) => [name, all[name]])) as Pick<All, Name>

const TRANSITION_NAMES = [
  "version",
  "event",
  "detail",
  "from_activity",
  "to_activity",
  "epoch",
  "created_at",
] as const satisfies ReadonlyArray<keyof TransitionRow>
export type StepTransition = Pick<TransitionRow, (typeof TRANSITION_NAMES)[number]>

const REPLY_NAMES = [
  "id",
  "created_version",
  "model_config_id",
  "input_tokens",
  "output_tokens",
  "total_tokens",
  "reasoning_tokens",
  "cache_creation_tokens",
  "cache_read_tokens",
  "context_limit",
  "total_cost_micros",
] as const satisfies ReadonlyArray<keyof MessageRow>
export type StepReply = Pick<MessageRow, (typeof REPLY_NAMES)[number]>

const CALL_NAMES = [
  "id",
  "message_id",
  "provider_call_id",
  "tool_name",
  "state",
  "is_error",
  "approval",
  "created_at",
  "started_at",
  "finished_at",
] as const satisfies ReadonlyArray<keyof ToolCallRow>
export type StepCall = Pick<ToolCallRow, (typeof CALL_NAMES)[number]>

export const STEP_TRANSITION_COLUMNS: Columns<StepTransition> = picked(TRANSITION_COLUMNS, TRANSITION_NAMES)
export const STEP_REPLY_COLUMNS: Columns<StepReply> = picked(MESSAGE_COLUMNS, REPLY_NAMES)
export const STEP_CALL_COLUMNS: Columns<StepCall> = picked(TOOL_CALL_COLUMNS, CALL_NAMES)

export interface StepRows {
  readonly transitions: ReadonlyArray<StepTransition>
  readonly replies: ReadonlyArray<StepReply>
  readonly calls: ReadonlyArray<StepCall>
}

export class ChatStepReads extends Context.Tag("troupe/ChatStepReads")<
  ChatStepReads,
  {
    /** What happened in the versions above `after`, up to `version`; oldest first. What was removed since is there, too. */
    readonly rows: (chatId: ChatId, after: number, version: number) => Effect.Effect<StepRows>
  }
>() {
  static readonly layer = Layer.effect(
    ChatStepReads,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const rows = (chatId: ChatId, after: number, version: number) =>
        Effect.all(
          {
            transitions: sql<StepTransition>`
              select ${sql.literal(columnList(STEP_TRANSITION_COLUMNS))} from chat_transitions
              where chat_id = ${chatId} and version > ${after} and version <= ${version} order by version`,
            replies: sql<StepReply>`
              select ${sql.literal(columnList(STEP_REPLY_COLUMNS))} from chat_messages
              where chat_id = ${chatId} and role = 'assistant' and created_version > ${after}
                and created_version <= ${version} order by id`,
            calls: sql<StepCall>`
              select ${sql.literal(columnList(STEP_CALL_COLUMNS))} from tool_calls
              where chat_id = ${chatId} order by message_id, index`,
          },
          { concurrency: "unbounded" },
        ).pipe(Effect.orDie)
      return { rows }
    }),
  )
}
