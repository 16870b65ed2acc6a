import { Effect, Option } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Inspection } from "../../src/chats/inspection.ts"
import { openAttemptOf } from "../../src/chats/steps.ts"
import { machineState } from "../../src/actors/chat/machine-state.ts"
import type { LoadedChat } from "../../src/db/chats/store/loaded-chat.ts"
import type { MessageOrCall } from "../../src/db/chats/brought.ts"
import { ChatJournal, type MessagePage } from "../../src/db/chats/journal.ts"
import { ChatStepReads } from "../../src/db/chats/steps.ts"
import { ChatReads } from "../../src/db/chats/reads.ts"
import { replay } from "../../src/machines/chat-replay.ts"
import { accepts } from "../../src/machines/chat-accepts.ts"
import { decide } from "../../src/machines/chat-state.ts"
import { refuses } from "../../src/machines/refused-events.ts"
import { useInertChats } from "../support/inert-chats.ts"
import { everyEvent, fitted, sequences, type Step, stored } from "../support/random-lives.ts"
import { refusal } from "../support/refusal.ts"
import { seed } from "../support/soak.ts"

/** Time travel: a chat as it was, against what was seen of it then. */

const chats = useInertChats()

/** What can be seen of a chat now, in the words of `/at/{version}`. */
const seenNow = async (state: LoadedChat) => {
  const { row, queue, openCalls } = state
  const { messages } = await stored(chats, row.id)
  return {
    version: row.snapshot_version,
    status: row.status,
    life: row.activity,
    mode: row.plan_mode ? "plan" : "normal",
    context: machineState(state).context,
    accepts: accepts(machineState(state)),
    refuses: refuses(machineState(state)),
    // What only the model reads (the boundary of a cleared context) is not shown to people.
    messages: messages.filter(({ visibility }) => visibility !== "model").map(({ id }) => id),
    queued_messages: queue.map(({ id, kind }) => ({ id, kind })),
    pending_calls: openCalls.map(({ id, tool_name, provider_call_id }) => ({
      id,
      tool_name,
      tool_call_id: provider_call_id,
      state: "planned",
    })),
  }
}

const chatRow = (chatId: string) =>
  Effect.flatMap(ChatReads, (reads) => reads.get(chatId)).pipe(
    Effect.flatMap(Option.match({ onNone: () => Effect.dieMessage("no such chat"), onSome: Effect.succeed })),
    Effect.orDie,
  )

const at = (chatId: string, version: number, page?: MessagePage) =>
  chats.run(
    Effect.gen(function* () {
      const row = yield* chatRow(chatId)
      return yield* (yield* Inspection).at(row, version, page)
    }),
  )

const stepsOf = (chatId: string) =>
  chats.run(
    Effect.gen(function* () {
      return yield* (yield* Inspection).steps(yield* chatRow(chatId))
    }),
  )

/** States in which a chat waits until a time that the journal has. */
const waits = new Set(["running.backing_off", "requires_action.client_tools"])

/** Sends what is possible of these events, and gives what was seen after each. */
const live = async (steps: ReadonlyArray<Step>, from?: LoadedChat) => {
  let state = from ?? (await chats.create())
  const seen = [await seenNow(state)]
  for (const step of steps) {
    const { messages } = await stored(chats, state.row.id)
    const userMessages = messages.filter(({ role }) => role === "user").map(({ id }) => id)
    const event = fitted(chats, step, state, userMessages)
    if (decide(machineState(state), event) === undefined) continue
    state = await chats.bring(state.row.id, event)
    seen.push(await seenNow(state))
  }
  return { state, seen }
}

/** A step with the first event of a type. */
const step = (type: string, size = 0): Step => ({
  event: everyEvent.find((event) => event.type === type) ?? { type: "Interrupt" },
  pick: 1,
  size,
})

describe("a chat at a version", () => {
  it("is what was seen of it then, for random lives", { timeout: 60_000 }, async () => {
    const lives = fc.sample(sequences({ minLength: 15, maxLength: 30 }), { seed, numRuns: 40 })
    let underWay = 0
    const one = async () => {
      for (let steps = lives.pop(); steps !== undefined; steps = lives.pop()) {
        const { state, seen } = await live(steps)
        const attempts: Array<readonly [number, number | undefined]> = []
        for (const expected of seen) {
          const found = await at(state.row.id, expected.version)
          const { transition, deadlines, attempt, ...rest } = found
          const shown = {
            ...rest,
            messages: found.messages.map(({ id }) => id),
            queued_messages: found.queued_messages.map(({ id, kind }) => ({ id, kind })),
            pending_calls: found.pending_calls.map(({ id, tool_name, tool_call_id, state }) => ({
              id,
              tool_name,
              tool_call_id,
              state,
            })),
          }
          expect([transition?.version, transition?.to]).toEqual([expected.version, expected.life])
          expect(deadlines).toHaveLength(waits.has(expected.life) ? 1 : 0)
          attempts.push([expected.version, attempt?.version])
          const where = `TROUPE_TEST_SEED=${seed}: ${steps.map(({ event }) => event.type).join(" ")}`
          expect({ where, ...shown }).toEqual({ where, ...expected })
        }
        const rows = await chats.run(
          Effect.flatMap(ChatStepReads, (reads) => reads.rows(state.row.id, 0, state.row.snapshot_version)),
        )
        const under = (now: number) => openAttemptOf(rows.transitions.filter(({ version }) => version <= now))?.version
        expect(attempts).toEqual(seen.map(({ version }) => [version, under(version)]))
        underWay += attempts.filter(([, attempt]) => attempt !== undefined).length
      }
    }
    await Promise.all([one(), one(), one(), one()])
    expect(underWay).toBeGreaterThan(20)
  })

  it("has its queue in the order of then", async () => {
    const created = await chats.create()
    const chatId = created.row.id
    const send = (words: string) =>
      chats.bring(chatId, {
        type: "SendMessage",
        busyBehavior: "queue",
        input: {
          content: [{ type: "text", text: words }],
          modelConfigId: chats.modelConfigId,
          createdBy: chats.userId,
        },
      })
    await send("one")
    const before = await send("two")
    const [one, two] = before.queue.map(({ id }) => id)
    const after = await chats.bring(chatId, { type: "PromoteQueuedMessage", queuedMessageId: two ?? 0, steer: false })
    const order = async (version: number) => (await at(chatId, version)).queued_messages.map(({ id }) => id)
    expect(await order(before.row.snapshot_version)).toEqual([one, two])
    expect(await order(after.row.snapshot_version)).toEqual([two, one])
  })

  it("says how far its tool calls had come by the next transition", async () => {
    const { state } = await live(["Admit", "RecordGenerationAttempt", "RecordToolCalls"].map((type) => step(type)))
    const recorded = state.row.snapshot_version
    const [call] = state.openCalls
    await chats.query(
      (sql) =>
        sql`update tool_calls set state = 'started', started_at = now() where id = ${call?.id ?? ""} returning 1`,
    )
    const states = async (version: number) =>
      (await at(state.row.id, version)).pending_calls.map((found) => found.state)
    expect(await states(recorded)).toEqual(["started"])
    const { state: later } = await live([step("RecordGenerationAttempt")], state)
    expect(await states(recorded)).toEqual(["started"])
    expect(await states(later.row.snapshot_version)).toEqual(["started"])
    await live([step("CommitStep")], later)
    expect(await states(later.row.snapshot_version)).toEqual(["started"])
    expect(await states(later.row.snapshot_version + 1)).toEqual([])
  })

  it("does not show what only the model reads", async () => {
    const { state, seen } = await live(
      ["Admit", "RecordGenerationAttempt", "FinishTurn", "ClearContext"].map((type) => step(type)),
    )
    const rows = (await stored(chats, state.row.id)).messages
    expect(rows.filter(({ visibility }) => visibility === "model")).toHaveLength(1)
    const shown = (await at(state.row.id, state.row.snapshot_version)).messages.map(({ id }) => id)
    expect(shown).toEqual(seen.at(-1)?.messages)
    expect(shown.length).toBe(rows.length - 1)
  })

  it("gives its newest messages, and on request those before them, as they were then", async () => {
    const turn = ["SendMessage", "Admit", "RecordGenerationAttempt", "FinishTurn"]
    const { state, seen } = await live([1, 2, 3, 4].flatMap(() => turn.map((type) => step(type))))
    const chatId = state.row.id
    const middle = seen.at(-4)
    if (middle === undefined || middle.messages.length < 4) throw new Error("The life is too short")
    const page = async (version: number, of: MessagePage) => {
      const { messages, has_more = false } = await at(chatId, version, of)
      return { messages: messages.map(({ id }) => id), has_more }
    }
    const all = middle.messages
    expect(await page(middle.version, {})).toEqual({ messages: all, has_more: false })
    expect(await page(middle.version, { tail: 2 })).toEqual({ messages: all.slice(-2), has_more: true })
    expect(await page(middle.version, { tail: all.length })).toEqual({ messages: all, has_more: false })
    const before = all.at(-2) ?? 0
    expect(await page(middle.version, { tail: 1, before })).toEqual({ messages: all.slice(-3, -2), has_more: true })
    expect(await page(middle.version, { tail: 9, before })).toEqual({ messages: all.slice(0, -2), has_more: false })
    expect(await page(middle.version, { tail: 0 })).toEqual({ messages: [], has_more: true })
  })

  it("is refused when it has not come yet", async () => {
    const { row } = await chats.create()
    expect(await refusal(at(row.id, 2))).toMatchObject({ _tag: "VersionGone" })
    await expect(at(row.id, 1)).resolves.toMatchObject({ version: 1, life: "pending" })
  })
})

describe("the journal in pages", () => {
  const page = (chatId: string, after: number, limit: number, of?: MessageOrCall) =>
    chats.run(
      Effect.gen(function* () {
        return yield* (yield* Inspection).transitions(yield* chatRow(chatId), { after, limit, of })
      }),
    )

  it("says of each attempt with which transition it ended, wherever a page begins", { timeout: 60_000 }, async () => {
    for (const steps of fc.sample(sequences({ minLength: 25, maxLength: 40 }), { seed, numRuns: 12 })) {
      const { state } = await live(steps)
      const { attempts, calls } = await stepsOf(state.row.id)
      const last = state.row.snapshot_version
      const ended = attempts.filter(({ ended_version }) => ended_version !== undefined)
      for (const limit of [1, 3, last]) {
        const pages = await Promise.all(
          Array.from({ length: Math.ceil(last / limit) }, (_, index) => page(state.row.id, index * limit, limit)),
        )
        const found = pages.flatMap(({ transitions }) => transitions)
        expect(found.map(({ version }) => version)).toEqual(Array.from({ length: last }, (_, index) => index + 1))
        const told = found.flatMap(({ attempt, version }) => (attempt === undefined ? [] : [[version, attempt]]))
        expect(told).toEqual(ended.map((attempt) => [attempt.ended_version, attempt]))
        expect(pages.map(({ has_more }) => has_more)).toEqual(pages.map((_, index) => index < pages.length - 1))
        const settled = found.flatMap((transition) => transition.calls ?? [])
        expect(calls).toEqual(expect.arrayContaining(settled))
        const { messages } = await stored(chats, state.row.id)
        const shown = new Set(messages.filter(({ visibility }) => visibility !== "model").map(({ id }) => id))
        const brought = new Set(found.flatMap((transition) => transition.messages ?? []))
        expect([...shown].filter((id) => !brought.has(id))).toEqual([])
      }
    }
  })

  it("leads from a message to what it came and went with, and from a call to where it was asked for and settled", async () => {
    const { state } = await live(
      ["Admit", "RecordGenerationAttempt", "RecordToolCalls", "RecordGenerationAttempt", "CommitStep"].map((type) =>
        step(type),
      ),
    )
    const chatId = state.row.id
    const all = (await page(chatId, 0, 100)).transitions
    const asking = all.find(({ event }) => event === "RecordToolCalls")
    const settling = all.find(({ event }) => event === "CommitStep")
    const [call] = settling?.calls ?? []
    expect(call).toMatchObject({ message_id: expect.any(Number), asked: expect.any(String) })
    const eventsOf = async (of: MessageOrCall) => (await page(chatId, 0, 100, of)).transitions
    expect(await eventsOf({ call: call?.tool_call_id ?? "" })).toEqual([asking, settling])
    const message = call?.message_id ?? 0
    expect(asking?.messages).toContain(message)
    expect(await eventsOf({ message })).toEqual([asking])
    const [asked] = all[0]?.messages ?? []
    const { state: edited } = await live([step("EditMessage")], state)
    expect(edited.row.snapshot_version).toBe(state.row.snapshot_version + 1)
    expect((await eventsOf({ message: asked ?? 0 })).map(({ event }) => event)).toEqual(["Create", "EditMessage"])
    expect(await eventsOf({ message: 1e9 })).toEqual([])
    const other = await chats.create()
    expect((await page(other.row.id, 0, 100, { message })).transitions).toEqual([])
  })
})

describe("stored snapshots", () => {
  it(
    "are what a replay from the beginning comes to, and the replay can begin at them",
    { timeout: 60_000 },
    async () => {
      const turn = ["SendMessage", "Admit", "RecordGenerationAttempt", "SendMessage", "RecordToolCalls", "CommitStep"]
      const round = [...turn, "RecordGenerationAttempt", "FinishTurn", "Admit", "SetMode", "FinishTurn"]
      const { state } = await live(Array.from({ length: 21 }, () => round.map((type) => step(type, 1))).flat())
      const chatId = state.row.id
      const last = state.row.snapshot_version
      expect(last).toBeGreaterThan(200)
      const kept = await chats.run(
        Effect.gen(function* () {
          const journal = yield* ChatJournal
          const snapshots = yield* Effect.forEach([last, 199, 100], (version) =>
            journal.snapshotBefore(chatId, version),
          )
          return { rows: yield* journal.between(chatId, 0, last), snapshots: snapshots.flatMap(Option.toArray) }
        }),
      )
      expect(kept.rows.map(({ version }) => version)).toEqual(Array.from({ length: last }, (_, index) => index + 1))
      expect(kept.snapshots.map(({ version }) => version)).toEqual([200, 100, 100])
      for (const { version, value, context } of kept.snapshots) {
        const replayed = replay(
          "normal",
          kept.rows.filter((row) => row.version <= version),
        )
        expect({ value: replayed.value, context: replayed.context }).toEqual({ value, context })
      }
      expect(replay("normal", kept.rows).context).toEqual(machineState(state).context)
      // An attempt that began before the state from which the replay starts is found all the same.
      for (const version of [98, 99, 100, 101, 102, 103, 199, 200, 201, 202]) {
        const open = openAttemptOf(kept.rows.filter((row) => row.version <= version))
        expect([version, (await at(chatId, version)).attempt]).toEqual([version, open])
      }
      // Without its beginning the journal can be read from the snapshot on, and not before it.
      await chats.query(
        (sql) => sql`delete from chat_transitions where chat_id = ${chatId} and version <= 50 returning 1`,
      )
      await expect(at(chatId, last)).resolves.toMatchObject({
        life: state.row.activity,
        context: machineState(state).context,
      })
      await expect(at(chatId, 100)).resolves.toMatchObject({ version: 100 })
      expect(await refusal(at(chatId, 99))).toMatchObject({ _tag: "VersionGone" })
    },
  )

  it("of another version of the machine are not used", async () => {
    const { row } = await chats.create()
    await chats.send(row.id, { type: "Interrupt" })
    await chats.query(
      (sql) =>
        sql`update chat_transitions set machine_version = 0 where chat_id = ${row.id} and version = 1 returning 1`,
    )
    expect(await refusal(at(row.id, 2))).toMatchObject({ _tag: "VersionGone" })
  })
})
