import { Effect } from "effect"
import { beforeAll, expect, it } from "vitest"
import { ChatReads } from "../../src/db/chats/reads.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { refusal } from "../support/refusal.ts"

/** Messages in a form that only another version of the server knows. */

const engines = useEngines()
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

const rewritten = async () => {
  engines.provider.script({ items: [{ text: "hi" }] })
  const chatId = await engine.create("go")
  await follow(engine, chatId).activity("waiting")
  const [row] = await engines.query<{ id: number }>(
    (sql) => sql`update chat_messages set content_version = 2, content = '[{"kind": "words", "words": "go"}]'
      where chat_id = ${chatId} and role = 'user' returning id`,
  )
  return { chatId, messageId: row?.id ?? 0 }
}

it("are not read as if they were ours, wherever they are read", async () => {
  const { chatId, messageId } = await rewritten()
  const reads = await engine.run(ChatReads)
  const { snapshot_version: version } = await engine.row(chatId)
  const named = { _tag: "UnknownContentVersion", messageId, version: 2 }
  const readings = [
    reads.messages(chatId, { limit: 50 }),
    reads.messagesById(chatId, [messageId]),
    reads.messagesAt(chatId, { version, sinceVersion: 0, afterId: 0 }),
    reads.transcript(chatId),
    reads.prompts(chatId, 10),
  ]
  for (const reading of readings)
    expect(await engine.run(Effect.flip<unknown, unknown, never>(reading))).toMatchObject(named)
  expect(await refusal(engine.at(chatId, version))).toMatchObject(named)
  expect((await engine.run(reads.messages(chatId, { limit: 50, afterId: messageId }))).rows).toHaveLength(1)
})

it("end the turn that would need them in a sentence, and no model is asked", async () => {
  const { chatId } = await rewritten()
  await engine.stop()
  engine = await engines.start()
  const asked = engines.provider.requests.length
  await engine.send(chatId, "and now?")
  // Its stream shows those messages as well, so its row is looked at.
  const failure = async () => (await engine.row(chatId)).last_error
  await expect.poll(failure, { timeout: 10_000 }).not.toBeNull()
  expect(await failure()).toMatchObject({
    message: "This chat has messages that another version of the server has written and this one cannot read.",
    detail: expect.stringContaining("form 2"),
    retryable: false,
  })
  expect(engines.provider.requests).toHaveLength(asked)
})
