import { Effect, Option } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { machineState } from "../../src/actors/chat/machine-state.ts"
import { Inspection } from "../../src/chats/inspection.ts"
import { Traces } from "../../src/chats/traces.ts"
import { ChatReads } from "../../src/db/chats/reads.ts"
import { decide } from "../../src/machines/chat-state.ts"
import { type OpenedTrace, openTrace } from "../../web/src/trace/file/open-trace.ts"
import { traceFile } from "../../web/src/trace/file/write-trace.ts"
import { useInertChats } from "../support/inert-chats.ts"
import { fitted, sequences, type Step, stored } from "../support/random-lives.ts"
import { seed } from "../support/soak.ts"

/** A chat in a file, against the chat: what the page reads of the one is what the server says of the other. */

const chats = useInertChats()

const chatRow = (chatId: string) =>
  Effect.flatMap(ChatReads, (reads) => reads.get(chatId)).pipe(
    Effect.flatMap(Option.match({ onNone: () => Effect.dieMessage("no such chat"), onSome: Effect.succeed })),
    Effect.orDie,
  )

const live = async (steps: ReadonlyArray<Step>) => {
  let state = await chats.create()
  for (const step of steps) {
    const { messages } = await stored(chats, state.row.id)
    const userMessages = messages.filter(({ role }) => role === "user").map(({ id }) => id)
    const event = fitted(chats, step, state, userMessages)
    if (decide(machineState(state), event) !== undefined) state = await chats.bring(state.row.id, event)
  }
  return state.row.id
}

/** In pages of a few versions. */
const exported = async (chatId: string, between: () => Promise<void> = async () => {}): Promise<OpenedTrace> => {
  const names = { chat_id: chatId, title: "Inert", owner_id: chats.userId, owner_name: "inert", models: {} }
  const traced = <A>(read: (traces: Effect.Effect.Success<typeof Traces>, row: RowOf) => Effect.Effect<A, unknown>) =>
    chats.run(
      Effect.gen(function* () {
        return yield* read(yield* Traces, yield* chatRow(chatId))
      }),
    )
  const reads = {
    head: () => traced((traces, row) => traces.head(row)),
    page: (version: number, after: number) => traced((traces, row) => traces.page(row, version, after, 4)),
  }
  const pieces: Array<string> = []
  for await (const { text } of traceFile(reads, names, new Date())) {
    pieces.push(text)
    await between()
  }
  return openTrace(new Blob(pieces))
}
type RowOf = Effect.Effect.Success<ReturnType<typeof chatRow>>

/** Without what a server tells beyond the rows: a file holds those only. */
const said = (chatId: string, version: number) =>
  chats.run(
    Effect.gen(function* () {
      const found = yield* (yield* Inspection).at(yield* chatRow(chatId), version)
      const { accepts: _, refuses: __, deadlines: ___, transition: ____, attempt: _____, ...rows } = found
      const pending_calls = rows.pending_calls.map(({ id, tool_call_id, tool_name, state }) => ({
        id,
        tool_call_id,
        tool_name,
        state,
      }))
      return { ...rows, pending_calls }
    }),
  )

describe("a chat in a file", () => {
  it("is the chat at every version, for random lives", { timeout: 60_000 }, async () => {
    for (const steps of fc.sample(sequences({ minLength: 15, maxLength: 30 }), { seed, numRuns: 25 })) {
      const chatId = await live(steps)
      const trace = await exported(chatId)
      const where = `TROUPE_TEST_SEED=${seed}: ${steps.map(({ event }) => event.type).join(" ")}`
      const plain = (value: unknown): unknown =>
        JSON.parse(JSON.stringify(value), (key, inner: unknown) => (key === "chat_id" ? "file" : inner))
      for (let version = 1; version <= trace.head.version; version += 1) {
        expect({ where, ...(await trace.at(version)) }).toEqual({
          where,
          ...(plain(await said(chatId, version)) as object),
        })
      }
      const { transitions: rows } = await chats.run(
        Effect.gen(function* () {
          return yield* (yield* Inspection).transitions(yield* chatRow(chatId), { after: 3, limit: 5 })
        }),
      )
      const { transitions } = await trace.transitions(3, 5)
      expect(transitions.map(({ version, event, to }) => [version, event, to])).toEqual(
        rows.map(({ version, event, to }) => [version, event, to]),
      )
      await expect(trace.at(trace.head.version + 1)).rejects.toThrow(/holds the versions 1 to/)
    }
  })

  it("is what it was when the file was begun, though the chat goes on meanwhile", async () => {
    const created = await chats.create()
    const chatId = created.row.id
    const send = async () => {
      await chats.bring(chatId, {
        type: "SendMessage",
        busyBehavior: "queue",
        input: {
          content: [{ type: "text", text: "more" }],
          modelConfigId: chats.modelConfigId,
          createdBy: chats.userId,
        },
      })
    }
    await send()
    const queue = await send().then(() => said(chatId, 3))
    const promote = async () => {
      const [, last] = queue.queued_messages
      await chats.bring(chatId, { type: "PromoteQueuedMessage", queuedMessageId: last?.id ?? 0, steer: false })
    }
    let begun = false
    const trace = await exported(chatId, async () => {
      if (begun) return
      begun = true
      await promote()
      await send()
    })
    expect(trace.head.version).toBe(3)
    expect(trace.counts.transitions).toBe(3)
    const then = await trace.at(3)
    expect(then.queued_messages.map(({ id }) => id)).toEqual(queue.queued_messages.map(({ id }) => id))
  })

  it("is told in pages that stay small, however long its messages are", async () => {
    const created = await chats.create()
    const chatId = created.row.id
    const long = "x".repeat(1_500_000)
    for (let count = 0; count < 4; count += 1) {
      await chats.bring(chatId, {
        type: "EditMessage",
        messageId: (await said(chatId, count + 1)).messages[0]?.id ?? 0,
        input: { content: [{ type: "text", text: long }], modelConfigId: chats.modelConfigId, createdBy: chats.userId },
      })
    }
    const page = (after: number) =>
      chats.run(
        Effect.flatMap(Traces, (traces) => Effect.flatMap(chatRow(chatId), (row) => traces.page(row, 5, after, 1000))),
      )
    const first = await page(0)
    expect([first.until, first.has_more, first.transitions.length]).toEqual([3, true, 3])
    const rest = await page(first.until)
    expect([rest.until, rest.has_more, rest.messages.map(({ created_version }) => created_version)]).toEqual([
      5,
      false,
      [4, 5],
    ])
    expect(first.messages.map(({ removed_version }) => removed_version)).toEqual([2, 3, 4])
  })
})
