import { Context, Effect, Layer } from "effect"
import type { ChatId, UserId } from "../../contract/ids.ts"
import type { ChatWatchEvent } from "../../contract/stream.ts"
import { Listeners, makeReportUntold } from "./listeners.ts"

/** That something about a chat changed which its owner's sidebar shows: not what it is by now, which is to be read. */
export interface ChatNews {
  readonly kind: ChatWatchEvent["kind"]
  readonly chatId: ChatId
  readonly ownerId: UserId
  /** With `action_required`: what the client is asked for. */
  readonly toolCalls?: ChatWatchEvent["tool_calls"]
}

const subscribeTo =
  <News>(owners: Map<UserId, Listeners<News>>) =>
  (ownerId: UserId, listener: (news: News) => void): (() => void) => {
    const own = owners.get(ownerId) ?? new Listeners<News>()
    owners.set(ownerId, own)
    const end = own.add(listener)
    return () => {
      end()
      if (own.size === 0 && owners.get(ownerId) === own) owners.delete(ownerId)
    }
  }

/** News of all chats of this process, told after the commit. */
export class ChatFeed extends Context.Tag("troupe/ChatFeed")<
  ChatFeed,
  {
    readonly publish: (news: ChatNews) => void
    /** @returns a function that ends the subscription */
    readonly subscribe: (ownerId: UserId, listener: (news: ChatNews) => void) => () => void
    /** The chat does something else now, or shows more of it. Called with every piece of text: it costs nothing where no board is open. */
    readonly stir: (ownerId: UserId, chatId: ChatId) => void
    /** @returns a function that ends the subscription */
    readonly onStir: (ownerId: UserId, listener: (chatId: ChatId) => void) => () => void
  }
>() {
  static readonly layer = Layer.scoped(
    ChatFeed,
    Effect.map(makeReportUntold("A sidebar"), (report) => {
      const sidebars = new Map<UserId, Listeners<ChatNews>>()
      const boards = new Map<UserId, Listeners<ChatId>>()
      return {
        publish: (news) => sidebars.get(news.ownerId)?.tell(news, (cause) => report(news.chatId, cause)),
        subscribe: subscribeTo(sidebars),
        stir: (ownerId, chatId) => boards.get(ownerId)?.tell(chatId, (cause) => report(chatId, cause)),
        onStir: subscribeTo(boards),
      }
    }),
  )
}
