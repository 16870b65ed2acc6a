import type { SqlClient } from "@effect/sql/SqlClient"
import type { AttemptFailure, ChatError } from "../../../contract/chat-error.ts"
import type { ModelConfigId } from "../../../contract/ids.ts"
import { jsonb } from "../../engine/jsonb.ts"
import { hasTag } from "../../../machines/chat-state.ts"
import type { LoadedChat } from "./loaded-chat.ts"
import type { MessagesPlan } from "./messages.ts"
import type { Fenced, Part, Transition } from "./part.ts"

/** Tries at a step, and what was shown of them: `chat_attempts` and `chat_parts`. Neither is loaded with a chat. */

export interface AttemptsPlan {
  readonly openAttempt: { readonly modelConfigId: ModelConfigId } | null
  /** Why the attempt ends that was under way; it keeps its text. */
  readonly closeAttempt: string | null
  /** What people are told of it, where it failed. */
  readonly failure: AttemptFailure | null
  /** The parts shown so far are in the messages of this commit. */
  readonly partsBecameMessages: boolean
}

/**
 * Shown parts that nothing will ever need. Results shown before the first attempt of a history belong to no attempt that could
 * keep them; those shown beside an approval that was not waited for are in the messages that answer the calls. A pause goes on.
 */
const forgetsParts = ({ row }: LoadedChat, closeAttempt: string | null, historyChanged: boolean): boolean =>
  (closeAttempt !== null && closeAttempt !== "pause" && row.generation_attempt === 0) ||
  (hasTag(row.activity, "asks-person") && historyChanged)

const failureOf = ({ message, detail, kind, provider, status_code }: Omit<ChatError, "retryable">): AttemptFailure => ({
  message,
  ...(detail !== undefined && { detail }),
  ...(kind !== undefined && { kind }),
  ...(provider !== undefined && { provider }),
  ...(status_code !== undefined && { status_code }),
})

const plan = (
  rows: LoadedChat,
  { changes }: Transition,
  { historyChanged, lastModelConfigId }: MessagesPlan,
): AttemptsPlan => {
  let opened: AttemptsPlan["openAttempt"] = null
  let closeAttempt: string | null = null
  let failure: AttemptFailure | null = null
  for (const change of changes) {
    if (change.type === "openAttempt") opened = { modelConfigId: change.params.modelConfigId ?? lastModelConfigId }
    if (change.type === "closeAttempt") closeAttempt = change.params.reason
    if (change.type === "setRetryState")
      failure = failureOf({ ...change.params.retry, message: change.params.retry.error })
    if (change.type === "setError") failure = failureOf(change.params.error)
  }
  const partsBecameMessages =
    changes.some(({ type }) => type === "appendMessages") || forgetsParts(rows, closeAttempt, historyChanged)
  return { openAttempt: opened, closeAttempt, failure, partsBecameMessages }
}

/** At the history as it is then. */
export const openAttempt = (sql: SqlClient, modelConfigId: ModelConfigId) => sql`opened_attempt as (
    insert into chat_attempts (chat_id, history_version, attempt, model_config_id)
    select id, history_version, generation_attempt, ${modelConfigId}::uuid from fence)`

/** One that is still open at the same history was cut off by a crash. Before a new one there was none. */
const open = (
  sql: SqlClient,
  { historyVersion, historyChanged }: Fenced & MessagesPlan,
  modelConfigId: ModelConfigId,
) => [openAttempt(sql, modelConfigId), ...(historyChanged ? [] : [crashed(sql, historyVersion)])]

const crashed = (sql: SqlClient, historyVersion: number) => sql`crashed_attempts as (
    update chat_attempts a set ended_at = now(), reason = 'crash' from fence
    where a.chat_id = fence.id and a.history_version = ${historyVersion} and a.ended_at is null)`

/** Attempts and parts that have become messages. */
const forget = (sql: SqlClient, { historyVersion, attemptBefore }: Fenced) => [
  sql`committed_attempts as (
    delete from chat_attempts a using fence where a.chat_id = fence.id
      and a.history_version = ${historyVersion} and (a.attempt = ${attemptBefore} or a.reason = 'pause')
    returning a.attempt)`,
  sql`committed_parts as (
    delete from chat_parts p using fence where p.chat_id = fence.id and p.history_version = ${historyVersion}
      and (p.attempt in (0, ${attemptBefore}) or p.attempt in (select attempt from committed_attempts)))`,
]

const close = (sql: SqlClient, { historyVersion, attemptBefore, failure }: Fenced & AttemptsPlan, reason: string) => [
  sql`closed_attempt as (
    update chat_attempts a set ended_at = now(), reason = ${reason},
      failure = ${failure === null ? null : jsonb(failure)}::jsonb from fence
    where a.chat_id = fence.id and a.history_version = ${historyVersion}
      and a.attempt = ${attemptBefore} and a.ended_at is null)`,
]

export const attempts: Part<AttemptsPlan, MessagesPlan> = {
  plan,
  write: (sql, commit) => {
    const opened = commit.openAttempt === null ? [] : open(sql, commit, commit.openAttempt.modelConfigId)
    if (commit.partsBecameMessages) return [...opened, ...forget(sql, commit)]
    return commit.closeAttempt === null ? opened : [...opened, ...close(sql, commit, commit.closeAttempt)]
  },
  after: (rows) => rows,
}
