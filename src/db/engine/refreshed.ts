import { Clock, Duration, Effect, Option, type Scope } from "effect"

/** How long a value that nobody asks for is still read anew. */
const ASKED_WITHIN_MS = 600_000

export interface Refreshed<A, E> {
  /** The value as it was at most `maxAge` ago. Asks the database only when there is no such value at hand. */
  readonly read: Effect.Effect<A, E>
  /** Makes the next `read` ask. To be run after every change of one's own, by way of `afterTransaction`. */
  readonly forget: Effect.Effect<void>
}

/**
 * A value of the database that many requests need and that seldom changes. It is read anew beside the requests, twice in
 * `maxAge`, so that none of them waits for it, and others' changes are seen within `maxAge`. Where the reading fails the value
 * grows old, and who then asks gets the failure. After ten minutes without a question the database is left alone.
 */
export const refreshed = <A, E>(
  load: Effect.Effect<A, E>,
  maxAge: Duration.DurationInput,
): Effect.Effect<Refreshed<A, E>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const maxAgeMs = Duration.toMillis(maxAge)
    const one = yield* Effect.makeSemaphore(1)
    let kept: { readonly value: A; readonly until: number } | undefined
    let askedAt = Number.NEGATIVE_INFINITY
    // Raised by every change, so that what was being read then is not kept.
    let changes = 0

    const atHand = (now: number) => (kept !== undefined && now < kept.until ? Option.some(kept.value) : Option.none())

    const loadNow = Effect.gen(function* () {
      const before = changes
      // A value is as old as the beginning of its reading.
      const now = yield* Clock.currentTimeMillis
      const value = yield* load
      if (before === changes) kept = { value, until: now + maxAgeMs }
      return value
    })

    const wait = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      // Those who waited for another's reading take what it found.
      Option.match(atHand(now), { onNone: () => loadNow, onSome: Effect.succeed }),
    ).pipe(one.withPermits(1))

    const refresh = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      now - askedAt < ASKED_WITHIN_MS ? Effect.asVoid(one.withPermits(1)(loadNow)) : Effect.void,
    )
    yield* refresh.pipe(
      // Whoever asks for a value that could not be read is told.
      Effect.catchAllCause(() => Effect.void),
      Effect.delay(maxAgeMs / 2),
      Effect.forever,
      Effect.forkScoped,
    )

    return {
      read: Effect.flatMap(Clock.currentTimeMillis, (now) => {
        askedAt = now
        return Option.match(atHand(now), { onNone: () => wait, onSome: Effect.succeed })
      }),
      forget: Effect.sync(() => {
        changes += 1
        kept = undefined
      }),
    }
  })
