import { Effect } from "effect"

/** argon2id, 19 MiB, two passes, one lane: the first recommendation of the OWASP password storage cheat sheet. */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** The hash of nothing anyone knows, with the same cost: what a password of an unknown account is compared with. */
export const DECOY_HASH =
  "$argon2id$v=19$m=19456,t=2,p=1$ZJfZpAPFclz3m9OyYZQsmQ$+lG0N0bZJwgHHrdP+iZQgTB//XNMVK2iUUEwDxXsDE8"

// Native code that only a sign-in needs: loaded with the first one, not with the server.
const argon2 = Effect.promise(() => import("@node-rs/argon2"))

// Each takes tens of milliseconds of a thread that files and look-ups of names need, too: leave two of the four to them.
const turns = Effect.unsafeMakeSemaphore(2)

export const hashPassword = Effect.fn("Passwords.hash")(function* (password: string) {
  const { hash } = yield* argon2
  return yield* turns.withPermits(1)(Effect.promise(() => hash(password, options)))
})

/** Takes as long for `null` (no account, or one without a password) as for a wrong password. */
export const verifyPassword = Effect.fn("Passwords.verify")(function* (stored: string | null, password: string) {
  const { verify } = yield* argon2
  const matches = yield* turns.withPermits(1)(Effect.promise(() => verify(stored ?? DECOY_HASH, password)))
  return stored !== null && matches
})
