import { Cause, Context, Effect, Layer, Queue, Schedule } from "effect"
import type { ChatId, UserId } from "../../contract/ids.ts"
import { type BoardRow, ChatBoardReads } from "../../db/chats/board.ts"
import { troubleIn } from "../../db/engine/sql-errors.ts"
import { activityEvent } from "./board-wire.ts"
import { ChatFeed } from "./chat-feed.ts"
import { eventText } from "./event-size.ts"
import { Listeners, makeReportUntold } from "./listeners.ts"
import type { SidebarSink } from "./sidebars.ts"
import { PartLog } from "./part-log.ts"
import { TellPace } from "./tell-pace.ts"

/** Of one chat a board hears once in this time at most. */
const PAUSE_MS = 1_000

/** Chats that change one after the other are read together. */
const GATHER_MS = 100

/** Shown text that is not written by then is read with the next round. */
const WRITTEN_MS = 500

/** Chats that one statement reads at most. */
const AT_ONCE = 100

/** A board may leave so much untaken; one that is further behind reads the list again. */
const SLOW_BOARD_BYTES = 1024 * 1024

/** A database that is away is asked again, ever later. */
const whileDatabaseIsAway = Schedule.exponential("50 millis").pipe(
  Schedule.union(Schedule.spaced("2 seconds")),
  Schedule.jittered,
)

/**
 * The open boards of this process. That a chat has moved, or shows more text, is only a sign that it is to be read; what is told is
 * what the rows say, so that it matters to nobody which process the chat is in. With no board open nothing is read and nothing kept.
 */
export class Boards extends Context.Tag("troupe/Boards")<
  Boards,
  {
    /**
     * Tells what the owner's chats do from now on, whenever it changes.
     *
     * @returns a function that ends it
     */
    readonly watch: (ownerId: UserId, sink: SidebarSink) => () => void
  }
>() {
  static readonly layer = Layer.scoped(
    Boards,
    Effect.gen(function* () {
      const feed = yield* ChatFeed
      const reads = yield* ChatBoardReads
      const partLog = yield* PartLog
      const report = yield* makeReportUntold("A board")
      const owners = new Map<UserId, { readonly boards: Listeners<string>; readonly leave: () => void }>()
      const pace = new TellPace<ChatId>(PAUSE_MS)
      const bell = yield* Queue.sliding<void>(1)

      const tell = (row: BoardRow) => {
        const onThrow = (cause: unknown) => report(row.id, cause)
        try {
          owners.get(row.owner_id)?.boards.tell(eventText(activityEvent(row)).json, onThrow)
        } catch (cause) {
          // One chat that cannot be put into words does not keep the others from being told.
          onThrow(cause)
        }
      }

      const readAndTell = (chatIds: ReadonlyArray<ChatId>) =>
        reads.rows(chatIds, "now").pipe(
          Effect.map((rows) => rows.forEach(tell)),
          // The statement of an interrupted fiber is canceled by its connection, which may be somebody else's by then.
          Effect.uninterruptible,
        )

      const eachAlone = (chatIds: ReadonlyArray<ChatId>) =>
        Effect.forEach(
          chatIds,
          (id) =>
            readAndTell([id]).pipe(Effect.catchAllCause((cause) => Effect.sync(() => report(id, Cause.squash(cause))))),
          { discard: true },
        )

      /** Text is stirred when it is shown, and written a little later: the last of it would never be told. */
      const written = (chatIds: ReadonlyArray<ChatId>) =>
        Effect.forEach(chatIds, partLog.settle, { concurrency: "unbounded", discard: true }).pipe(
          Effect.timeoutOption(WRITTEN_MS),
          Effect.map(() => {
            for (const id of chatIds) if (partLog.unwritten(id).length > 0) pace.change(id)
          }),
        )

      const tellOf = (chatIds: ReadonlyArray<ChatId>) =>
        Effect.zipRight(written(chatIds), readAndTell(chatIds)).pipe(
          Effect.sandbox,
          Effect.catchAll((cause) => (troubleIn(cause) === undefined ? eachAlone(chatIds) : Effect.fail(cause))),
          Effect.retry(whileDatabaseIsAway),
        )

      /** Once more, as long as there is something to tell: then it waits for the bell. */
      const tellDue: Effect.Effect<void> = Effect.suspend(() => {
        const due = owners.size === 0 ? [] : pace.take(performance.now(), AT_ONCE)
        return due.length === 0 ? Effect.void : Effect.orDie(tellOf(due))
      })
      const nextWait = () => pace.wait(performance.now())
      const tellAll = Effect.gen(function* () {
        for (let wait = nextWait(); wait !== undefined && owners.size > 0; wait = nextWait()) {
          yield* Effect.sleep(Math.max(wait, GATHER_MS))
          yield* tellDue
        }
      })
      yield* Queue.take(bell).pipe(Effect.zipRight(tellAll), Effect.forever, Effect.forkScoped)

      const ownerOf = (ownerId: UserId) => {
        const known = owners.get(ownerId)
        if (known !== undefined) return known
        const leave = feed.onStir(ownerId, (chatId) => {
          pace.change(chatId)
          bell.unsafeOffer(undefined)
        })
        const owner = { boards: new Listeners<string>(), leave }
        owners.set(ownerId, owner)
        return owner
      }

      return {
        watch: (ownerId, sink) => {
          const owner = ownerOf(ownerId)
          const end = () => {
            remove()
            if (owner.boards.size > 0 || owners.get(ownerId) !== owner) return
            owners.delete(ownerId)
            owner.leave()
          }
          const cutOff = (why: "slow" | "broken") => {
            end()
            sink.onCutOff(why)
          }
          const remove = owner.boards.add(
            (event) => {
              sink.write(event)
              if (sink.bufferedBytes() > SLOW_BOARD_BYTES) cutOff("slow")
            },
            () => cutOff("broken"),
          )
          return end
        },
      }
    }),
  )
}
