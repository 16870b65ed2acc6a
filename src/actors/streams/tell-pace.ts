/**
 * When a board is told of chats that change: of each at most once in a pause, and of the last change in any case. It holds a chat
 * once, however often it changes. Times are milliseconds of one clock.
 */
export class TellPace<Id> {
  readonly #pauseMs: number
  /** Chats that have changed since they were last told of, in the order in which they did. */
  readonly #changed = new Set<Id>()
  readonly #told = new Map<Id, number>()

  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs
  }

  change(id: Id): void {
    this.#changed.add(id)
  }

  /** Takes out those that may be told of now, at most so many: they count as told. */
  take(now: number, limit: number): ReadonlyArray<Id> {
    for (const [id, at] of this.#told) if (now - at >= this.#pauseMs) this.#told.delete(id)
    const taken: Array<Id> = []
    for (const id of this.#changed) {
      if (taken.length === limit) break
      if (!this.#told.has(id)) taken.push(id)
    }
    for (const id of taken) {
      this.#changed.delete(id)
      this.#told.set(id, now)
    }
    return taken
  }

  /** Until one that has changed may be told of; undefined while nothing has changed. */
  wait(now: number): number | undefined {
    let least: number | undefined
    for (const id of this.#changed) {
      const at = this.#told.get(id)
      const wait = at === undefined ? 0 : Math.max(0, at + this.#pauseMs - now)
      if (least === undefined || wait < least) least = wait
      if (least === 0) break
    }
    return least
  }
}
