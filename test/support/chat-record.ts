import type { Part } from "../../src/contract/parts.ts"
import { type JournalRow, replay } from "../../src/machines/chat-replay.ts"
import { activityOf } from "../../src/machines/chat-state.ts"
import { wordsOf } from "./part-words.ts"
import { faultOf, type Stored } from "./random-lives.ts"

/** All that a database holds of a chat, and what can be wrong with it whatever the chat has been through. */

export interface ChatRecord extends Stored {
  readonly id: string
  readonly title: string
  readonly version: number
  readonly epoch: number
  readonly activity: string
  readonly journal: ReadonlyArray<JournalRow & { readonly epoch: number }>
  readonly attempts: ReadonlyArray<{
    readonly history_version: number
    readonly attempt: number
    readonly reason: string | null
  }>
  /** Logged parts of no attempt that has ended. */
  readonly strayParts: number
  /** Messages of the model, removed ones included. */
  readonly replies: number
}

type Query = <Row extends object>(text: string, values: ReadonlyArray<unknown>) => Promise<ReadonlyArray<Row>>

export const readRecords = (query: Query, ids: ReadonlyArray<string>): Promise<ReadonlyArray<ChatRecord>> =>
  query<ChatRecord>(
    `select c.id, c.title, c.snapshot_version::int as version, c.owner_epoch::int as epoch, c.activity, to_jsonb(c) as row,
       coalesce((select json_agg(json_build_object('id', id, 'role', role, 'content', content) order by id)
         from chat_messages where chat_id = c.id and removed_version is null and visibility <> 'model'), '[]') as messages,
       coalesce((select json_agg(json_build_object('id', id, 'kind', kind) order by kind desc, position)
         from chat_queued_messages where chat_id = c.id and removed_version is null), '[]') as queue,
       coalesce((select json_agg(provider_call_id order by message_id, index)
         from tool_calls where chat_id = c.id and answered_version is null), '[]') as open,
       coalesce((select json_agg(json_build_object('version', version, 'event', event, 'detail', detail, 'epoch', epoch)
         order by version) from chat_transitions where chat_id = c.id), '[]') as journal,
       coalesce((select json_agg(json_build_object('history_version', history_version, 'attempt', attempt,
           'reason', reason) order by history_version, attempt)
         from chat_attempts a where a.chat_id = c.id), '[]') as attempts,
       (select count(*) from chat_parts p left join chat_attempts a using (chat_id, history_version, attempt)
         where p.chat_id = c.id and a.ended_at is null)::int as "strayParts",
       (select count(*) from chat_messages where chat_id = c.id and role = 'assistant')::int as replies
     from chats c where c.id = any($1) order by c.title`,
    [ids],
  )

/** `role: text` of each message; calls and results by the tool's name. */
export const linesOf = ({ messages }: Pick<Stored, "messages">): ReadonlyArray<string> =>
  messages.map(({ role, content }) => `${role}: ${content.map(wordsOf).join(" ")}`)

/** The state that the journal leads to, beside the one that the row has. */
const replayFault = ({ row, queue, journal }: ChatRecord): string | undefined => {
  const { value, context } = replay("normal", journal)
  const led = { activity: activityOf(value), ...context }
  const has = {
    activity: row["activity"],
    queue: queue.length,
    steer: queue.filter(({ kind }) => kind === "steer").length,
    archived: row["archived"],
    resume: row["resume"],
    attempt: row["generation_attempt"],
    steps: row["turn_steps"],
  }
  const different = Object.entries(has).filter(([name, value]) =>
    Object.entries(led).some((pair) => pair[0] === name && pair[1] !== value),
  )
  return different.length === 0
    ? undefined
    : `the journal leads to ${JSON.stringify(led)}, the row has ${JSON.stringify(has)}`
}

/** Calls that the server writes into the transcript, beside those of the model. */
const OURS: ReadonlyArray<string> = ["chat_summarized", "context_cleared"]

const isOurs = (content: ReadonlyArray<Part>) =>
  content.some((part) => part.type === "tool-call" && OURS.includes(part.tool_name))

const repeatFault = ({ messages }: ChatRecord): string | undefined => {
  const at = messages.findIndex(
    ({ content, role }, index) => role === "assistant" && messages[index - 1]?.role === "assistant" && !isOurs(content),
  )
  return at === -1
    ? undefined
    : `the model speaks twice: ${linesOf({ messages })
        .slice(at - 1, at + 1)
        .join(" / ")}`
}

/**
 * What is wrong with a chat that has come to rest, in words.
 *
 * @param limits how many calls of the model were seen for it, how many crashes of the turn it may have counted, and how many
 *   attempts may have ended without a message
 */
export const faultsOf = (
  record: ChatRecord,
  limits: { readonly calls: number; readonly recoveries: number; readonly attempts: number },
): ReadonlyArray<string> => {
  const { attempts, journal, replies, row, strayParts, version } = record
  const gap = journal.findIndex((entry, index) => entry.version !== index + 1)
  const open = attempts.filter(({ reason }) => reason === null)
  return [
    faultOf(record),
    repeatFault(record),
    replayFault(record),
    gap === -1 && journal.length === version
      ? undefined
      : `${journal.length} entries of the journal at version ${version}`,
    strayParts === 0 ? undefined : `${strayParts} logged parts of no attempt that has ended`,
    open.length === 0 ? undefined : `attempts that never end: ${JSON.stringify(open)}`,
    // Every call of the model has become a message or an attempt that people can read.
    limits.calls <= replies + attempts.length
      ? undefined
      : `${limits.calls} calls of the model for ${replies} messages and ${attempts.length} attempts`,
    attempts.length <= limits.attempts ? undefined : `${attempts.length} attempts without a message`,
    Number(row["recovery_attempts"]) <= limits.recoveries
      ? undefined
      : `${String(row["recovery_attempts"])} recoveries`,
    row["status"] === "error" && row["last_error"] === null ? "an error without a reason" : undefined,
  ].filter((fault) => fault !== undefined)
}
