import { Effect } from "effect"
import { TooManyLogins } from "./errors.ts"
import { hash, verify } from "./hash-thread.ts"

/** argon2id, 19 MiB, two passes, one lane: the first recommendation of the OWASP password storage cheat sheet. */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** The hash of nothing anyone knows, with the same cost: what a password of an unknown account is compared with. */
export const DECOY_HASH =
  "$argon2id$v=19$m=19456,t=2,p=1$ZJfZpAPFclz3m9OyYZQsmQ$+lG0N0bZJwgHHrdP+iZQgTB//XNMVK2iUUEwDxXsDE8"

/** More wait for no more than a second; who comes then is told to come again. */
const MAX_WAITING = 16

/** Of each queue one at a time is with the thread that hashes, so that neither waits for more than one of the other. */
const makeQueue = () => ({ turn: Effect.unsafeMakeSemaphore(1), waiting: 0 })

/** Who asks: strangers wait for each other; those who have shown before that they may come in do not wait for them. */
export type Asking = "stranger" | "known"

const queues: Readonly<Record<Asking, ReturnType<typeof makeQueue>>> = { stranger: makeQueue(), known: makeQueue() }

/** Runs `check`, with all that it reads, when the others who ask are done, and not at all when too many wait. */
export const inQueue = <A, E, R>(
  asking: Asking,
  check: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | TooManyLogins, R> =>
  Effect.suspend((): Effect.Effect<A, E | TooManyLogins, R> => {
    const queue = queues[asking]
    if (queue.waiting >= MAX_WAITING) {
      return Effect.fail(new TooManyLogins({ operation: "Passwords.inQueue", retryAfterSeconds: 1 }))
    }
    queue.waiting += 1
    return queue.turn
      .withPermits(1)(check)
      .pipe(Effect.ensuring(Effect.sync(() => (queue.waiting -= 1))))
  })

/** For an account that is made by someone who may. */
export const hashPassword = Effect.fn("Passwords.hash")(function* (password: string) {
  return yield* queues.known.turn.withPermits(1)(hash(password, options))
})

/** Takes as long for `null` (no account, or one without a password) as for a wrong password. */
export const verifyPassword = Effect.fn("Passwords.verify")(function* (stored: string | null, password: string) {
  const matches = yield* verify(stored ?? DECOY_HASH, password)
  return stored !== null && matches
})
