import type { Chat } from "../../../src/contract/chats.ts"
import { type BoardColumn, columnOf } from "../chats/status.ts"
import { isBefore } from "../chats/time.ts"

/** A chat on the board. `gone`: somebody archived it while its card was looked at. */
export interface Placed {
  readonly chat: Chat
  readonly gone: boolean
}

export type Columns = Readonly<Record<BoardColumn, ReadonlyArray<Placed>>>

/** In the order in which they stand on the page. */
export const COLUMNS: ReadonlyArray<BoardColumn> = ["needs you", "at work", "queued", "failed", "resting"]

const oldestFirst = ({ chat: a }: Placed, { chat: b }: Placed): number => {
  if (isBefore(a.updated_at, b.updated_at)) return -1
  return isBefore(b.updated_at, a.updated_at) ? 1 : a.id.localeCompare(b.id)
}
const newestFirst = (a: Placed, b: Placed): number => oldestFirst(b, a)

/** A turn does not move its card with each of its steps. */
const eldestFirst = ({ chat: a }: Placed, { chat: b }: Placed): number =>
  isBefore(a.created_at, b.created_at) ? -1 : isBefore(b.created_at, a.created_at) ? 1 : a.id.localeCompare(b.id)

/** Who waits the longest stands first, and who comes stands last: nothing moves under a pointer that is about to press. */
const orders: Readonly<Record<BoardColumn, (a: Placed, b: Placed) => number>> = {
  "needs you": oldestFirst,
  "at work": eldestFirst,
  queued: oldestFirst,
  failed: newestFirst,
  resting: newestFirst,
}

/**
 * @param lists of the same chats, the best known last
 * @param shown where a card stood when it was last there: one whose chat is archived meanwhile stays, and says so
 */
export const columnsOf = (
  lists: ReadonlyArray<ReadonlyArray<Chat>>,
  shown: ReadonlyMap<string, BoardColumn>,
): Columns => {
  const chats = [...new Map(lists.flat().map((chat) => [chat.id, chat])).values()]
  const placed = chats.flatMap((chat): ReadonlyArray<Placed & { readonly column: BoardColumn }> => {
    if (chat.parent_chat_id !== undefined) return []
    if (!chat.archived) return [{ chat, gone: false, column: columnOf(chat) }]
    const column = shown.get(chat.id)
    return column === undefined || column === "resting" ? [] : [{ chat, gone: true, column }]
  })
  const of = (column: BoardColumn) => placed.filter((each) => each.column === column).sort(orders[column])
  return {
    "needs you": of("needs you"),
    "at work": of("at work"),
    queued: of("queued"),
    failed: of("failed"),
    resting: of("resting"),
  }
}
