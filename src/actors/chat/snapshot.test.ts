import { once } from "node:events"
import { describe, expect, it } from "vitest"
import { type ChatCommit, plan } from "../../db/chats/store/commit.ts"
import type { Committed, LoadedChat } from "../../db/chats/store/loaded-chat.ts"
import type { ChatRow, StateRow, ToolCallRow } from "../../db/chats/rows.ts"
import type { ChatMachineEvent } from "../../machines/chat-events.ts"
import { type Activity, activityOf, decide, statusOf } from "../../machines/chat-state.ts"
import { type ChatStore, type CommittedChat, makeChatStore, subscribe } from "./snapshot.ts"

const AT = "2026-01-01T00:00:00.000Z"

/** The columns that a transition reads. */
const row = {
  id: "00000000-0000-4000-8000-000000000001",
  activity: "waiting",
  status: "waiting",
  mode: null,
  plan_mode: false,
  archived: false,
  resume: "generate",
  turn_steps: 0,
  generation_attempt: 0,
  snapshot_version: 7,
  history_version: 7,
  recovery_attempts: 0,
  last_model_config_id: "m",
  last_error: null,
  retry_state: null,
  requires_action_deadline_at: null,
} as unknown as ChatRow

const call = { id: "c", message_id: 1, state: "planned", approval: null } as unknown as ToolCallRow
const loaded = (activity: Activity = "waiting", openCalls: ReadonlyArray<ToolCallRow> = []): LoadedChat => ({
  row: { ...row, activity, status: statusOf(activity) },
  queue: [],
  openCalls,
})

/** Commits an event as the actor does, with a database that takes everything. */
const commit = (store: ChatStore, event: ChatMachineEvent, given: Partial<Committed> = {}) => {
  const { machine, rows } = store.getSnapshot().context
  const decision = decide(machine, event)
  if (decision === undefined) throw new Error(`${event.type} is refused in ${rows.row.activity}`)
  const { next, changes, effects } = decision
  const { value, context } = next
  const planned: ChatCommit = {
    ...plan(rows, { event, value, context, changes, actorUserId: null, now: AT, startedAtUs: 0 }),
    receipt: null,
  }
  const version = rows.row.snapshot_version + 1
  const { activity, generationAttempt, resume, turnSteps } = planned.columns
  const written: StateRow = {
    ...rows.row,
    activity,
    status: activity.split(".")[0] as ChatRow["status"],
    snapshot_version: version,
    history_version: planned.historyChanged ? version : rows.row.history_version,
    generation_attempt: generationAttempt,
    resume,
    turn_steps: turnSteps,
  }
  const committed: Committed = { version, at: new Date(AT), messageIds: [], queuedIds: [], row: written, ...given }
  store.send({ type: "committed", commit: planned, committed, effects })
}

const input = { content: [], modelConfigId: "m", createdBy: "u" }
const send = { type: "SendMessage", busyBehavior: "queue", input } as const
const admit = { type: "Admit", modelConfigId: "m" } as const

const activitiesOf = (now: CommittedChat, before: CommittedChat | undefined) => [
  before?.rows.row.activity,
  now.rows.row.activity,
]

const never = (cause: unknown) => {
  throw cause
}

describe("the snapshot of a chat", () => {
  it("is first what was loaded, and then each commit with what was before it", () => {
    const store = makeChatStore(loaded())
    const seen: Array<unknown> = []
    subscribe(store, (now, before) => void seen.push(activitiesOf(now, before)), never)
    expect(seen).toEqual([])
    store.start()
    commit(store, send)
    commit(store, admit)
    store.stop()
    expect(seen).toEqual([
      [undefined, "waiting"],
      ["waiting", "pending"],
      ["pending", "running.generating"],
    ])
  })

  it("has the machine's state of its rows", () => {
    const store = makeChatStore(loaded()).start()
    commit(store, send)
    commit(store, admit)
    const { machine, rows } = store.getSnapshot().context
    expect(activityOf(machine.value)).toBe(rows.row.activity)
    expect(machine.context.attempt).toBe(1)
    expect(machine.can({ type: "Interrupt" })).toBe(true)
    expect(machine.can(admit)).toBe(false)
  })

  it("says what begins and ends: of the rows that were loaded, and with each commit", () => {
    const store = makeChatStore(loaded("running.backing_off"))
    const steps: Array<ReadonlyArray<string>> = []
    subscribe(
      store,
      ({ effects }) => void steps.push(effects.map((step) => (step.type === "start" ? step.name : step.type))),
      never,
    )
    store.start()
    commit(store, { type: "RecordGenerationAttempt", modelConfigId: "m" })
    commit(store, { type: "FinishTurn", messages: [] })
    expect(steps).toEqual([["stop", "backOff"], ["stop", "generate"], ["stop"]])
  })

  it("holds what is noted of a call, which is news for nobody", () => {
    const store = makeChatStore(loaded("running.executing", [call]))
    let seen = 0
    subscribe(store, () => void (seen += 1), never)
    store.start()
    store.send({ type: "noted", callId: "c", patch: { state: "done" } })
    expect(store.getSnapshot().context.rows.openCalls).toMatchObject([{ id: "c", state: "done" }])
    expect(seen).toBe(1)
  })
})

/** What the process hears of while this runs, and the timers that it has set. */
const strayThrows = async (run: () => void): Promise<ReadonlyArray<unknown>> => {
  const listeners = process.rawListeners("uncaughtException")
  process.removeAllListeners("uncaughtException")
  const strays: Array<unknown> = []
  const hear = (cause: unknown) => void strays.push(cause)
  process.on("uncaughtException", hear)
  run()
  await new Promise<void>((resolve) => setTimeout(resolve))
  process.off("uncaughtException", hear)
  for (const listener of listeners) process.on("uncaughtException", listener as NodeJS.UncaughtExceptionListener)
  return strays
}

describe("a subscriber", () => {
  it("that throws is cut off alone, and nothing of it is thrown again elsewhere", async () => {
    const store = makeChatStore(loaded())
    const heard: Array<string> = []
    const causes: Array<unknown> = []
    subscribe(store, ({ rows }) => void heard.push(`first ${rows.row.activity}`), never)
    subscribe(
      store,
      ({ rows }) => {
        heard.push(`second ${rows.row.activity}`)
        if (rows.row.activity === "pending") throw new Error("a bug of the second")
      },
      (cause) => causes.push(cause),
    )
    subscribe(store, ({ rows }) => void heard.push(`third ${rows.row.activity}`), never)
    const strays = await strayThrows(() => {
      store.start()
      commit(store, send)
      commit(store, admit)
    })
    const went = (...activities: ReadonlyArray<string>) => activities
    expect(heard).toEqual([
      ...went("first waiting", "second waiting", "third waiting"),
      ...went("first pending", "second pending", "third pending"),
      ...went("first running.generating", "third running.generating"),
    ])
    expect(causes).toEqual([new Error("a bug of the second")])
    expect(strays).toEqual([])
  })

  it("whose work never ends is waited for by nobody", () => {
    const store = makeChatStore(loaded())
    subscribe(store, () => void once(process, "an event that never comes"), never)
    const seen: Array<string> = []
    subscribe(store, ({ rows }) => void seen.push(rows.row.activity), never)
    store.start()
    commit(store, send)
    expect(seen).toEqual(["waiting", "pending"])
    process.removeAllListeners("an event that never comes")
  })

  it("that has left is told nothing more", () => {
    const store = makeChatStore(loaded())
    let seen = 0
    const leave = subscribe(store, () => void (seen += 1), never)
    store.start()
    leave()
    commit(store, send)
    expect(seen).toBe(1)
  })
})

it("a commit that cannot be followed is an error of the snapshot, and no stray throw", async () => {
  const store = makeChatStore(loaded()).start()
  subscribe(store, never, never)
  const strays = await strayThrows(() => commit(store, send, { messageIds: null as never }))
  expect(store.getSnapshot()).toMatchObject({ status: "error", error: expect.any(TypeError) })
  expect(strays).toEqual([])
})
