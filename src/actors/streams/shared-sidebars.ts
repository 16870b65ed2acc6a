import { Context, Deferred, Effect, Layer, Queue } from "effect"
import type { Chat } from "../../contract/chats.ts"
import type { ChatId, UserId } from "../../contract/ids.ts"
import type { ChatWatchEvent } from "../../contract/stream.ts"
import { ChatReads } from "../../db/chats/reads.ts"
import { SharedChatReads } from "../../db/chats/shared-chats.ts"
import type { ChatListRow } from "../../db/chats/shown-chats.ts"
import { Settings } from "../../settings.ts"
import { chatToWire } from "./chat-wire.ts"
import { eventText } from "./event-size.ts"
import { Listeners, makeReportUntold } from "./listeners.ts"
import { EMPTY_INDEX, indexOf, newsBetween, type SharedIndex, type SharedNews } from "./shared-index.ts"

/** How long after one look at the database the next is taken. */
const LOOK_MS = 400

/** A sidebar is opened without knowing what is shared, rather than not at all, when the database is away so long. */
const PATIENCE_MS = 2_000

/** Chats that one statement reads at most. */
const AT_ONCE = 100

/** As a reader sees it: what the owner has read and pinned is not his. */
const asRead = (row: ChatListRow): Chat => chatToWire({ ...row, has_unread: false, pin_order: 0 })

/** In what ways it has changed for those who read it; none, where it is something they are not shown. */
const changesOf = (was: Chat | undefined, is: Chat): ReadonlyArray<ChatWatchEvent["kind"]> => {
  if (was === undefined) return []
  const kinds: ReadonlyArray<readonly [ChatWatchEvent["kind"], (chat: Chat) => unknown]> = [
    ["title_change", ({ title }) => title],
    ["summary_change", ({ last_turn_summary }) => last_turn_summary],
    ["status_change", ({ status, activity, last_error }) => [status, activity, last_error]],
  ]
  const changed = kinds.filter(([, of]) => JSON.stringify(of(was)) !== JSON.stringify(of(is))).map(([kind]) => kind)
  if (changed.length > 0) return changed
  return JSON.stringify(was) === JSON.stringify(is) ? [] : ["title_change"]
}

/**
 * Tells the open sidebars of this process of chats that others share with their users: that one was let in, that one is out again,
 * and what becomes of the chat. What is shared is asked of the database, a few times a second and for all of them at once, so it
 * matters to nobody which process a chat lives in, or where it was shared, a group changed, or somebody left.
 */
export class SharedSidebars extends Context.Tag("troupe/SharedSidebars")<
  SharedSidebars,
  {
    /**
     * Tells from now on: comes back when it is known what is shared with the user by now.
     *
     * @param hear told each event as JSON text
     * @returns a function that ends it
     */
    readonly follow: (userId: UserId, hear: (event: string) => void) => Effect.Effect<() => void>
  }
>() {
  static readonly layer = Layer.scoped(
    SharedSidebars,
    Effect.gen(function* () {
      const shared = yield* SharedChatReads
      const reads = yield* ChatReads
      const { access } = yield* Settings
      const report = yield* makeReportUntold("A sidebar of a reader")
      const watchers = new Map<UserId, Listeners<string>>()
      /** Those whose chats the index has. Others are not told what has been shared with them long since. */
      let known: ReadonlySet<UserId> = new Set()
      let index: SharedIndex = EMPTY_INDEX
      let shown: ReadonlyMap<ChatId, Chat> = new Map()
      let waiting: ReadonlyArray<Deferred.Deferred<void>> = []
      const bell = yield* Queue.sliding<void>(1)

      const readShown = (ids: ReadonlyArray<ChatId>) =>
        Effect.gen(function* () {
          const rows: Array<ChatListRow> = []
          for (let at = 0; at < ids.length; at += AT_ONCE)
            rows.push(...(yield* reads.listByIds(ids.slice(at, at + AT_ONCE))))
          return rows.map((row) => [row.id, asRead(row)] as const)
        })

      const tell = (users: ReadonlyArray<UserId>, kind: ChatWatchEvent["kind"], chat: Chat) => {
        const told = users.filter((id) => known.has(id) && watchers.has(id))
        if (told.length === 0) return
        const { json } = eventText({ kind, chat } satisfies ChatWatchEvent)
        for (const id of told) watchers.get(id)?.tell(json, (cause) => report(chat.id, cause))
      }

      const tellNews = ({ gained, lost, kept }: SharedNews, was: Chat | undefined, is: Chat | undefined) => {
        // Who is out is told no more of the chat than he has seen.
        if (was !== undefined) tell(lost, "deleted", was)
        if (is === undefined) return
        tell(gained, "created", is)
        for (const kind of changesOf(was, is)) tell(kept, kind, is)
      }

      const look = Effect.gen(function* () {
        const users = [...watchers.keys()]
        const joined = waiting
        const readers = users.length === 0 ? [] : yield* shared.readers(users)
        const groups = new Set(readers.flatMap(({ organization_id, groups }) => [String(organization_id), ...groups]))
        const chats = readers.length === 0 ? [] : yield* shared.naming(users, [...groups])
        const next = indexOf(readers, chats, index)
        const news = newsBetween(index, next)
        const fresh = new Map(yield* readShown(news.filter(({ changed }) => changed).map(({ chatId }) => chatId)))
        const before = shown
        const after = new Map([...before, ...fresh].filter(([id]) => next.chats.has(id)))
        index = next
        shown = after
        for (const one of news) tellNews(one, before.get(one.chatId), after.get(one.chatId))
        known = new Set(users)
        waiting = waiting.filter((each) => !joined.includes(each))
        for (const each of joined) yield* Deferred.succeed(each, undefined)
      }).pipe(
        // The statement of an interrupted fiber is canceled by its connection, which may be somebody else's by then.
        Effect.uninterruptible,
        // A database that is away is asked again at the next look.
        Effect.catchAllCause((cause) => Effect.logDebug("What is shared could not be read", cause)),
      )

      const looks = Effect.gen(function* () {
        yield* Queue.take(bell)
        while (watchers.size > 0) {
          yield* look
          yield* Effect.raceFirst(Effect.sleep(LOOK_MS), Queue.take(bell))
        }
        yield* look
      })
      if (access.chatSharing) yield* looks.pipe(Effect.forever, Effect.forkScoped)

      return {
        follow: (userId, hear) =>
          Effect.gen(function* () {
            if (!access.chatSharing) return () => undefined
            const listeners = watchers.get(userId) ?? new Listeners<string>()
            watchers.set(userId, listeners)
            const remove = listeners.add(hear)
            if (!known.has(userId)) {
              const told = yield* Deferred.make<void>()
              waiting = [...waiting, told]
              yield* Queue.offer(bell, undefined)
              yield* Deferred.await(told).pipe(Effect.timeoutOption(PATIENCE_MS))
            }
            return () => {
              remove()
              if (listeners.size === 0 && watchers.get(userId) === listeners) watchers.delete(userId)
            }
          }),
      }
    }),
  )
}
