import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { useInertChats } from "../support/inert-chats.ts"
import { lives, ReadChat } from "../support/read-chat.ts"
import { record, rounds, seed } from "../support/soak.ts"

/** Readers of the reference, which know only `after_id`, against what `GET messages` and the queue say. */

const chats = useInertChats()

const LIVES = rounds({ test: 1_000, soak: 20_000 })
const AT_A_TIME = 8
const TIMEOUT = rounds({ test: 600_000, soak: 3_600_000 })

// A seed of one's own repeats a run: TROUPE_TEST_SEED=... npx vitest run test/engine/streams-without-cursor.test.ts
describe(`readers that know only after_id (seed ${seed})`, () => {
  it("have what the messages and the queue say, whatever was done and cut off", { timeout: TIMEOUT }, async () => {
    const startedAt = performance.now()
    const left = fc.sample(lives, { seed, numRuns: LIVES })
    let events = 0
    let returns = 0
    const oneAfterAnother = async () => {
      for (let life = left.pop(); life !== undefined; life = left.pop()) {
        const chat = new ReadChat(chats, await chats.create())
        await chat.live(life)
        const difference = await chat.difference()
        await chat.end()
        if (difference !== undefined) return { life, ...difference }
        events += chat.events
        returns += chat.returns
      }
      return undefined
    }
    const differences = await Promise.all(Array.from({ length: AT_A_TIME }, oneAfterAnother))
    expect(differences.filter((difference) => difference !== undefined)).toEqual([])
    expect(events).toBeGreaterThan(LIVES * 5)
    expect(returns).toBeGreaterThan(LIVES * 2)
    record("readers that know only after_id", {
      lives: LIVES,
      events,
      returns,
      seconds: Math.round((performance.now() - startedAt) / 1000),
    })
  })
})
