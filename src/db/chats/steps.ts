import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer } from "effect"
import type { AttemptFailure } from "../../contract/chat-error.ts"
import type { ChatId } from "../../contract/ids.ts"
import {
  columnList,
  type Columns,
  MESSAGE_COLUMNS,
  type MessageRow,
  QUEUED_COLUMNS,
  type QueuedRow,
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

const PROMPT_NAMES = [
  "id",
  "created_version",
  "removed_version",
  "created_by",
  "created_at",
] as const satisfies ReadonlyArray<keyof MessageRow>
export type StepPrompt = Pick<MessageRow, (typeof PROMPT_NAMES)[number]>

const QUEUED_NAMES = ["kind", "created_by", "created_at"] as const satisfies ReadonlyArray<keyof QueuedRow>
/** A message that has left the queue for the conversation, or for nowhere. */
export interface StepQueued extends Pick<QueuedRow, (typeof QUEUED_NAMES)[number]> {
  readonly created_version: number
  readonly removed_version: number
}

export interface StepFailure {
  readonly ended_at: Date
  readonly failure: AttemptFailure
}

export const STEP_TRANSITION_COLUMNS: Columns<StepTransition> = picked(TRANSITION_COLUMNS, TRANSITION_NAMES)
export const STEP_REPLY_COLUMNS: Columns<StepReply> = picked(MESSAGE_COLUMNS, REPLY_NAMES)
export const STEP_CALL_COLUMNS: Columns<StepCall> = picked(TOOL_CALL_COLUMNS, CALL_NAMES)
export const STEP_PROMPT_COLUMNS: Columns<StepPrompt> = picked(MESSAGE_COLUMNS, PROMPT_NAMES)
export const STEP_QUEUED_COLUMNS: Columns<StepQueued> = {
  ...picked(QUEUED_COLUMNS, QUEUED_NAMES),
  created_version: "int8",
  removed_version: "int8",
}

export interface StepRows {
  readonly transitions: ReadonlyArray<StepTransition>
  readonly replies: ReadonlyArray<StepReply>
  readonly calls: ReadonlyArray<StepCall>
  readonly prompts: ReadonlyArray<StepPrompt>
  /** In the order in which they stood in the queue. */
  readonly queued: ReadonlyArray<StepQueued>
  /** What the attempts that failed failed with. */
  readonly failures: ReadonlyArray<StepFailure>
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
            prompts: sql<StepPrompt>`
              select ${sql.literal(columnList(STEP_PROMPT_COLUMNS))} from chat_messages
              where chat_id = ${chatId} and role = 'user' and visibility <> 'model' and created_version > ${after}
                and created_version <= ${version} order by id`,
            queued: sql<StepQueued>`
              select ${sql.literal(columnList(STEP_QUEUED_COLUMNS))} from chat_queued_messages
              where chat_id = ${chatId} and removed_version > ${after} and removed_version <= ${version}
              order by kind desc, position`,
            failures: sql<StepFailure>`
              select ended_at, failure from chat_attempts where chat_id = ${chatId} and failure is not null`,
          },
          { concurrency: "unbounded" },
        ).pipe(Effect.orDie)
      return { rows }
    }),
  )
}
