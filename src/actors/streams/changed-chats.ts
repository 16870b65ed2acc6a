import type { ChatId, UserId } from "../../contract/ids.ts"
import type { ChatNews } from "./chat-feed.ts"

type Kind = ChatNews["kind"]

/** A chat that has changed, and in what ways: each once, in the order in which they were last told. */
export interface ChangedChat {
  readonly chatId: ChatId
  readonly ownerId: UserId
  readonly kinds: ReadonlyMap<Kind, ChatNews["toolCalls"]>
}

/**
 * The chats that changed since they were last read. It holds a chat once, however often it changes, and so at most what there are
 * chats.
 */
export class ChangedChats {
  readonly #chats = new Map<string, ChangedChat>()

  get size(): number {
    return this.#chats.size
  }

  add({ chatId, ownerId, kind, toolCalls }: ChatNews): void {
    this.#merge({ chatId, ownerId, kinds: new Map([[kind, toolCalls]]) }, "later")
  }

  /** Takes out those that changed first, at most so many. */
  take(limit: number): ReadonlyArray<ChangedChat> {
    const taken: Array<ChangedChat> = []
    for (const chat of this.#chats.values()) {
      if (taken.length === limit) break
      taken.push(chat)
    }
    for (const { chatId } of taken) this.#chats.delete(chatId)
    return taken
  }

  /** Those could not be read: what has changed in the meantime comes after. */
  giveBack(chats: Iterable<ChangedChat>): void {
    for (const chat of chats) this.#merge(chat, "earlier")
  }

  #merge(chat: ChangedChat, when: "earlier" | "later"): void {
    const known = this.#chats.get(chat.chatId)
    if (known === undefined) {
      this.#chats.set(chat.chatId, chat)
      return
    }
    const [first, second] = when === "later" ? [known, chat] : [chat, known]
    const kinds = new Map(first.kinds)
    for (const [kind, toolCalls] of second.kinds) {
      kinds.delete(kind)
      kinds.set(kind, toolCalls)
    }
    this.#chats.set(chat.chatId, { ...chat, kinds })
  }
}
