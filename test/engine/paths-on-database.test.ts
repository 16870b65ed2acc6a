import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { getShortestPaths } from "xstate/graph"
import type { LoadedChat } from "../../src/db/chats/store/loaded-chat.ts"
import type { ChatMachineEvent } from "../../src/machines/chat-events.ts"
import { chatMachine } from "../../src/machines/chat-machine.ts"
import { activityOf, type ChatSnapshot, decide } from "../../src/machines/chat-state.ts"
import { everyChoice } from "../support/event-choices.ts"
import { useInertChats } from "../support/inert-chats.ts"
import { kindOf } from "../support/invariants.ts"
import { leaves } from "../support/machine-states.ts"
import { everyEvent, fitted, type Step, stored } from "../support/random-lives.ts"
import { refusal } from "../support/refusal.ts"
import { record } from "../support/soak.ts"
import {
  accepts,
  carryOut,
  choices,
  fenced,
  lifeThrough,
  live,
  type Trial,
  undone,
} from "../support/uncommitted-lives.ts"

/** The shortest way to every kind of state that a chat can be in, and from there every event. */

const chats = useInertChats()

/** What these do depends on rows, which the machine alone does not have. No kind of state needs them to be reached. */
const needsRows: ReadonlySet<string> = new Set([
  "DeleteQueuedMessage",
  "ChangeQueuedMessage",
  "PromoteQueuedMessage",
  "DecideApproval",
])

interface Path {
  readonly state: ChatSnapshot
  readonly kind: string
  /** From a new chat. */
  readonly steps: ReadonlyArray<Step>
}

const shortestPaths = (): ReadonlyArray<Path> =>
  getShortestPaths(chatMachine, {
    fromState: chats.newborn().model,
    events: everyEvent.filter(({ type }) => !needsRows.has(type)),
    filterEvents: (state, event) => state.can(event),
    serializeState: kindOf,
  }).map(({ state, steps }) => ({
    state,
    kind: kindOf(state),
    // The first of them is how the path began.
    steps: steps.slice(1).map(({ event }) => ({ event, pick: 0, size: 1 })),
  }))

const placeOf = ({ value, context }: ChatSnapshot) =>
  `${activityOf(value)}, ${value.mode}, ${context.queue > 0 ? "with" : "without"} a queue`

/** Every leaf in the modes that a chat can be brought into; the other modes are fixed at its birth. */
const everyPlace = Object.values(leaves)
  .filter((leaf) => leaf !== "none")
  .flatMap((leaf) =>
    ["normal", "plan"].flatMap((mode) =>
      (leaf === "waiting" ? ["without"] : ["with", "without"]).map((queue) => `${leaf}, ${mode}, ${queue} a queue`),
    ),
  )

/** The one event that is possible in every state: the state is given up. */
const givenUp = ({ queue }: LoadedChat): ChatMachineEvent => ({
  type: "ReconcileInvalidState",
  queue: queue.length,
  steer: queue.filter(({ kind }) => kind === "steer").length,
  error: { message: "no", retryable: false },
})

const AT_A_TIME = 4

describe("from every kind of state", () => {
  it("each possible event does the same on all sides, and for the owner only", { timeout: 600_000 }, async () => {
    const startedAt = performance.now()
    const paths = shortestPaths()
    expect([...new Set(paths.map(({ state }) => placeOf(state)))].toSorted()).toEqual(everyPlace.toSorted())
    let events = 0
    const reached: Array<string> = []
    const everyEventAfter = (steps: ReadonlyArray<Step>): Trial<void> =>
      Effect.flatMap(lifeThrough(chats, steps), (life) => {
        reached.push(kindOf(life.model))
        const possible = [...choices(chats, life), givenUp(life.rows)].filter((event) => accepts(life, event))
        events += possible.length
        return Effect.forEach(possible, (event) => undone(Effect.zipRight(fenced(life, event), live(life, event))), {
          discard: true,
        })
      })
    await carryOut(
      chats,
      paths.map(({ steps }) => everyEventAfter(steps)),
    )
    expect(reached.toSorted()).toEqual(paths.map(({ kind }) => kind).toSorted())
    expect(events).toBeGreaterThan(8 * paths.length)
    record("every possible event from the shortest path to every kind of state", {
      kinds: paths.length,
      events,
      seconds: Math.round((performance.now() - startedAt) / 1000),
    })
  })

  it("each other event is refused by the actor, and nothing is written", { timeout: 600_000 }, async () => {
    const left = [...shortestPaths()]
    let refusals = 0
    const requireRefusals = async ({ steps, kind }: Path) => {
      let rows = await chats.create()
      let { model } = chats.newborn()
      const chatId = rows.row.id
      const userMessages = async () =>
        (await stored(chats, chatId)).messages.filter(({ role }) => role === "user").map(({ id }) => id)
      for (const step of steps) {
        const event = fitted(chats, step, rows, await userMessages())
        rows = await chats.bring(chatId, event)
        model = decide(model, event)?.next ?? model
      }
      expect(kindOf(model)).toBe(kind)
      const before = await stored(chats, chatId)
      const messages = await userMessages()
      for (const step of everyChoice(rows, messages)) {
        const event = fitted(chats, step, rows, messages)
        if (model.can(event)) continue
        const refused = await refusal(chats.send(chatId, event))
        expect({ kind, refused }).toEqual({
          kind,
          refused: expect.objectContaining({ _tag: "CommandRefused", event: event.type }),
        })
        refusals += 1
      }
      expect({ kind, ...(await stored(chats, chatId)) }).toEqual({ kind, ...before })
    }
    const one = async () => {
      for (let path = left.pop(); path !== undefined; path = left.pop()) await requireRefusals(path)
    }
    await Promise.all(Array.from({ length: AT_A_TIME }, one))
    expect(refusals).toBeGreaterThan(4_000)
  })
})
