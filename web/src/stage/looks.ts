import { useSyncExternalStore } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import type { ChatBoard } from "../../../src/contract/board.ts"
import type { ActivityChangeEvent } from "../../../src/contract/stream.ts"
import { withState } from "./strip.ts"

/**
 * What the cards of a board show beside their chats, each by itself: fifty chats that write change fifty cards a second, and
 * nothing else of the page.
 */
export class Looks {
  readonly #looks = new Map<string, ChatBoard>()
  readonly #listeners = new Map<string, Set<() => void>>()
  readonly #seen = new WeakSet<ChatBoard>()

  get(chatId: string): ChatBoard | undefined {
    return this.#looks.get(chatId)
  }

  subscribe(chatId: string, listener: () => void): () => void {
    const own = this.#listeners.get(chatId) ?? new Set()
    this.#listeners.set(chatId, own.add(listener))
    return () => {
      own.delete(listener)
      if (own.size === 0) this.#listeners.delete(chatId)
    }
  }

  /** What the list has said, each answer of it once. What was told since is newer. */
  read(chats: ReadonlyArray<Chat>): void {
    for (const { board, id } of chats) {
      if (board === undefined || this.#seen.has(board)) continue
      this.#seen.add(board)
      if (board.version >= (this.#looks.get(id)?.version ?? 0)) this.#set(id, board)
    }
  }

  /** What the socket tells. */
  hear({ kind: _, chat_id: id, ...look }: ActivityChangeEvent): void {
    const before = this.#looks.get(id)
    if (before !== undefined && before.version > look.version) return
    const { activity, since } = look
    this.#set(id, { ...look, strip: withState(before?.strip ?? [], { activity, since }) })
  }

  /** These calls do not wait any more: what is told next says so, too. */
  answered(chatId: string, callIds: ReadonlyArray<string>): void {
    const look = this.#looks.get(chatId)
    if (look === undefined) return
    const approvals = look.approvals.filter(({ id }) => !callIds.includes(id))
    const tool_calls = look.tool_calls.filter(({ tool_call_id }) => !callIds.includes(tool_call_id))
    const asked = Math.max(0, look.asked - callIds.length)
    this.#set(chatId, { ...look, approvals, tool_calls, asked })
  }

  #set(chatId: string, look: ChatBoard): void {
    this.#looks.set(chatId, look)
    for (const listener of this.#listeners.get(chatId) ?? []) listener()
  }
}

/** What is known of a chat just now; undefined where nothing is, or where it has gone into another state since. */
export const useLook = (looks: Looks, { id, status }: Pick<Chat, "id" | "status">): ChatBoard | undefined => {
  const look = useSyncExternalStore(
    (listener) => looks.subscribe(id, listener),
    () => looks.get(id),
  )
  return look?.activity.split(".")[0] === status ? look : undefined
}
