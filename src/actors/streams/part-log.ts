import { type Cause, Context, Effect, Layer, Runtime, Schedule } from "effect"
import { ChatParts, type LoggedPart } from "../../db/chats/parts.ts"
import { type DatabaseTrouble, isRefused, troubleOf } from "../../db/sql-errors.ts"
import { Settings } from "../../settings.ts"

/** Shown text is kept for a database that does not answer until it does: what comes after a lost piece would be worth nothing. */
const whileDatabaseIsAway = Schedule.spaced("200 millis")

const ofChat = (chatId: string) => (part: LoggedPart) => part.chat_id === chatId

const episodeOf = (part: LoggedPart): string => `${part.epoch}.${part.history_version}.${part.attempt}`

/**
 * The durable log of shown parts: one insert for all chats at a time, begun at most `partFlushMs` after the first part that
 * waits. A part counts as unwritten until its insert has been confirmed.
 */
export class PartLog extends Context.Tag("troupe/PartLog")<
  PartLog,
  {
    readonly append: (part: LoggedPart) => void
    /** Parts of a chat that the database may not have yet, in order. */
    readonly unwritten: (chatId: string) => ReadonlyArray<LoggedPart>
    /** Waits until the parts that a chat has by now are written, however long the database is away. Not for later ones: they may go on for ever. */
    readonly settle: (chatId: string) => Effect.Effect<void>
    /** What keeps the log from being written, until it is written again. */
    readonly trouble: () => DatabaseTrouble | undefined
    /**
     * Keeps the unwritten parts of a chat from being written and waits for an insert that carries some: they are about to be a
     * message. `discard` follows when they are, `giveBack` when they will not be.
     */
    readonly withhold: (chatId: string) => Effect.Effect<void>
    readonly discard: (chatId: string) => void
    readonly giveBack: (chatId: string) => void
  }
>() {
  static readonly layer = Layer.scoped(
    PartLog,
    Effect.gen(function* () {
      const parts = yield* ChatParts
      const { timings } = yield* Settings
      const runtime = yield* Effect.runtime()
      let waiting: Array<LoggedPart> = []
      let writing: ReadonlyArray<LoggedPart> = []
      let write: Promise<void> | undefined
      let timer: NodeJS.Timeout | undefined
      let closed = false
      let trouble: DatabaseTrouble | undefined
      /** Parts by chat that are about to be a message. */
      const withheld = new Map<string, ReadonlyArray<LoggedPart>>()
      /** Episodes, by chat, of which the database has refused a part: the rest is not written either, so that there is no hole. */
      const cutShort = new Map<string, string>()

      const isWanted = (part: LoggedPart) => cutShort.get(part.chat_id) !== episodeOf(part)

      const lost = (cause: Cause.Cause<unknown>) =>
        Effect.logWarning("Shown text could not be written to the part log", cause)

      const cut = (refused: ReadonlyArray<LoggedPart>, cause: Cause.Cause<unknown>) =>
        Effect.suspend(() => {
          const last = refused.at(-1)
          if (last !== undefined && !closed) cutShort.set(last.chat_id, episodeOf(last))
          waiting = waiting.filter(isWanted)
          return lost(cause)
        })

      const insert = (batch: ReadonlyArray<LoggedPart>) =>
        parts.append(batch).pipe(
          Effect.tapError((error) => Effect.sync(() => void (trouble = troubleOf(error)))),
          Effect.retry({ schedule: whileDatabaseIsAway, while: (error) => !closed && !isRefused(error) }),
          Effect.ensuring(Effect.sync(() => void (trouble = undefined))),
        )

      /** One chat's text that the database does not take must not keep the others' from being written. */
      const insertEach = (batch: ReadonlyArray<LoggedPart>) =>
        Effect.forEach(
          new Set(batch.map((part) => part.chat_id)),
          (chatId) => {
            const own = batch.filter(ofChat(chatId))
            return insert(own).pipe(Effect.catchAllCause((cause) => cut(own, cause)))
          },
          { discard: true },
        )

      const flush = (): Promise<void> => {
        clearTimeout(timer)
        timer = undefined
        if (write !== undefined || waiting.length === 0) return write ?? Promise.resolve()
        writing = waiting
        waiting = []
        const batch = insert(writing).pipe(
          Effect.catchAllCause((cause) => (closed ? lost(cause) : insertEach(writing))),
        )
        write = Runtime.runPromise(runtime)(batch).then(() => {
          writing = []
          write = undefined
          if (waiting.length > 0) timer ??= setTimeout(flush, timings.partFlushMs)
        })
        return write
      }
      const settle = (chatId: string) =>
        Effect.promise(async () => {
          const own = ofChat(chatId)
          const last = waiting.findLast(own) ?? writing.findLast(own)
          if (last === undefined) return
          while (writing.includes(last) || waiting.includes(last)) await flush()
        })
      yield* Effect.addFinalizer(() =>
        Effect.promise(async () => {
          while (waiting.length > 0 || write !== undefined) await flush()
        }).pipe(
          Effect.interruptible,
          Effect.timeoutOption(timings.drainMs),
          Effect.ensuring(Effect.sync(() => void (closed = true))),
        ),
      )
      return {
        append: (part) => {
          if (!isWanted(part)) return
          waiting.push(part)
          if (write === undefined) timer ??= setTimeout(flush, timings.partFlushMs)
        },
        unwritten: (chatId) => [
          ...writing.filter(ofChat(chatId)),
          ...(withheld.get(chatId) ?? []),
          ...waiting.filter(ofChat(chatId)),
        ],
        settle,
        trouble: () => trouble,
        withhold: (chatId) =>
          Effect.promise(async () => {
            const own = ofChat(chatId)
            if (waiting.some(own)) {
              withheld.set(chatId, [...(withheld.get(chatId) ?? []), ...waiting.filter(own)])
              waiting = waiting.filter((part) => !own(part))
            }
            if (writing.some(own)) await write
          }),
        discard: (chatId) => void withheld.delete(chatId),
        giveBack: (chatId) => {
          const parts = withheld.get(chatId)
          if (parts === undefined) return
          withheld.delete(chatId)
          waiting = [...parts, ...waiting]
          if (write === undefined) timer ??= setTimeout(flush, timings.partFlushMs)
        },
      }
    }),
  )
}
