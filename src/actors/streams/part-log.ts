import { type Cause, Context, Effect, Layer, Queue, Schedule } from "effect"
import type { ChatId } from "../../contract/ids.ts"
import { ChatParts, type LoggedPart } from "../../db/chats/parts.ts"
import { type DatabaseTrouble, isRefused, troubleOf } from "../../db/engine/sql-errors.ts"
import { Settings } from "../../settings.ts"
import { PartTail } from "./part-tail.ts"

/** Shown text is kept for a database that does not answer until it does: what comes after a lost piece would be worth nothing. */
const whileDatabaseIsAway = Schedule.exponential("50 millis").pipe(
  Schedule.union(Schedule.spaced("800 millis")),
  Schedule.jittered,
)

/** An insert takes up no further chat when it has so many parts: after a long absence it would be too large to be carried out. */
const ENOUGH_PARTS = 10_000

/**
 * The durable log of shown parts: one insert for all chats at a time, begun at most `partFlushMs` after the first part that
 * waits. A part counts as unwritten until its insert has been confirmed.
 */
export class PartLog extends Context.Tag("troupe/PartLog")<
  PartLog,
  {
    readonly append: (part: LoggedPart) => void
    /** Parts of a chat that the database may not have yet, in order. */
    readonly unwritten: (chatId: ChatId) => ReadonlyArray<LoggedPart>
    /** Waits until the parts that a chat has by now are written, however long the database is away. Not for later ones: they may go on for ever. */
    readonly settle: (chatId: ChatId) => Effect.Effect<void>
    /** What keeps the log from being written, until it is written again. */
    readonly trouble: () => DatabaseTrouble | undefined
    /**
     * Keeps the unwritten parts of a chat from being written: they are about to be a message. `discard` follows when they are,
     * `giveBack` when they will not be.
     *
     * @returns the end of an insert that carries some already, if there is one
     */
    readonly withhold: (chatId: ChatId) => Effect.Effect<void> | undefined
    readonly discard: (chatId: ChatId) => void
    readonly giveBack: (chatId: ChatId) => void
    /** Nobody shows text of this chat any more: what is still unwritten is written, and nothing else is remembered. */
    readonly release: (chatId: ChatId) => void
  }
>() {
  static readonly layer = Layer.scoped(
    PartLog,
    Effect.gen(function* () {
      const parts = yield* ChatParts
      const { timings } = yield* Settings
      /** Of chats that show text, or have shown some that is not written. */
      const tails = new Map<ChatId, PartTail>()
      /** Those with parts that no insert carries yet, in the order in which they came; some may have taken theirs back since. */
      let waiting: Array<PartTail> = []
      const bell = yield* Queue.sliding<void>(1)
      let timer: NodeJS.Timeout | undefined
      let trouble: DatabaseTrouble | undefined

      const ring = () => {
        clearTimeout(timer)
        timer = undefined
        bell.unsafeOffer(undefined)
      }

      /** Where a tail belongs by now: to be called after each change of it. */
      const place = (tail: PartTail) => {
        if (tail.waits) {
          if (!tail.isListed) waiting.push(tail)
          tail.isListed = true
          timer ??= setTimeout(ring, timings.partFlushMs)
        } else if (tail.isBlank) tails.delete(tail.chatId)
      }

      const change = (chatId: ChatId, how: (tail: PartTail) => void) => {
        const tail = tails.get(chatId)
        if (tail === undefined) return
        how(tail)
        place(tail)
      }

      const insert = (batch: ReadonlyArray<LoggedPart>) =>
        parts.append(batch).pipe(
          Effect.tapError((error) => Effect.sync(() => void (trouble = troubleOf(error)))),
          Effect.retry({ schedule: whileDatabaseIsAway, while: (error) => !isRefused(error) }),
          Effect.ensuring(Effect.sync(() => void (trouble = undefined))),
        )

      const arrived = (taken: ReadonlyArray<PartTail>) =>
        Effect.sync(() => {
          for (const tail of taken) {
            tail.arrived()
            place(tail)
          }
        })

      const cut = (tail: PartTail, cause: Cause.Cause<unknown>) => {
        tail.cut()
        return Effect.logWarning("Shown text could not be written to the part log", cause)
      }

      /** One chat's text that the database does not take must not keep the others' from being written. */
      const insertEach = (taken: ReadonlyArray<PartTail>) =>
        Effect.forEach(
          taken,
          (tail) =>
            insert(tail.writing).pipe(
              Effect.catchAllCause((cause) => cut(tail, cause)),
              Effect.zipRight(arrived([tail])),
            ),
          { discard: true },
        )

      /** Writes what waits of these chats, or of the first of them when that is enough for one insert, and takes them off the list. */
      const writeSome = (due: Array<PartTail>) =>
        Effect.suspend(() => {
          const taken: Array<PartTail> = []
          const batch: Array<LoggedPart> = []
          for (let tail = due.pop(); tail !== undefined; tail = due.pop()) {
            tail.isListed = false
            if (!tail.waits) continue
            tail.take()
            taken.push(tail)
            for (const part of tail.writing) batch.push(part)
            if (batch.length >= ENOUGH_PARTS) break
          }
          if (batch.length === 0) return Effect.void
          return insert(batch).pipe(
            Effect.zipRight(arrived(taken)),
            Effect.catchAllCause(() => insertEach(taken)),
          )
        })

      /** Not for what comes meanwhile, which has a time of its own. */
      const writeWaiting = Effect.suspend(() => {
        const due = waiting.reverse()
        waiting = []
        return Effect.whileLoop({ while: () => due.length > 0, body: () => writeSome(due), step: () => undefined })
      })

      yield* Queue.take(bell).pipe(Effect.zipRight(writeWaiting), Effect.forever, Effect.forkScoped)

      const settle = (chatId: ChatId) =>
        Effect.suspend(() => {
          const tail = tails.get(chatId)
          if (tail === undefined) return Effect.void
          if (tail.waits) ring()
          return tail.settled
        })

      yield* Effect.addFinalizer(() =>
        Effect.suspend(() => Effect.forEach([...tails.keys()], settle, { discard: true })).pipe(
          Effect.timeoutFail({ duration: timings.drainMs, onTimeout: () => undefined }),
          Effect.catchAll(() => Effect.logWarning("Shown text is lost: the database did not take it before the end")),
          Effect.ensuring(Effect.sync(() => clearTimeout(timer))),
        ),
      )

      return {
        append: (part) => {
          const { chat_id: chatId } = part
          let tail = tails.get(chatId)
          if (tail === undefined) tails.set(chatId, (tail = new PartTail(chatId)))
          tail.append(part)
          place(tail)
        },
        unwritten: (chatId) => tails.get(chatId)?.unwritten ?? [],
        settle,
        trouble: () => trouble,
        withhold: (chatId) => {
          change(chatId, (tail) => tail.withhold())
          return tails.get(chatId)?.insertOver
        },
        discard: (chatId) => change(chatId, (tail) => tail.discard()),
        giveBack: (chatId) => change(chatId, (tail) => tail.giveBack()),
        release: (chatId) => change(chatId, (tail) => tail.release()),
      }
    }),
  )
}
