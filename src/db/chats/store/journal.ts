import type { SqlClient } from "@effect/sql/SqlClient"
import type { UserId } from "../../../contract/ids.ts"
import { jsonb } from "../../engine/jsonb.ts"
import { detailOf, type JournalDetail } from "../../../machines/chat-journal.ts"
import type { ChatContext } from "../../../machines/chat-setup.ts"
import type { Activity, ChatStateValue } from "../../../machines/chat-state.ts"
import type { AttemptsPlan } from "./attempts.ts"
import type { LoadedChat } from "./loaded-chat.ts"
import type { Part, Transition } from "./part.ts"
import type { QueuePlan } from "./queue.ts"

/** Every accepted transition, and whole states from which a replay can start: `chat_transitions` and `chat_snapshots`. */

/** Versions between two stored states of the machine: a replay starts at the nearest. */
const SNAPSHOT_EVERY = 100

export interface JournalEntry {
  readonly event: string
  readonly detail: JournalDetail
  readonly fromActivity: Activity | "none"
  readonly actorUserId: UserId | null
  readonly startedAtUs: number
}

export interface JournalPlan {
  readonly journal: JournalEntry
  readonly snapshot: { readonly value: ChatStateValue; readonly context: ChatContext } | null
}

/** Places that queued messages had before they were moved: their rows know the last one only. */
const movedFrom = ({ queue }: LoadedChat, { queueMoves }: QueuePlan): JournalDetail => {
  const after = new Map(queueMoves.map((move) => [move.id, move]))
  const before = queue.flatMap(({ id, position, kind }) => {
    const to = after.get(id)
    return to === undefined || (to.position === position && to.kind === kind) ? [] : [{ id, position, kind }]
  })
  return before.length === 0 ? {} : { moved_from: before }
}

/** The model that is asked, where that is no part of the event itself. */
const asked = ({ openAttempt }: AttemptsPlan): JournalDetail =>
  openAttempt === null ? {} : { model_config_id: openAttempt.modelConfigId }

const plan = (rows: LoadedChat, transition: Transition, planned: QueuePlan & AttemptsPlan): JournalPlan => {
  const { row } = rows
  const { event, value, context, actorUserId, startedAtUs } = transition
  const facts = {
    modelConfigId: row.last_model_config_id,
    planMode: row.plan_mode,
    recoveryAttempts: row.recovery_attempts,
  }
  return {
    journal: {
      event: event.type,
      detail: { ...detailOf(event, facts), ...asked(planned), ...movedFrom(rows, planned) },
      fromActivity: row.activity,
      actorUserId,
      startedAtUs,
    },
    snapshot: (row.snapshot_version + 1) % SNAPSHOT_EVERY === 0 ? { value, context } : null,
  }
}

export const insertJournal = (sql: SqlClient, journal: JournalEntry) => sql`journal as (
    insert into chat_transitions (chat_id, version, event, detail, from_activity, to_activity, actor_user_id, epoch,
      machine_version, duration_us)
    select id, snapshot_version, ${journal.event}, ${jsonb(journal.detail)}::jsonb, ${journal.fromActivity}, activity,
      ${journal.actorUserId}::uuid, owner_epoch, machine_version,
      ${Math.max(0, Math.round(performance.now() * 1000 - journal.startedAtUs))}
    from fence)`

const keep = (sql: SqlClient, { value, context }: NonNullable<JournalPlan["snapshot"]>) => sql`snapshot as (
    insert into chat_snapshots (chat_id, version, value, context, machine_version)
    select id, snapshot_version, ${jsonb(value)}::jsonb, ${jsonb(context)}::jsonb, machine_version from fence)`

export const journal: Part<JournalPlan, QueuePlan & AttemptsPlan> = {
  plan,
  write: (sql, { journal: entry, snapshot }) => [
    insertJournal(sql, entry),
    ...(snapshot === null ? [] : [keep(sql, snapshot)]),
  ],
  after: (rows) => rows,
}
