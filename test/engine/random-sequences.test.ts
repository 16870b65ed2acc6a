import { Effect } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { useInertChats } from "../support/inert-chats.ts"
import { kindOf } from "../support/invariants.ts"
import { sequences, type Step } from "../support/random-lives.ts"
import { record, rounds, seed } from "../support/soak.ts"
import {
  accepts,
  carryOut,
  fittedTo,
  type Life,
  lifeThrough,
  live,
  type Trial,
  undone,
} from "../support/uncommitted-lives.ts"

/** Random sequences of events, on the machine and in the database. */

const chats = useInertChats()

const RUNS = rounds({ test: 5_000, soak: 20_000 })
/** Sequences that begin with the same chat, one after another. */
const OF_ONE_CHAT = 20
const TIMEOUT = rounds({ test: 600_000, soak: 1_800_000 })

// A seed of one's own repeats a run: TROUPE_TEST_SEED=... npx vitest run test/engine/random-sequences.test.ts
describe(`random sequences (seed ${seed})`, () => {
  it("are the same on both sides", { timeout: TIMEOUT }, async () => {
    const startedAt = performance.now()
    const seen = new Set<string>()
    const kinds = new Set<string>()
    let events = 0
    let refused = 0
    const step = (life: Life, next: Step): Trial<Life> => {
      const event = fittedTo(chats, life, next)
      if (!accepts(life, event)) {
        refused += 1
        return Effect.succeed(life)
      }
      return Effect.tap(live(life, event), (after) => {
        events += 1
        seen.add(event.type)
        kinds.add(kindOf(after.model))
      })
    }
    const all = fc.sample(sequences({ minLength: 4, maxLength: 14 }), { seed, numRuns: RUNS })
    const trials = Array.from({ length: RUNS / OF_ONE_CHAT }, (_, nth) =>
      Effect.flatMap(lifeThrough(chats, []), (born) =>
        Effect.forEach(
          all.slice(nth * OF_ONE_CHAT, (nth + 1) * OF_ONE_CHAT),
          (steps) => undone(Effect.reduce(steps, born, step)),
          { discard: true },
        ),
      ),
    )
    await carryOut(chats, trials)
    // Whatever the seed, the common ones have happened; else the test shows little.
    expect([...seen]).toEqual(
      expect.arrayContaining(["SendMessage", "Admit", "RecordToolCalls", "CommitStep", "FinishTurn", "EditMessage"]),
    )
    expect(events).toBeGreaterThan(RUNS * 3)
    record("random sequences on the machine and in the database", {
      sequences: RUNS,
      events,
      refused,
      kinds: kinds.size,
      seconds: Math.round((performance.now() - startedAt) / 1000),
    })
  })
})
