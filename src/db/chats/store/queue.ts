import type { SqlClient } from "@effect/sql/SqlClient"
import { jsonb } from "../../engine/jsonb.ts"
import type { QueuedInput } from "../../../machines/chat-events.ts"
import type { ChatChange } from "../../../machines/chat-setup.ts"
import type { QueuedRow } from "../rows.ts"
import type { LoadedChat } from "./loaded-chat.ts"
import type { Part, Transition } from "./part.ts"

/** Messages that wait: `chat_queued_messages`. */

export interface QueuePlan {
  readonly queueInserts: ReadonlyArray<{
    readonly input: QueuedInput
    readonly kind: QueuedRow["kind"]
    readonly position: number
  }>
  readonly queueRemoves: ReadonlyArray<number>
  readonly queueMoves: ReadonlyArray<Pick<QueuedRow, "id" | "position" | "kind">>
  readonly queueChanged: boolean
}

/** The queue in the order in which it will be promoted: steering messages first. */
export const inOrder = (queue: ReadonlyArray<QueuedRow>): ReadonlyArray<QueuedRow> =>
  queue.toSorted((a, b) => (a.kind === b.kind ? a.position - b.position : a.kind === "steer" ? -1 : 1))

/** Messages that a change moves from the queue into the history, in order. */
export const promotedBy = (change: ChatChange, queue: ReadonlyArray<QueuedRow>): ReadonlyArray<QueuedRow> => {
  switch (change.type) {
    case "promoteHead":
      return inOrder(queue).slice(0, 1)
    case "promoteSteers":
      return inOrder(queue).filter(({ kind }) => kind === "steer")
    case "promoteQueued":
      return queue.filter(({ id }) => id === change.params.queuedMessageId)
    default:
      return []
  }
}

/** The turn that the others were to steer is over: they wait in line as well. */
const movesToHead = (queue: ReadonlyArray<QueuedRow>, promotedId: number): QueuePlan["queueMoves"] => {
  const lowest = Math.min(...queue.map(({ position }) => position))
  const isFirst = queue.some(({ id, position }) => id === promotedId && position === lowest)
  return queue.flatMap(({ id, kind, position }) => {
    const moved = id === promotedId && !isFirst ? lowest - 1 : position
    return kind === "steer" || moved !== position ? [{ id, position: moved, kind: "queue" as const }] : []
  })
}

const plan = ({ queue }: LoadedChat, { changes }: Transition): QueuePlan => {
  const queueInserts: Array<QueuePlan["queueInserts"][number]> = []
  const queueRemoves: Array<number> = []
  const queueMoves: Array<QueuePlan["queueMoves"][number]> = []
  for (const change of changes) {
    queueRemoves.push(...promotedBy(change, queue).map(({ id }) => id))
    switch (change.type) {
      case "enqueue":
        queueInserts.push({ ...change.params, position: Math.max(0, ...queue.map(({ position }) => position)) + 1 })
        break
      case "moveToHead":
        queueMoves.push(...movesToHead(queue, change.params.queuedMessageId))
        break
      case "removeQueued":
        queueRemoves.push(change.params.queuedMessageId)
        break
      case "clearQueue":
        queueRemoves.push(...queue.map(({ id }) => id))
        break
    }
  }
  const queueChanged = queueInserts.length + queueRemoves.length + queueMoves.length > 0
  return { queueInserts, queueRemoves, queueMoves, queueChanged }
}

const records = (inserts: QueuePlan["queueInserts"]) =>
  jsonb(
    inserts.map(({ position, kind, input }) => ({
      position,
      kind,
      content: input.content,
      model_config_id: input.modelConfigId,
      created_by: input.createdBy,
    })),
  )

const insert = (sql: SqlClient, inserts: QueuePlan["queueInserts"]) => sql`inserted_queue as (
    insert into chat_queued_messages (chat_id, created_version, position, kind, content, model_config_id, created_by)
    select fence.id, fence.snapshot_version, q.position, q.kind, q.content, q.model_config_id, q.created_by
    from fence, jsonb_to_recordset(${records(inserts)}::jsonb)
      as q (position bigint, kind text, content jsonb, model_config_id uuid, created_by uuid)
    order by q.position
    returning id)`

const remove = (sql: SqlClient, ids: ReadonlyArray<number>) => sql`removed_queue as (
    update chat_queued_messages q set removed_version = fence.snapshot_version from fence
    where q.chat_id = fence.id and q.removed_version is null and ${sql.in("q.id", ids)})`

const move = (sql: SqlClient, moves: QueuePlan["queueMoves"]) => sql`moved_queue as (
    update chat_queued_messages q set position = m.position, kind = m.kind
    from fence, jsonb_to_recordset(${jsonb(moves)}::jsonb) as m (id bigint, position bigint, kind text)
    where q.chat_id = fence.id and q.id = m.id)`

/** Ids of the messages that have joined the queue, in order. */
export const queuedIds = (sql: SqlClient, { queueInserts }: Pick<QueuePlan, "queueInserts">) =>
  queueInserts.length === 0 ? sql`null::json` : sql`(select json_agg(id order by id) from inserted_queue)`

export const queue: Part<QueuePlan> = {
  plan,
  write: (sql, { queueInserts, queueRemoves, queueMoves }) => [
    ...(queueInserts.length === 0 ? [] : [insert(sql, queueInserts)]),
    ...(queueRemoves.length === 0 ? [] : [remove(sql, queueRemoves)]),
    ...(queueMoves.length === 0 ? [] : [move(sql, queueMoves)]),
  ],
  after: (rows, { chatId, queueInserts, queueRemoves, queueMoves }, committed) => {
    const removed = new Set(queueRemoves)
    const moved = new Map(queueMoves.map((to) => [to.id, to]))
    const left = rows.queue.filter(({ id }) => !removed.has(id)).map((row) => ({ ...row, ...moved.get(row.id) }))
    const joined = queueInserts.map(({ input, kind, position }, index) => ({
      id: committed.queuedIds[index] ?? 0,
      chat_id: chatId,
      position,
      kind,
      content: input.content,
      model_config_id: input.modelConfigId,
      created_by: input.createdBy,
      created_at: committed.at,
    }))
    return { ...rows, queue: inOrder([...left, ...joined]) }
  },
}
