import { SqlClient } from "@effect/sql"
import { Effect, Layer, ManagedRuntime } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { fillMessages, LAYOUT_CHATS } from "../../../test/support/message-layouts.ts"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { insertChats } from "../../../test/support/raw-rows.ts"
import { buffersOf, explain, planNodes, recordStatements } from "../../../test/support/sent-plans.ts"
import { ChatReads } from "./reads.ts"

const database = useTestDatabase()
const runtime = ManagedRuntime.make(
  Layer.unwrapEffect(Effect.sync(() => Layer.provide(ChatReads.layer, database.layer))),
)
afterAll(() => runtime.dispose())

type Reads = Effect.Effect.Success<typeof ChatReads>

/** Pages of the database that a read of one chat looks at, and the indexes by which it does, without those of other tables. */
const costOf = async (read: (reads: Reads) => Effect.Effect<unknown, unknown>) => {
  const work = Effect.flatMap(ChatReads, read)
  const statements = await recordStatements(() => runtime.runPromise(work), ["chat_messages"])
  const costs = await Promise.all(
    statements.map(async (statement) => {
      const explained = await explain(database.url, statement, ["analyze", "buffers"])
      const indexes = planNodes(explained.Plan).flatMap((node) => node["Index Name"] ?? [])
      return { buffers: buffersOf(explained), indexes: indexes.filter((name) => name.startsWith("chat_messages")) }
    }),
  )
  expect(costs).toHaveLength(1)
  return costs[0] ?? { buffers: 0, indexes: [] }
}

const NOW = 1_000_000

/**
 * Bounds are a tenth above what was measured. Interleaved, every message lies on a page of its own: what a page of them costs is what
 * it shows.
 */
describe.each([
  { layout: "contiguous", prompts: 27, pages: 10, gap: 72, conversation: 350 },
  { layout: "interleaved", prompts: 260, pages: 225, gap: 80, conversation: 5_200 },
] as const)("of a chat among others whose messages lie $layout", ({ layout, prompts, pages, gap, conversation }) => {
  let chatId = ""
  let [first, last, versions] = [0, 0, 0]
  beforeAll(async () => {
    await database.run(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`truncate chats cascade`
        const chats = yield* insertChats(sql, LAYOUT_CHATS)
        chatId = chats[0]?.id ?? ""
        yield* fillMessages(
          sql,
          layout,
          chats.map(({ id }) => id),
        )
        const [ids] = yield* sql<{ first: number; last: number; versions: number }>`
          select min(id) as first, max(id) as last, max(created_version) as versions
          from chat_messages where chat_id = ${chatId}`
        ;({ first, last, versions } = ids ?? { first, last, versions })
      }).pipe(Effect.orDie),
    )
  }, 120_000)

  it("the prompts are read by their own index, and nothing else is looked at", async () => {
    const { buffers, indexes } = await costOf((reads) => reads.prompts(chatId, 500))
    expect(indexes).toEqual(["chat_messages_prompts"])
    expect(buffers).toBeLessThanOrEqual(prompts)
  })

  it.each<[string, (reads: Reads) => Effect.Effect<unknown, unknown>]>([
    ["the first page", (reads) => reads.messages(chatId, { limit: 200 })],
    ["an older page", (reads) => reads.messages(chatId, { limit: 200, beforeId: Math.round((first + last) / 2) })],
    ["a newer page", (reads) => reads.messages(chatId, { limit: 200, afterId: first })],
    ["a page between two", (reads) => reads.messages(chatId, { limit: 200, beforeId: last, afterId: first })],
    [
      "the tail of a snapshot",
      (reads) => reads.messagesAt(chatId, { version: NOW, sinceVersion: 0, afterId: 0, tail: 200 }),
    ],
  ])("%s costs what it shows", async (_, read) => {
    const { buffers, indexes } = await costOf(read)
    expect(indexes).toEqual(["chat_messages_page"])
    expect(buffers).toBeLessThanOrEqual(pages)
  })

  it.each<[string, (reads: Reads) => Effect.Effect<unknown, unknown>]>([
    [
      "the messages since a version",
      (reads) => reads.messagesAt(chatId, { version: NOW, sinceVersion: versions - 10, afterId: 0 }),
    ],
    ["what is gone since a version", (reads) => reads.firstRemoved(chatId, versions - 10, NOW)],
    ["what was ever gone", (reads) => reads.firstEverRemoved(chatId, NOW)],
    ["whether there is anything to compact", (reads) => reads.sinceBoundary(chatId)],
    ["the newest answer", (reads) => reads.markRead(chatId, chatId)],
  ])("%s costs what is new, and at most the entries of the chat in an index", async (_, read) => {
    expect((await costOf(read)).buffers).toBeLessThanOrEqual(gap)
  })

  it.each<[string, (reads: Reads) => Effect.Effect<unknown, unknown>]>([
    ["a whole snapshot", (reads) => reads.messagesAt(chatId, { version: NOW, sinceVersion: 0, afterId: 0 })],
    ["what the model is sent", (reads) => reads.transcript(chatId)],
  ])("%s costs the chat, and not the table", async (_, read) => {
    const { buffers, indexes } = await costOf(read)
    expect(new Set(indexes.filter((name) => name !== "chat_messages_boundary"))).toEqual(
      new Set(["chat_messages_page"]),
    )
    expect(buffers).toBeLessThanOrEqual(conversation)
  })
})
