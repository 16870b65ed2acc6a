import { Context, Layer } from "effect"
import type { ChatWatchEvent } from "../../contract/stream.ts"
import { eachAlone } from "./each-alone.ts"

/** That something about a chat changed which its owner's sidebar shows. The listener reads the chat itself. */
export interface ChatNews {
  readonly kind: ChatWatchEvent["kind"]
  readonly chatId: string
  readonly ownerId: string
  /** With `action_required`: what the client is asked for. */
  readonly toolCalls?: ChatWatchEvent["tool_calls"]
}

/** News of all chats of this process, told after the commit. */
export class ChatFeed extends Context.Tag("troupe/ChatFeed")<
  ChatFeed,
  {
    readonly publish: (news: ChatNews) => void
    /** @returns a function that ends the subscription */
    readonly subscribe: (ownerId: string, listener: (news: ChatNews) => void) => () => void
  }
>() {
  static readonly layer = Layer.sync(ChatFeed, () => {
    const listeners = new Map<string, Set<(news: ChatNews) => void>>()
    return {
      publish: (news) => {
        eachAlone(listeners.get(news.ownerId) ?? [], (listener) => listener(news))
      },
      subscribe: (ownerId, listener) => {
        const own = listeners.get(ownerId) ?? new Set()
        own.add(listener)
        listeners.set(ownerId, own)
        return () => {
          own.delete(listener)
          if (own.size === 0) listeners.delete(ownerId)
        }
      },
    }
  })
}
