import type { QueuedMessage } from "../../../src/contract/chats.ts"

/** Where a message of the queue goes when it is moved. Steering ones go first, so that each kind has an order of its own. */

type Placed = Pick<QueuedMessage, "id" | "kind">

/** A place: before another message, or null for the end. */
export interface Move {
  readonly id: number
  readonly before: number | null
}

/** One place up (-1) or down (1) among its kind; undefined at the end of it. */
export const moveBy = (queue: ReadonlyArray<Placed>, id: number, step: -1 | 1): Move | undefined => {
  const moved = queue.find((message) => message.id === id)
  const kind = queue.filter((message) => message.kind === moved?.kind)
  const at = kind.findIndex((message) => message.id === id)
  const beyond = kind[at + step]
  if (at === -1 || beyond === undefined) return undefined
  return { id, before: step === -1 ? beyond.id : (kind[at + 2]?.id ?? null) }
}

/** To where another of its kind stands, which makes room; undefined where that is no other place. */
export const moveTo = (queue: ReadonlyArray<Placed>, id: number, over: number): Move | undefined => {
  const from = queue.findIndex((message) => message.id === id)
  const to = queue.findIndex((message) => message.id === over)
  const [moved, other] = [queue[from], queue[to]]
  if (moved === undefined || other === undefined || from === to || moved.kind !== other.kind) return undefined
  if (to < from) return { id, before: over }
  const behind = queue[to + 1]
  return { id, before: behind?.kind === moved.kind ? behind.id : null }
}

/** The queue as it is shown once a message has been moved. */
export const moved = <Message extends Placed>(queue: ReadonlyArray<Message>, move: Move): ReadonlyArray<Message> => {
  const message = queue.find(({ id }) => id === move.id)
  if (message === undefined) return queue
  const others = queue.filter(({ id }) => id !== move.id)
  const before = others.findIndex(({ id }) => id === move.before)
  const lastOfKind = others.findLastIndex(({ kind }) => kind === message.kind)
  const at = before !== -1 ? before : lastOfKind !== -1 ? lastOfKind + 1 : message.kind === "steer" ? 0 : others.length
  return others.toSpliced(at, 0, message)
}
