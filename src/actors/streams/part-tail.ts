import { Deferred, Effect, Exit, FiberId } from "effect"
import type { ChatId } from "../../contract/ids.ts"
import type { LoggedPart } from "../../db/chats/parts.ts"

const NONE: ReadonlyArray<LoggedPart> = []

const episodeOf = (part: LoggedPart): string => `${part.epoch}.${part.history_version}.${part.attempt}`

type Over = Deferred.Deferred<void> | undefined

const end = (over: Over): void => {
  if (over !== undefined) Deferred.unsafeDone(over, Exit.void)
}

/**
 * What one chat has shown and the part log has not written yet. Whatever is asked of it costs what this chat has, and nobody
 * waits here for another chat.
 *
 * One is kept for as long as the chat is shown, and has nothing made for it that is not asked for: each part is here for about
 * as long as it takes to be written, which is just too long for the collector of young objects.
 */
export class PartTail {
  readonly chatId: ChatId
  /** The log has it on its list of those that wait. */
  isListed = false
  #writing: ReadonlyArray<LoggedPart> = NONE
  #waiting: Array<LoggedPart> | undefined
  /** About to be a message. */
  #withheld: ReadonlyArray<LoggedPart> = NONE
  /** For those who wait for the end of what is written just now, or will be next. */
  #writingOver: Over
  #waitingOver: Over
  /** The database has refused a part of this episode: the rest is not written either, so that there is no hole. */
  #cutShort: string | undefined
  #isReleased = false

  constructor(chatId: ChatId) {
    this.chatId = chatId
  }

  /** In the order in which they were shown. */
  get unwritten(): ReadonlyArray<LoggedPart> {
    return [...this.#writing, ...this.#withheld, ...(this.#waiting ?? NONE)]
  }

  /** There is nothing in `unwritten`. */
  get isWritten(): boolean {
    return this.#waiting === undefined && this.#writing.length === 0 && this.#withheld.length === 0
  }

  /** Parts that an insert carries just now. */
  get writing(): ReadonlyArray<LoggedPart> {
    return this.#writing
  }

  /** There are parts for the next insert. */
  get waits(): boolean {
    return this.#waiting !== undefined
  }

  /** There is nothing that would have to be remembered. */
  get isBlank(): boolean {
    return this.#isReleased && this.isWritten
  }

  append(part: LoggedPart): void {
    this.#isReleased = false
    if (this.#cutShort !== undefined) {
      if (this.#cutShort === episodeOf(part)) return
      this.#cutShort = undefined
    }
    if (this.#waiting === undefined) this.#waiting = [part]
    else this.#waiting.push(part)
  }

  /** What waits is on its way to the database. */
  take(): void {
    this.#writing = this.#waiting ?? NONE
    this.#writingOver = this.#waitingOver
    this.#waiting = undefined
    this.#waitingOver = undefined
  }

  /** What was on its way has arrived, or never will. */
  arrived(): void {
    this.#writing = NONE
    end(this.#writingOver)
    this.#writingOver = undefined
  }

  /** What was on its way was refused. */
  cut(): void {
    const last = this.#writing.at(-1)
    if (last === undefined) return
    const episode = episodeOf(last)
    if (!this.#isReleased) this.#cutShort = episode
    const kept = this.#waiting?.filter((part) => episodeOf(part) !== episode) ?? NONE
    if (kept.length === 0) this.#takeBack()
    else this.#waiting = [...kept]
  }

  /** Nothing waits any more. */
  #takeBack(): ReadonlyArray<LoggedPart> {
    const waiting = this.#waiting ?? NONE
    this.#waiting = undefined
    end(this.#waitingOver)
    this.#waitingOver = undefined
    return waiting
  }

  withhold(): void {
    const waiting = this.#takeBack()
    this.#withheld = this.#withheld.length === 0 ? waiting : [...this.#withheld, ...waiting]
  }

  discard(): void {
    this.#withheld = NONE
  }

  giveBack(): void {
    if (this.#withheld.length === 0) return
    this.#waiting = [...this.#withheld, ...(this.#waiting ?? NONE)]
    this.#withheld = NONE
  }

  /** No more parts will come, of the episode that was cut short neither. */
  release(): void {
    this.#isReleased = true
    this.#cutShort = undefined
  }

  /** The end of an insert that carries some; undefined where none does. */
  get insertOver(): Effect.Effect<void> | undefined {
    if (this.#writing.length === 0) return undefined
    this.#writingOver ??= Deferred.unsafeMake(FiberId.none)
    return Deferred.await(this.#writingOver)
  }

  /** Waits until nothing is left of what there is by now. */
  get settled(): Effect.Effect<void> {
    if (this.#waiting === undefined) return this.insertOver ?? Effect.void
    this.#waitingOver ??= Deferred.unsafeMake(FiberId.none)
    return Deferred.await(this.#waitingOver)
  }
}
