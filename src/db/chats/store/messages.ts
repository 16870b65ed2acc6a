import type { SqlClient } from "@effect/sql/SqlClient"
import type { ChatId, MessageId, ModelConfigId, ToolCallId } from "../../../contract/ids.ts"
import { storable, jsonb } from "../../engine/jsonb.ts"
import type { CancelReason, NewMessage, QueuedInput } from "../../../machines/chat-events.ts"
import { type Activity, activityOf, hasTag } from "../../../machines/chat-state.ts"
import { clearedContext } from "../../../machines/context-marks.ts"
import { CONTENT_VERSION } from "../content-version.ts"
import type { MessageRow, QueuedRow } from "../rows.ts"
import { answerTo } from "./call-answers.ts"
import type { LoadedChat, Committed } from "./loaded-chat.ts"
import type { Part, Transition } from "./part.ts"
import { promotedBy } from "./queue.ts"

/** The history of a chat: `chat_messages`. */

export interface MessagesPlan {
  readonly messages: ReadonlyArray<NewMessage>
  readonly removeMessagesFrom: number | null
  readonly historyChanged: boolean
  /** Model of the last message of a user, or the one with which its turn is tried again. */
  readonly lastModelConfigId: ModelConfigId
  /** A step took so much longer: the chat leaves an activity in which the calls of this message were worked on. */
  readonly longerStep: { readonly messageId: MessageId; readonly activity: Activity } | null
}

const userMessage = (input: QueuedInput): NewMessage => ({
  role: "user",
  visibility: "both",
  content: input.content,
  modelConfigId: input.modelConfigId,
  createdBy: input.createdBy,
})

const promoted = (row: QueuedRow, fallbackModel: string): NewMessage =>
  userMessage({ content: row.content, modelConfigId: row.model_config_id ?? fallbackModel, createdBy: row.created_by })

/** Only of a step that is in the history: an interruption may also be one of a reply that is not there yet. */
const longerStep = ({ row, openCalls }: LoadedChat, activity: Activity): MessagesPlan["longerStep"] => {
  const messageId = openCalls.at(-1)?.message_id
  return messageId !== undefined && activity !== row.activity && hasTag(row.activity, "works-on-calls")
    ? { messageId, activity: row.activity }
    : null
}

const plan = (rows: LoadedChat, { changes, now, value }: Transition): MessagesPlan => {
  const { row, queue, openCalls } = rows
  const messages: Array<NewMessage> = []
  let removeMessagesFrom: number | null = null
  let beginsHistory = false
  let lastModelConfigId = row.last_model_config_id
  const answered = new Set<ToolCallId>()
  const append = (more: ReadonlyArray<NewMessage>) => {
    messages.push(...more)
    for (const id of more.flatMap((message) => message.toolCallIds ?? [])) answered.add(id)
  }
  const answerOpenCalls = (reason: CancelReason) => {
    const cut = removeMessagesFrom ?? Number.POSITIVE_INFINITY
    const open = openCalls.filter((call) => !answered.has(call.id) && call.message_id < cut)
    append(open.map((call) => answerTo(call, reason, now)))
  }
  /** No user message is written behind an open call: a turn may have ended in an error among its tools. */
  const appendUserMessage = (message: NewMessage) => {
    answerOpenCalls("superseded")
    append([message])
    lastModelConfigId = message.modelConfigId ?? lastModelConfigId
  }
  for (const change of changes) {
    for (const queued of promotedBy(change, queue)) appendUserMessage(promoted(queued, lastModelConfigId))
    switch (change.type) {
      case "appendMessages":
        append(change.params.messages)
        break
      case "appendUserMessage":
        appendUserMessage(userMessage(change.params.input))
        break
      case "softDeleteFrom":
        removeMessagesFrom = change.params.messageId
        break
      case "cancelPendingCalls":
        answerOpenCalls(change.params.reason)
        break
      case "useModel":
        lastModelConfigId = change.params.modelConfigId
        break
      case "beginHistory":
        beginsHistory = true
        break
      case "clearContext":
        answerOpenCalls("superseded")
        append(clearedContext(row.snapshot_version + 1, now))
        break
    }
  }
  return {
    messages: messages.map(storable),
    removeMessagesFrom,
    historyChanged: messages.length > 0 || removeMessagesFrom !== null || beginsHistory,
    lastModelConfigId,
    longerStep: longerStep(rows, activityOf(value)),
  }
}

const records = (messages: ReadonlyArray<NewMessage>) =>
  jsonb(
    messages.map((message, ord) => ({
      ord,
      role: message.role,
      visibility: message.visibility,
      content: message.content,
      model_config_id: message.modelConfigId,
      created_by: message.createdBy,
      runtime_ms: message.runtimeMs === "step" ? undefined : message.runtimeMs,
      of_step: message.runtimeMs === "step",
      total_cost_micros: message.costMicros,
      provider_response_id: message.responseId,
      provider_origin: message.origin,
      finish_reason: message.finishReason,
      compressed: message.compressed ?? false,
      ...message.usage,
    })),
  )

/** Milliseconds of the attempts at a history. After one that is to be tried again the wait counts as well; a wait for a slot does not. */
const attemptsMs = (sql: SqlClient, historyVersion: number) => sql`(
  select extract(epoch from sum(coalesce(case when reason = 'retry' then next_at else ended_at end, now()) - started_at)) * 1000
  from (
    select started_at, ended_at, reason, lead(started_at) over (order by attempt) as next_at
    from chat_attempts a where a.chat_id = fence.id and a.history_version = ${historyVersion}
  ) attempts)::bigint`

/** @param historyVersion of the attempts that a message of a step has come from */
export const insertMessages = (
  sql: SqlClient,
  messages: ReadonlyArray<NewMessage>,
  historyVersion: number,
) => sql`inserted_messages as (
    insert into chat_messages (chat_id, created_version, role, visibility, content, model_config_id, created_by,
      input_tokens, output_tokens, total_tokens, reasoning_tokens, cache_creation_tokens, cache_read_tokens,
      context_limit, total_cost_micros, runtime_ms, provider_response_id, provider_origin, finish_reason, compressed)
    select fence.id, fence.snapshot_version, m.role, m.visibility, m.content, m.model_config_id, m.created_by,
      m.input_tokens, m.output_tokens, m.total_tokens, m.reasoning_tokens, m.cache_creation_tokens, m.cache_read_tokens,
      m.context_limit, m.total_cost_micros,
      case when m.of_step then ${attemptsMs(sql, historyVersion)} else m.runtime_ms end,
      m.provider_response_id, m.provider_origin, m.finish_reason, m.compressed
    from fence, jsonb_to_recordset(${records(messages)}::jsonb) as m (ord int, role text, visibility text,
      content jsonb, model_config_id uuid, created_by uuid, input_tokens bigint, output_tokens bigint,
      total_tokens bigint, reasoning_tokens bigint, cache_creation_tokens bigint, cache_read_tokens bigint,
      context_limit bigint, total_cost_micros bigint, runtime_ms bigint, of_step boolean, provider_response_id text,
      provider_origin text, finish_reason text, compressed boolean)
    order by m.ord
    returning id)`

/** Ids that `insertMessages` has given, in order. */
export const insertedIds = (sql: SqlClient, messages: ReadonlyArray<NewMessage>) =>
  messages.length === 0 ? sql`null::json` : sql`(select json_agg(id order by id) from inserted_messages)`

/** The milliseconds of a message's step, longer by the time that the chat has been in the activity it leaves. */
const longerRuntime = (sql: SqlClient, activity: Activity) => sql`coalesce(m.runtime_ms, 0) + (
  select extract(epoch from now() - t.created_at) * 1000 from chat_transitions t
  where t.chat_id = m.chat_id and t.to_activity = ${activity} and t.from_activity <> ${activity}
  order by t.version desc limit 1)::bigint`

const lengthenStep = (
  sql: SqlClient,
  { messageId, activity }: NonNullable<MessagesPlan["longerStep"]>,
) => sql`longer_step as (
    update chat_messages m set runtime_ms = ${longerRuntime(sql, activity)} from fence
    where m.id = ${messageId} and m.chat_id = fence.id)`

/** The step is lengthened here, too: it may be among those that are removed, and no row is changed twice. */
const removeMessages = (sql: SqlClient, from: number, step: MessagesPlan["longerStep"]) => sql`removed_messages as (
    update chat_messages m set removed_version = fence.snapshot_version
      ${
        step === null
          ? sql``
          : sql`, runtime_ms = case when m.id = ${step.messageId} then ${longerRuntime(sql, step.activity)} else m.runtime_ms end`
      }
    from fence
    where m.chat_id = fence.id and m.id >= ${from} and m.removed_version is null)`

/** The row that an insert of `message` has made. */
const insertedMessage = (
  chatId: ChatId,
  message: NewMessage,
  id: MessageId,
  { version, at }: Pick<Committed, "version" | "at">,
): MessageRow => ({
  id,
  chat_id: chatId,
  created_version: version,
  removed_version: null,
  role: message.role,
  visibility: message.visibility,
  content: message.content,
  content_version: CONTENT_VERSION,
  compressed: message.compressed ?? false,
  model_config_id: message.modelConfigId ?? null,
  created_by: message.createdBy ?? null,
  input_tokens: message.usage?.input_tokens ?? null,
  output_tokens: message.usage?.output_tokens ?? null,
  total_tokens: message.usage?.total_tokens ?? null,
  reasoning_tokens: message.usage?.reasoning_tokens ?? null,
  cache_creation_tokens: message.usage?.cache_creation_tokens ?? null,
  cache_read_tokens: message.usage?.cache_read_tokens ?? null,
  context_limit: message.usage?.context_limit ?? null,
  total_cost_micros: message.costMicros ?? null,
  provider_response_id: message.responseId ?? null,
  provider_origin: message.origin ?? null,
  finish_reason: message.finishReason ?? null,
  created_at: at,
})

/** The rows of a commit's messages, in order. */
export const insertedMessages = (
  chatId: ChatId,
  messages: ReadonlyArray<NewMessage>,
  committed: Pick<Committed, "version" | "at" | "messageIds">,
): ReadonlyArray<MessageRow> =>
  messages.map((message, index) => insertedMessage(chatId, message, committed.messageIds[index] ?? 0, committed))

/** The messages that the model gets, after a commit; undefined where they have to be read again. */
export const transcriptAfter = (
  before: ReadonlyArray<MessageRow> | undefined,
  { removeMessagesFrom }: Pick<MessagesPlan, "removeMessagesFrom">,
  inserted: ReadonlyArray<MessageRow>,
): ReadonlyArray<MessageRow> | undefined => {
  // An edit may take a boundary away, behind which there are rows that are not here; a new one makes most of these idle.
  if (removeMessagesFrom !== null || inserted.some((row) => row.compressed)) return undefined
  if (before === undefined || inserted.length === 0) return before
  return [...before, ...inserted.filter((row) => row.visibility !== "user")]
}

export const messages: Part<MessagesPlan> = {
  plan,
  write: (sql, { messages: added, removeMessagesFrom, longerStep: step, historyVersion }) => [
    ...(added.length === 0 ? [] : [insertMessages(sql, added, historyVersion)]),
    ...(removeMessagesFrom === null ? [] : [removeMessages(sql, removeMessagesFrom, step)]),
    ...(removeMessagesFrom === null && step !== null ? [lengthenStep(sql, step)] : []),
  ],
  // No history is loaded with a chat; `transcriptAfter` follows what an actor has read of it.
  after: (rows) => rows,
}
