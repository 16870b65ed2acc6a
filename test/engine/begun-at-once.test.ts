import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { ChatCommits } from "../../src/db/chats/store/chat-commits.ts"
import { hasTag, statusOf } from "../../src/machines/chat-state.ts"
import type { ChatMachineEvent } from "../../src/machines/chat-events.ts"
import { stepOf } from "../support/event-choices.ts"
import { useInertChats } from "../support/inert-chats.ts"
import type { Step } from "../support/random-lives.ts"
import {
  accepts,
  birth,
  carryOut,
  choices,
  type Held,
  held,
  type Life,
  lifeThrough,
  live,
  type Trial,
  undone,
} from "../support/uncommitted-lives.ts"

/** Work that brings its slot begins in one commit. The database then holds what two commits would have written. */

const chats = useInertChats()

const queued = stepOf("SendMessage")
const steering: Step = {
  event: { type: "SendMessage", busyBehavior: "steer", input: { content: [], modelConfigId: "", createdBy: "" } },
  pick: 0,
  size: 0,
}
const running = [stepOf("Admit"), queued]
const calls = [...running, stepOf("RecordToolCalls", { size: 1 })]

/** Ways to states in which work comes to an end, or comes. */
const ways: ReadonlyArray<{ readonly name: string; readonly steps: ReadonlyArray<Step> }> = [
  { name: "a chat that waits", steps: [stepOf("Interrupt")] },
  {
    name: "a chat in plan mode that waits",
    steps: [stepOf("Interrupt"), { event: { type: "SetMode", mode: "plan" }, pick: 0, size: 0 }],
  },
  { name: "a chat that failed", steps: [...running, stepOf("FinishError")] },
  { name: "a chat that failed among its tools", steps: [...calls, stepOf("FinishError")] },
  { name: "an answer under way", steps: running },
  { name: "a second attempt under way", steps: [...running, stepOf("RecordGenerationAttempt")] },
  { name: "an answer that is steered", steps: [stepOf("Admit"), steering, steering] },
  { name: "tools under way", steps: calls },
  { name: "an interruption under way", steps: [...running, stepOf("Interrupt")] },
  {
    name: "a compaction under way",
    steps: [stepOf("Interrupt"), stepOf("RequestCompaction"), stepOf("Admit"), queued],
  },
  { name: "a wait for the client", steps: [...calls, stepOf("EnterRequiresAction")] },
  { name: "a wait for a person", steps: [...calls, stepOf("RequireApproval")] },
  { name: "a chat in the line", steps: [queued] },
]

/** All but what differs of itself between one commit and two: versions and times. What refers to a version is told beside it. */
const comparable = ({ row, queue, calls, messages, attempts }: Held) => {
  const {
    id: _id,
    snapshot_version: _version,
    history_version,
    queue_version,
    retry_state_version,
    created_at: _created,
    updated_at: _updated,
    owner_instance: _owner,
    ...rest
  } = row
  return {
    row: rest,
    queue: queue.map(({ content, kind }) => ({ content, kind })),
    calls: calls.map(({ state, approval }) => ({ state, approval })),
    messages: messages.map(({ role, visibility, compressed, created_version, model_config_id }) => ({
      role,
      visibility,
      compressed,
      model_config_id,
      isNew: created_version === history_version,
    })),
    attempts: attempts.map(({ history_version: of, ...attempt }) => ({
      ...attempt,
      isOfThisHistory: of === history_version,
    })),
    queueChanged: queue_version === history_version,
    retryChanged: retry_state_version === history_version,
  }
}

const withoutSlot = (event: ChatMachineEvent): ChatMachineEvent => {
  if (!("slot" in event)) return event
  const { slot: _, ...rest } = event
  return rest as ChatMachineEvent
}

/** The words of messages are made up for each event, so both ways get the same event. */
const afterOne = (life: Life, event: ChatMachineEvent): Trial<Held> =>
  undone(Effect.flatMap(live(life, event), ({ rows }) => held(rows.row.id)))

const afterTwo = (life: Life, event: ChatMachineEvent): Trial<Held> =>
  undone(
    Effect.gen(function* () {
      const first = yield* live(life, withoutSlot(event))
      const joined =
        !hasTag(life.rows.row.activity, "waits-for-slot") && hasTag(first.rows.row.activity, "waits-for-slot")
      const admit = { type: "Admit", modelConfigId: first.rows.row.last_model_config_id } as const
      const { rows } = joined ? yield* live(first, admit) : first
      return yield* held(rows.row.id)
    }),
  )

describe("an event with a slot", () => {
  it.each(ways)("comes to what it and Admit come to: $name", async ({ steps }) => {
    const compared = await carryOut(chats, [
      Effect.gen(function* () {
        const life = yield* lifeThrough(chats, steps)
        const bringing = choices(chats, life).filter((event) => "slot" in event && accepts(life, event))
        return yield* Effect.forEach(bringing, (event) =>
          Effect.all({ event: Effect.succeed(event), one: afterOne(life, event), two: afterTwo(life, event) }),
        )
      }),
    ])
    const all = compared.flat()
    expect(all.length).toBeGreaterThan(0)
    for (const { event, one, two } of all) {
      expect({ event: event.type, ...comparable(one) }).toEqual({ event: event.type, ...comparable(two) })
      if (two.journal.event !== "Admit") continue
      // The journal says of the one all that it would have said of the other.
      const { model_config_id, ...admitted } = two.journal.detail
      const opens = two.attempts.some(({ goes_on }) => goes_on)
      expect(one.journal.detail).toMatchObject({ slot: "granted", ...(opens && { model_config_id }) })
      expect(Object.keys(one.journal.detail)).toEqual(expect.arrayContaining(Object.keys(admitted)))
    }
  })

  it("that creates a chat opens its first attempt, as Admit does", async () => {
    const [found] = await carryOut(chats, [
      Effect.gen(function* () {
        const { rows: one } = yield* birth(chats, "granted")
        const born = yield* birth(chats)
        const { rows: two } = yield* live(born, { type: "Admit", modelConfigId: chats.modelConfigId })
        return { one: yield* held(one.row.id), two: yield* held(two.row.id), row: one.row }
      }),
    ])
    const { one, two, row } = found!
    expect(comparable(one)).toEqual(comparable(two))
    expect(one.row).toEqual(row)
    expect({ status: statusOf(row.activity), attempts: one.attempts }).toEqual({
      status: "running",
      attempts: [{ history_version: 1, attempt: 1, model_config_id: chats.modelConfigId, reason: null, goes_on: true }],
    })
  })

  it("that creates a chat in plan mode begins the turn in it", async () => {
    const turnMode = (slot?: "granted"): Trial<boolean> =>
      Effect.gen(function* () {
        const commits = yield* ChatCommits
        const { chat } = chats.newborn(slot)
        const row = yield* commits.create({ ...chat, planMode: true }, randomUUID()).pipe(Effect.orDie)
        return row.turn_plan_mode
      })
    expect(await carryOut(chats, [turnMode("granted"), turnMode()])).toEqual([true, false])
  })
})
