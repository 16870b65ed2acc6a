import type { SqlClient } from "@effect/sql/SqlClient"
import { jsonb, storable } from "../../engine/jsonb.ts"
import type { QueuedChange, QueuedInput } from "../../../machines/chat-events.ts"
import type { ChatChange } from "../../../machines/chat-setup.ts"
import type { QueuedRow } from "../rows.ts"
import type { LoadedChat } from "./loaded-chat.ts"
import type { Part, Transition } from "./part.ts"

/** Messages that wait: `chat_queued_messages`. */

interface QueueInsert {
  readonly input: QueuedInput
  readonly kind: QueuedRow["kind"]
  readonly position: number
}

type QueueMove = Pick<QueuedRow, "id" | "position" | "kind"> & Partial<Pick<QueuedRow, "content">>

export interface QueuePlan {
  readonly queueInserts: ReadonlyArray<QueueInsert>
  readonly queueRemoves: ReadonlyArray<number>
  /** Rows as they are to be; one without `content` keeps its own. */
  readonly queueMoves: ReadonlyArray<QueueMove>
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

/** Before the first, or behind the last. */
const inserted = (
  queue: ReadonlyArray<QueuedRow>,
  { first, input, kind }: Extract<ChatChange, { readonly type: "enqueue" }>["params"],
): QueueInsert => {
  const places = queue.map(({ position }) => position)
  return { input, kind, position: first === true ? Math.min(1, ...places) - 1 : Math.max(0, ...places) + 1 }
}

/** The turn is over that they were to steer: they wait in line like the others. */
const unsteered = (queue: ReadonlyArray<QueuedRow>): ReadonlyArray<QueueMove> =>
  queue.flatMap(({ id, kind, position }) => (kind === "steer" ? [{ id, position, kind: "queue" as const }] : []))

/** The turn that the others were to steer is over: they wait in line as well. */
const movesToHead = (queue: ReadonlyArray<QueuedRow>, promotedId: number): ReadonlyArray<QueueMove> => {
  const lowest = Math.min(...queue.map(({ position }) => position))
  const isFirst = queue.some(({ id, position }) => id === promotedId && position === lowest)
  return queue.flatMap(({ id, kind, position }) => {
    const moved = id === promotedId && !isFirst ? lowest - 1 : position
    return kind === "steer" || moved !== position ? [{ id, position: moved, kind: "queue" as const }] : []
  })
}

/** Where each row is when one has gone before another: the places that there are, dealt out anew. */
const placesAfter = (queue: ReadonlyArray<QueuedRow>, movedId: number, before: number | null) => {
  const standing = queue.toSorted((a, b) => a.position - b.position)
  const order = standing.map(({ id }) => id).filter((id) => id !== movedId)
  order.splice(before === null ? order.length : order.indexOf(before), 0, movedId)
  return new Map(order.map((id, index) => [id, standing[index]?.position ?? 0]))
}

const changesOf = (
  queue: ReadonlyArray<QueuedRow>,
  { queuedMessageId, content, kind, place }: QueuedChange,
): ReadonlyArray<QueueMove> => {
  const places = place === null ? undefined : placesAfter(queue, queuedMessageId, place.before)
  return queue.flatMap((row) => {
    const changed = row.id === queuedMessageId
    const to = { id: row.id, position: places?.get(row.id) ?? row.position, kind: changed ? kind : row.kind }
    if (changed && content !== null) return [{ ...to, content: storable(content) }]
    return to.position === row.position && to.kind === row.kind ? [] : [to]
  })
}

const plan = ({ queue }: LoadedChat, { changes }: Transition): QueuePlan => {
  const queueInserts: Array<QueueInsert> = []
  const queueRemoves: Array<number> = []
  const queueMoves: Array<QueueMove> = []
  for (const change of changes) {
    queueRemoves.push(...promotedBy(change, queue).map(({ id }) => id))
    switch (change.type) {
      case "enqueue":
        queueInserts.push(inserted(queue, change.params))
        if (change.params.first === true) queueMoves.push(...unsteered(queue))
        break
      case "unsteer":
        queueMoves.push(...unsteered(queue))
        break
      case "moveToHead":
        queueMoves.push(...movesToHead(queue, change.params.queuedMessageId))
        break
      case "changeQueued":
        queueMoves.push(...changesOf(queue, change.params))
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
    update chat_queued_messages q set position = m.position, kind = m.kind, content = coalesce(m.content, q.content)
    from fence, jsonb_to_recordset(${jsonb(moves)}::jsonb) as m (id bigint, position bigint, kind text, content jsonb)
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
