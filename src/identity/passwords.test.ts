import { Effect, Either } from "effect"
import { expect, it } from "vitest"
import { type Asking, DECOY_HASH, hashPassword, inQueue, verifyPassword } from "./passwords.ts"

const verify = verifyPassword
const ask = (asking: Asking) => Effect.either(inQueue(asking, verifyPassword(DECOY_HASH, "guess")))

it("verifies only the password that was hashed", async () => {
  const stored = await Effect.runPromise(hashPassword("correct horse"))
  expect(stored).not.toContain("correct")
  expect(await Effect.runPromise(verify(stored, "correct horse"))).toBe(true)
  expect(await Effect.runPromise(verify(stored, "Correct horse"))).toBe(false)
  expect(await Effect.runPromise(verify(null, "correct horse"))).toBe(false)
})

it("compares an unknown account with a hash of the same cost", async () => {
  const cost = (hash: string) => hash.split("$").slice(0, 4)
  expect(cost(DECOY_HASH)).toEqual(cost(await Effect.runPromise(hashPassword("any"))))
})

it("lets sixteen strangers wait and no more, and nobody who is known waits for them", async () => {
  const all = await Effect.runPromise(
    Effect.all(
      [Effect.forEach(Array.from({ length: 600 }), () => ask("stranger"), { concurrency: "unbounded" }), ask("known")],
      { concurrency: "unbounded" },
    ),
  )
  const [strangers, known] = all
  expect(strangers.filter(Either.isRight)).toHaveLength(16)
  expect(known).toEqual(Either.right(false))
  expect(await Effect.runPromise(ask("stranger"))).toEqual(Either.right(false))
})
