import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { ChatMachineEvent } from "../../src/machines/chat-events.ts"
import { initialContext, QUEUE_LIMIT } from "../../src/machines/chat-setup.ts"
import { activityOf, type ChatSnapshot, decide, snapshotOf, unborn } from "../../src/machines/chat-state.ts"
import { useInertChats } from "../support/inert-chats.ts"
import { fallen, wrongWith } from "../support/invariants.ts"
import { everyEvent, faultOf, fitted, sequences, type Step, stored } from "../support/random-lives.ts"
import { refusal } from "../support/refusal.ts"
import { rounds, seed } from "../support/soak.ts"

/** The machine against its invariants, and the database against the machine. */

/** A message that steers can be deleted or promoted only where there is one, and another only where there is one. */
const makesSense = (state: ChatSnapshot, event: ChatMachineEvent) =>
  !("queuedMessageId" in event) || (event.steer ? state.context.steer > 0 : state.context.queue > state.context.steer)

describe("every sequence of six events", () => {
  const born = decide(unborn("normal", initialContext), { type: "Create", messages: [] })?.next
  const busy = (queue: number) =>
    snapshotOf({
      activity: "running.generating",
      planMode: false,
      mode: null,
      context: { ...initialContext, queue, steer: 1, attempt: 1 },
    })
  it.each([
    { name: "from the beginning", from: born ?? busy(0) },
    { name: "with one message in the queue", from: busy(1) },
    { name: "with a queue that is nearly full", from: busy(QUEUE_LIMIT - 1) },
  ])("$name keeps the invariants", ({ from }) => {
    // Sequences that meet in a state go on alike, so each state is left once for each length.
    const key = (state: ChatSnapshot) => JSON.stringify([state.value, state.context])
    let front = new Map([[key(from), from]])
    const wrong: Array<string> = []
    const reached = new Set<string>()
    for (let length = 1; length <= 6; length += 1) {
      const next = new Map<string, ChatSnapshot>()
      for (const state of front.values()) {
        for (const event of everyEvent) {
          if (!makesSense(state, event)) continue
          const decision = decide(state, event)
          if (decision === undefined) continue
          const fault = wrongWith(decision.next)
          if (fault !== undefined) wrong.push(`${event.type} in ${key(state)}: ${fault}`)
          if (state.context.archived && event.type !== "SetArchived" && event.type !== "SetMode") {
            wrong.push(`${event.type} in an archived chat`)
          }
          next.set(key(decision.next), decision.next)
          reached.add(activityOf(decision.next.value))
        }
      }
      front = next
    }
    expect(wrong).toEqual([])
    expect(reached.size).toBe(10)
  })
})

const chats = useInertChats()

/** Plays one sequence on both sides. Rejects at the first difference, saying where. */
const play = async (steps: ReadonlyArray<Step>): Promise<ReadonlyArray<string>> => {
  let state = await chats.create()
  const chatId = state.row.id
  const born = decide(unborn("normal", initialContext), { type: "Create", messages: [] })
  let model: ChatSnapshot = born?.next ?? unborn("normal", initialContext)
  let before = await stored(chats, chatId)
  const done: Array<string> = []
  for (const step of steps) {
    const userMessages = before.messages.filter(({ role }) => role === "user").map(({ id }) => id)
    const event = fitted(chats, step, state, userMessages)
    const where = `after ${[...done, event.type].join(" ")} (${step.pick}, ${step.size})`
    const decision = decide(model, event)
    if (decision === undefined) {
      const refused = await refusal(chats.send(chatId, event))
      const { row } = await stored(chats, chatId)
      expect({ where, refused, row }).toEqual({
        where,
        refused: expect.objectContaining({ _tag: "CommandRefused" }),
        row: before.row,
      })
      continue
    }
    state = await chats.bring(chatId, event)
    // A back-off that finds others in the line gives way to them: of slots the machine knows nothing.
    const gaveWay = event.type === "RecordGenerationAttempt" && state.row.activity === "pending"
    model = ((gaveWay ? decide(model, { type: "Yield" }) : undefined) ?? decision).next
    const after = await stored(chats, chatId)
    const { context } = model
    expect({ where, fault: faultOf(after), ...after }).toMatchObject({
      where,
      fault: undefined,
      row: {
        activity: activityOf(model.value),
        plan_mode: model.value.mode === "plan",
        archived: context.archived,
        resume: context.resume,
        generation_attempt: context.attempt,
        turn_steps: context.steps,
        owner_instance: before.row["owner_instance"],
        owner_epoch: before.row["owner_epoch"],
        snapshot_version: Number(before.row["snapshot_version"]) + 1,
      },
      // What the actor holds is what the database holds.
      queue: state.queue.map(({ id, kind }) => ({ id, kind })),
      open: state.openCalls.map(({ id }) => id),
    })
    const steering = after.queue.filter(({ kind }) => kind === "steer").length
    expect({ where, fell: fallen(before.row, after.row), queue: after.queue.length, steer: steering }).toEqual({
      where,
      fell: [],
      queue: context.queue,
      steer: context.steer,
    })
    before = after
    done.push(event.type)
  }
  return done
}

const RUNS = rounds({ test: 300, soak: 3_000 })
const AT_A_TIME = 6
const TIMEOUT = rounds({ test: 300_000, soak: 900_000 })

describe("random sequences", () => {
  it("sent to actors bring the machine and the database to the same states", { timeout: TIMEOUT }, async () => {
    const all = fc.sample(sequences({ minLength: 6, maxLength: 16 }), { seed, numRuns: RUNS })
    const seen = new Set<string>()
    const one = async () => {
      for (let steps = all.pop(); steps !== undefined; steps = all.pop()) {
        for (const event of await play(steps)) seen.add(event)
      }
    }
    await Promise.all(Array.from({ length: AT_A_TIME }, one)).catch((error: unknown) => {
      throw new Error(`With TROUPE_TEST_SEED=${seed}`, { cause: error })
    })
    // Whatever the seed, the common ones have happened; else the test shows little.
    expect([...seen]).toEqual(
      expect.arrayContaining(["SendMessage", "Admit", "RecordToolCalls", "CommitStep", "FinishTurn", "EditMessage"]),
    )
  })
})
