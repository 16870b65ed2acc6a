import { Context, Effect, Layer, Runtime, Schedule } from "effect"
import { ChatParts, type LoggedPart } from "../db/chat-parts.ts"
import { Settings } from "../settings.ts"

/** How long shown text is kept for a database that does not answer: 30 seconds. */
const whileDatabaseIsAway = Schedule.spaced("200 millis").pipe(Schedule.intersect(Schedule.recurs(150)))

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
    /** Waits until every part of a chat is written. Not for those of others: they may go on for ever. */
    readonly settle: (chatId: string) => Effect.Effect<void>
    /** Forgets the unwritten parts of a chat and waits for an insert that carries some: they are about to be a message. */
    readonly forget: (chatId: string) => Effect.Effect<void>
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

      const flush = (): Promise<void> => {
        clearTimeout(timer)
        timer = undefined
        if (write !== undefined || waiting.length === 0) return write ?? Promise.resolve()
        writing = waiting
        waiting = []
        const batch = parts.append(writing).pipe(
          Effect.retry(whileDatabaseIsAway),
          Effect.catchAllCause((cause) => Effect.logWarning("Shown text could not be written to the part log", cause)),
        )
        write = Runtime.runPromise(runtime)(batch).then(() => {
          writing = []
          write = undefined
          if (waiting.length > 0) timer ??= setTimeout(flush, timings.partFlushMs)
        })
        return write
      }
      const ofChat = (chatId: string) => (part: LoggedPart) => part.chat_id === chatId
      const settle = (chatId: string) =>
        Effect.promise(async () => {
          const own = ofChat(chatId)
          while (writing.some(own) || waiting.some(own)) await flush()
        })
      yield* Effect.addFinalizer(() =>
        Effect.promise(async () => {
          while (waiting.length > 0 || write !== undefined) await flush()
        }).pipe(Effect.interruptible, Effect.timeoutOption(timings.drainMs)),
      )
      return {
        append: (part) => {
          waiting.push(part)
          if (write === undefined) timer ??= setTimeout(flush, timings.partFlushMs)
        },
        unwritten: (chatId) => [...writing, ...waiting].filter(ofChat(chatId)),
        settle,
        forget: (chatId) =>
          Effect.promise(async () => {
            const own = ofChat(chatId)
            if (waiting.some(own)) waiting = waiting.filter((part) => !own(part))
            if (writing.some(own)) await write
          }),
      }
    }),
  )
}
