import { Cause, Context, Effect, Layer, Queue, Schedule } from "effect"
import type { UserId } from "../../contract/ids.ts"
import type { ChatWatchEvent } from "../../contract/stream.ts"
import { ChatReads } from "../../db/chats/reads.ts"
import type { ChatListRow } from "../../db/chats/shown-chats.ts"
import { troubleIn } from "../../db/engine/sql-errors.ts"
import { type ChangedChat, ChangedChats } from "./changed-chats.ts"
import { ChatFeed } from "./chat-feed.ts"
import { chatToWire } from "./chat-wire.ts"
import { eventText } from "./event-size.ts"
import { Listeners, makeReportUntold } from "./listeners.ts"

/** Where the events of one open sidebar go. */
export interface SidebarSink {
  /** An event as JSON text, made once for all sidebars of the owner. */
  readonly write: (event: string) => void
  /** Bytes accepted by `write` that the peer has not taken. */
  readonly bufferedBytes: () => number
  /** It is told nothing more: it is too far behind, or `write` has thrown. */
  readonly onCutOff: (why: "slow" | "broken") => void
}

/** A sidebar may leave so much untaken; one that is further behind reads the list again. */
const SLOW_SIDEBAR_BYTES = 1024 * 1024

/** Chats that one statement reads at most: some 100 KB for each sidebar, which has the time of a statement to take them. */
const AT_ONCE = 100

/** A database that is away is asked again, ever later; what changes meanwhile is read with the rest. */
const whileDatabaseIsAway = Schedule.exponential("50 millis").pipe(
  Schedule.union(Schedule.spaced("2 seconds")),
  Schedule.jittered,
)

const eventsOf = (row: ChatListRow, { kinds }: ChangedChat): ReadonlyArray<string> => {
  const chat = chatToWire(row)
  return [...kinds].map(([kind, toolCalls]) => {
    const event: ChatWatchEvent = { kind, chat, ...(toolCalls !== undefined && { tool_calls: toolCalls }) }
    return eventText(event).json
  })
}

/**
 * The open sidebars of this process. A chat that has changed is read once for all of them, with the others that changed by then,
 * and what is told of it is written out once. Reads come one after the other, so what is told of a chat is never older than what
 * was told before. What changes faster than it can be read is told as it is in the end.
 */
export class Sidebars extends Context.Tag("troupe/Sidebars")<
  Sidebars,
  {
    /**
     * Tells of each change of the owner's chats from now on.
     *
     * @returns a function that ends it
     */
    readonly watch: (ownerId: UserId, sink: SidebarSink) => () => void
  }
>() {
  static readonly layer = Layer.scoped(
    Sidebars,
    Effect.gen(function* () {
      const feed = yield* ChatFeed
      const reads = yield* ChatReads
      const report = yield* makeReportUntold("A sidebar")
      const owners = new Map<string, { readonly sidebars: Listeners<string>; readonly leave: () => void }>()
      const changed = new ChangedChats()
      const bell = yield* Queue.sliding<void>(1)

      const tell = (row: ChatListRow, chat: ChangedChat) => {
        const sidebars = owners.get(chat.ownerId)?.sidebars
        if (sidebars === undefined) return
        const onThrow = (cause: unknown) => report(chat.chatId, cause)
        try {
          for (const event of eventsOf(row, chat)) sidebars.tell(event, onThrow)
        } catch (cause) {
          // No row of ours cannot be shown; if one could not, the others can.
          onThrow(cause)
        }
      }

      /** A chat that is gone has no row, and nothing is told of it. */
      const readAndTell = (chats: ReadonlyArray<ChangedChat>) =>
        reads.listByIds(chats.map(({ chatId }) => chatId)).pipe(
          Effect.map((rows) => {
            const found = new Map(rows.map((row) => [row.id, row]))
            for (const chat of chats) {
              const row = found.get(chat.chatId)
              if (row !== undefined) tell(row, chat)
            }
          }),
          // The statement of an interrupted fiber is canceled by its connection, which may be somebody else's by then.
          Effect.uninterruptible,
        )

      /** One chat that cannot be read does not keep the others from being told. */
      const eachAlone = (chats: ReadonlyArray<ChangedChat>) =>
        Effect.forEach(
          chats,
          (chat) =>
            readAndTell([chat]).pipe(
              Effect.catchAllCause((cause) => Effect.sync(() => report(chat.chatId, Cause.squash(cause)))),
            ),
          { discard: true },
        )

      const tellSome = Effect.suspend(() => {
        const chats = changed.take(AT_ONCE).filter(({ ownerId }) => owners.has(ownerId))
        if (chats.length === 0) return Effect.void
        return readAndTell(chats).pipe(
          Effect.sandbox,
          Effect.catchAll((cause) => {
            if (troubleIn(cause) === undefined) return eachAlone(chats)
            changed.giveBack(chats)
            return Effect.fail(cause)
          }),
        )
      }).pipe(Effect.retry(whileDatabaseIsAway))

      const tellAll = Effect.whileLoop({ while: () => changed.size > 0, body: () => tellSome, step: () => undefined })

      yield* Queue.take(bell).pipe(Effect.zipRight(tellAll), Effect.forever, Effect.forkScoped)

      const ownerOf = (ownerId: UserId) => {
        const known = owners.get(ownerId)
        if (known !== undefined) return known
        const leave = feed.subscribe(ownerId, (news) => {
          changed.add(news)
          bell.unsafeOffer(undefined)
        })
        const owner = { sidebars: new Listeners<string>(), leave }
        owners.set(ownerId, owner)
        return owner
      }

      return {
        watch: (ownerId, sink) => {
          const owner = ownerOf(ownerId)
          const end = () => {
            remove()
            if (owner.sidebars.size > 0 || owners.get(ownerId) !== owner) return
            owners.delete(ownerId)
            owner.leave()
          }
          const cutOff = (why: "slow" | "broken") => {
            end()
            sink.onCutOff(why)
          }
          const remove = owner.sidebars.add(
            (event) => {
              sink.write(event)
              if (sink.bufferedBytes() > SLOW_SIDEBAR_BYTES) cutOff("slow")
            },
            () => cutOff("broken"),
          )
          return end
        },
      }
    }),
  )
}
