import { Effect, Either } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { getPriority } from "node:os"
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

/** Of each thread of this process, from the 19th field of its `stat`; the second is a name, and may hold anything. */
const nicenesses = () =>
  readdirSync("/proc/self/task").map((id) =>
    Number(readFileSync(`/proc/self/task/${id}/stat`, "utf8").split(") ").at(-1)?.split(" ")[16]),
  )

it.runIf(process.platform === "linux")(
  "hashes on one thread that yields to all others, and leaves these as they are",
  async () => {
    await Effect.runPromise(
      Effect.all([hashPassword("one"), hashPassword("two"), ask("known")], { concurrency: "unbounded" }),
    )
    expect(nicenesses().filter((niceness) => niceness > getPriority())).toHaveLength(1)
  },
)

it("goes on after a hash that cannot be read", async () => {
  const broken = await Effect.runPromiseExit(verify("no hash at all", "guess"))
  expect(broken._tag).toBe("Failure")
  expect(await Effect.runPromise(verify(DECOY_HASH, "guess"))).toBe(false)
})
