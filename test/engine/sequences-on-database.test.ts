import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { stepOf } from "../support/event-choices.ts"
import { useInertChats } from "../support/inert-chats.ts"
import { kindOf } from "../support/invariants.ts"
import type { Step } from "../support/random-lives.ts"
import { record, rounds } from "../support/soak.ts"
import {
  accepts,
  carryOut,
  choices,
  type Life,
  lifeThrough,
  live,
  type Trial,
  undone,
} from "../support/uncommitted-lives.ts"

/** Every sequence of events, on the machine and in the database. */

const chats = useInertChats()

class Tally {
  sequences = 0
  events = 0
  refused = 0
  readonly kinds = new Set<string>()

  count({ model }: Life) {
    this.events += 1
    this.kinds.add(kindOf(model))
  }
}

/** Depth first, with a savepoint before each event. */
const everySequence = (life: Life, length: number, tally: Tally): Trial<void> =>
  Effect.forEach(
    choices(chats, life),
    (event) => {
      if (!accepts(life, event)) {
        tally.refused += 1
        return Effect.void
      }
      const further = Effect.flatMap(live(life, event), (after) => {
        tally.count(after)
        if (length > 1) return everySequence(after, length - 1, tally)
        tally.sequences += 1
        return Effect.void
      })
      return undone(further)
    },
    { discard: true },
  )

/** The sequences that begin with the nth choice. */
const withFirst = (steps: ReadonlyArray<Step>, nth: number, length: number, tally: Tally): Trial<void> =>
  Effect.gen(function* () {
    const life = yield* lifeThrough(chats, steps)
    const event = choices(chats, life)[nth]
    if (event === undefined) return yield* Effect.dieMessage("There were other choices before")
    const after = yield* live(life, event)
    tally.count(after)
    yield* everySequence(after, length - 1, tally)
  })

const starts: ReadonlyArray<{
  readonly name: string
  readonly steps: ReadonlyArray<Step>
  readonly length: number
}> = [
  { name: "a new chat", steps: [], length: rounds({ test: 3, soak: 4 }) },
  {
    name: "an answer with one message in the queue",
    steps: [stepOf("Admit"), stepOf("SendMessage")],
    length: rounds({ test: 3, soak: 4 }),
  },
  {
    name: "a pause for two results of the client",
    steps: [stepOf("Admit"), stepOf("RecordToolCalls", { size: 2 }), stepOf("EnterRequiresAction")],
    length: rounds({ test: 3, soak: 4 }),
  },
  {
    name: "a pause for two decisions",
    steps: [stepOf("Admit"), stepOf("RecordToolCalls", { size: 1 }), stepOf("RequireApproval")],
    length: rounds({ test: 3, soak: 4 }),
  },
]

const TIMEOUT = rounds({ test: 600_000, soak: 1_800_000 })

describe("every sequence of events", () => {
  it.each(starts)("from $name, up to $length, is the same on both sides", { timeout: TIMEOUT }, async (start) => {
    const { name, steps, length } = start
    const startedAt = performance.now()
    const tally = new Tally()
    const [accepted = []] = await carryOut(chats, [
      Effect.map(lifeThrough(chats, steps), (life) => choices(chats, life).map((event) => accepts(life, event))),
    ])
    const firsts = [...accepted.keys()].filter((nth) => accepted[nth])
    await carryOut(
      chats,
      firsts.map((nth) => withFirst(steps, nth, length, tally)),
    )
    expect(firsts.length).toBeGreaterThanOrEqual(8)
    // The tree is as wide as it should be: about nine events are possible in a state.
    expect(tally.sequences).toBeGreaterThan(8 ** length)
    expect(tally.refused).toBeGreaterThan(tally.events)
    record(`every sequence of ${length} events from ${name}`, {
      sequences: tally.sequences,
      events: tally.events,
      refused: tally.refused,
      kinds: tally.kinds.size,
      seconds: Math.round((performance.now() - startedAt) / 1000),
    })
  })
})
