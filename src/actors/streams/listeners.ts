import { Effect, FiberSet, type Scope } from "effect"
import type { ChatId } from "../../contract/ids.ts"

/**
 * Those who are told of something, in the order in which they came. One that throws is cut off alone: the others are told, and
 * who tells goes on.
 */
export class Listeners<News> {
  readonly #all = new Map<symbol, { readonly hear: (news: News) => void; readonly onCutOff: () => void }>()

  get size(): number {
    return this.#all.size
  }

  /**
   * @param onCutOff called after it has thrown, in place of everything it would have been told from then on
   * @returns a function that ends the subscription
   */
  add(hear: (news: News) => void, onCutOff: () => void = () => undefined): () => void {
    const key = Symbol()
    this.#all.set(key, { hear, onCutOff })
    return () => void this.#all.delete(key)
  }

  tell(news: News, onThrow: (cause: unknown) => void): void {
    for (const [key, { hear, onCutOff }] of this.#all) {
      try {
        hear(news)
      } catch (cause) {
        this.#all.delete(key)
        onThrow(cause)
        onCutOff()
      }
    }
  }
}

/** Says in the log that somebody could not be told of a chat. */
export type ReportUntold = (chatId: ChatId, cause: unknown) => void

export const makeReportUntold = (who: string): Effect.Effect<ReportUntold, never, Scope.Scope> =>
  Effect.map(
    FiberSet.makeRuntime<never>(),
    (fork) => (chatId, cause) => void fork(Effect.logError(`${who} of chat ${chatId} could not be told of it`, cause)),
  )
