import type { SqlClient } from "@effect/sql/SqlClient"
import { pipe } from "effect"
import type { MessageId } from "../../../contract/ids.ts"
import { type AuditEntry, insertAudit } from "../../audit/audit-row.ts"
import type { Capacity } from "../admission.ts"
import { type MessageRow, STATE_COLUMNS, type StateRow } from "../rows.ts"
import { attempts } from "./attempts.ts"
import { fence, fencedOf, planRow, rowAfter, type RowPlan } from "./chat-row.ts"
import { journal } from "./journal.ts"
import type { LoadedChat, Committed } from "./loaded-chat.ts"
import { insertedIds, insertedMessages, messages } from "./messages.ts"
import { and, type Fenced, type Transition } from "./part.ts"
import { queue, queuedIds } from "./queue.ts"
import { type CommandReceipt, insertReceipt } from "./receipt.ts"
import { toolCalls } from "./tool-calls.ts"

/**
 * One transition, from the changes that the machine describes to one statement and to the rows after it. Each table has its
 * file; a further one is a line here.
 */

const tables = pipe(messages, and(queue), and(toolCalls), and(attempts), and(journal))

/** What an actor gives to the store for one transition. */
export interface ChatCommit extends Fenced, RowPlan, ReturnType<typeof tables.plan> {
  readonly receipt: CommandReceipt | null
  /** The limits by which a slot was given for it, against which the rows are counted; absent where it takes none. */
  readonly slotLimits?: Capacity
  /** What is written down of it, where a person has changed something that the audit log tells of. */
  readonly audit?: AuditEntry
}

/** What the transition alone says: whoever sends it adds the receipt, the record and the limits of its slot. */
export type PlannedCommit = Omit<ChatCommit, "receipt" | "slotLimits" | "audit">

/** What is to be written for a transition; pure. */
export const plan = (rows: LoadedChat, transition: Transition): PlannedCommit => ({
  ...fencedOf(rows),
  ...planRow(rows, transition),
  ...tables.plan(rows, transition, {}),
})

/** What the statement answers; no row at all where the fence has found none. */
export interface CommittedRow extends StateRow {
  readonly message_ids: ReadonlyArray<MessageId> | null
  readonly queued_ids: ReadonlyArray<number> | null
}

export const committedOf = ({ message_ids, queued_ids, ...row }: CommittedRow): Committed => ({
  version: row.snapshot_version,
  at: row.updated_at,
  messageIds: message_ids ?? [],
  queuedIds: queued_ids ?? [],
  row,
})

/** The one statement of a commit. */
export const write = (sql: SqlClient, commit: ChatCommit) => {
  const { audit, receipt } = commit
  const parts = [
    fence(sql, commit),
    ...tables.write(sql, commit),
    ...(audit === undefined ? [] : [sql`audited as (${insertAudit(sql, audit, "fence")})`]),
    ...(receipt === null ? [] : [insertReceipt(sql, receipt, commit)]),
  ]
  return sql<CommittedRow>`
    with ${sql.csv(parts)}
    select fence.*, ${insertedIds(sql, commit.messages)} as message_ids, ${queuedIds(sql, commit)} as queued_ids
    from fence`
}

/** The actor's rows after a commit, and the message rows it wrote. */
export const apply = (
  rows: LoadedChat,
  commit: PlannedCommit,
  committed: Committed,
): { readonly state: LoadedChat; readonly inserted: ReadonlyArray<MessageRow> } => ({
  state: tables.after({ ...rows, row: rowAfter(rows, commit, committed) }, commit, committed),
  inserted: insertedMessages(commit.chatId, commit.messages, committed),
})

/**
 * What became of a commit whose answer was lost: no row when it was not carried out. Asked when the fence has refused its repeat:
 * nobody but this owner writes under its epoch, and he writes one version at a time.
 */
export const outcome = (
  sql: SqlClient,
  { chatId, epoch, version }: Pick<ChatCommit, "chatId" | "epoch" | "version">,
) => {
  const idsOf = (table: "chat_messages" | "chat_queued_messages") => sql`
    (select coalesce(json_agg(t.id order by t.id), '[]') from ${sql(table)} t
      where t.chat_id = chats.id and t.created_version = chats.snapshot_version)`
  return sql<CommittedRow>`
    select ${sql.literal(STATE_COLUMNS.join(", "))}, ${idsOf("chat_messages")} as message_ids,
      ${idsOf("chat_queued_messages")} as queued_ids
    from chats where id = ${chatId} and owner_epoch = ${epoch} and snapshot_version = ${version + 1}`
}
