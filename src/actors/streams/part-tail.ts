import { Deferred, Effect, Exit, FiberId } from "effect"
import type { ChatId } from "../../contract/ids.ts"
import type { LoggedPart } from "../../db/chats/parts.ts"

/** Parts that share their fate: they are written together, or are not to be written any more. */
interface Batch {
  readonly parts: Array<LoggedPart>
  readonly over: Deferred.Deferred<void>
}

const batchOf = (parts: Array<LoggedPart>): Batch => ({ parts, over: Deferred.unsafeMake(FiberId.none) })

const end = (batch: Batch | undefined): void => {
  if (batch !== undefined) Deferred.unsafeDone(batch.over, Exit.void)
}

const overOf = (batch: Batch | undefined): Effect.Effect<void> =>
  batch === undefined ? Effect.void : Deferred.await(batch.over)

const episodeOf = (part: LoggedPart): string => `${part.epoch}.${part.history_version}.${part.attempt}`

/**
 * What one chat has shown and the part log has not written yet. Whatever is asked of it costs what this chat has, and nobody
 * waits here for another chat.
 */
export class PartTail {
  readonly chatId: ChatId
  #writing: Batch | undefined
  #waiting: Batch | undefined
  /** About to be a message. */
  #withheld: ReadonlyArray<LoggedPart> = []
  /** The database has refused a part of this episode: the rest is not written either, so that there is no hole. */
  #cutShort: string | undefined

  constructor(chatId: ChatId) {
    this.chatId = chatId
  }

  /** In the order in which they were shown. */
  get unwritten(): ReadonlyArray<LoggedPart> {
    return [...this.writing, ...this.#withheld, ...(this.#waiting?.parts ?? [])]
  }

  /** Parts that an insert carries just now. */
  get writing(): ReadonlyArray<LoggedPart> {
    return this.#writing?.parts ?? []
  }

  /** There are parts for the next insert. */
  get waits(): boolean {
    return this.#waiting !== undefined
  }

  /** There is nothing that would have to be remembered. */
  get isBlank(): boolean {
    return (
      this.#waiting === undefined &&
      this.#writing === undefined &&
      this.#withheld.length === 0 &&
      this.#cutShort === undefined
    )
  }

  append(part: LoggedPart): void {
    if (this.#cutShort !== undefined) {
      if (this.#cutShort === episodeOf(part)) return
      this.#cutShort = undefined
    }
    this.#waiting ??= batchOf([])
    this.#waiting.parts.push(part)
  }

  /** What waits is on its way to the database. */
  take(): void {
    this.#writing = this.#waiting
    this.#waiting = undefined
  }

  /** What was on its way has arrived, or never will. */
  arrived(): void {
    end(this.#writing)
    this.#writing = undefined
  }

  /** What was on its way was refused. */
  cut(): void {
    const last = this.writing.at(-1)
    if (last === undefined) return
    const episode = episodeOf(last)
    this.#cutShort = episode
    this.#keepWaiting((part) => episodeOf(part) !== episode)
  }

  #keepWaiting(isWanted: (part: LoggedPart) => boolean): void {
    const batch = this.#waiting
    if (batch === undefined) return
    const kept = batch.parts.filter(isWanted)
    this.#waiting = kept.length === 0 ? undefined : { ...batch, parts: kept }
    if (this.#waiting === undefined) end(batch)
  }

  withhold(): void {
    this.#withheld = [...this.#withheld, ...(this.#waiting?.parts ?? [])]
    end(this.#waiting)
    this.#waiting = undefined
  }

  discard(): void {
    this.#withheld = []
  }

  giveBack(): void {
    if (this.#withheld.length === 0) return
    const { parts, over } = this.#waiting ?? batchOf([])
    this.#waiting = { parts: [...this.#withheld, ...parts], over }
    this.#withheld = []
  }

  /** No more parts of the episode that was cut short will come. */
  release(): void {
    this.#cutShort = undefined
  }

  /** The end of an insert that carries some; undefined where none does. */
  get insertOver(): Effect.Effect<void> | undefined {
    return this.#writing === undefined ? undefined : overOf(this.#writing)
  }

  /** Waits until nothing is left of what there is by now. */
  get settled(): Effect.Effect<void> {
    return overOf(this.#waiting ?? this.#writing)
  }
}
