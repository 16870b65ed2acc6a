import { Effect } from "effect"
import { expect, it } from "vitest"
import { DECOY_HASH, hashPassword, verifyPassword } from "./passwords.ts"

it("verifies only the password that was hashed", async () => {
  const stored = await Effect.runPromise(hashPassword("correct horse"))
  expect(stored).not.toContain("correct")
  expect(await Effect.runPromise(verifyPassword(stored, "correct horse"))).toBe(true)
  expect(await Effect.runPromise(verifyPassword(stored, "Correct horse"))).toBe(false)
  expect(await Effect.runPromise(verifyPassword(null, "correct horse"))).toBe(false)
})

it("compares an unknown account with a hash of the same cost", async () => {
  const cost = (hash: string) => hash.split("$").slice(0, 4)
  expect(cost(DECOY_HASH)).toEqual(cost(await Effect.runPromise(hashPassword("any"))))
})
