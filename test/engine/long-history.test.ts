import pg from "pg"
import { afterEach, beforeAll, expect, it, vi } from "vitest"
import { TestReader, useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"

/** A chat of 10,000 messages costs what is new in it, not what it holds. */

const MESSAGES = 10_000

const engines = useEngines()
const follow = useReaders()
let engine: Engine
let chatId = ""

beforeAll(async () => {
  engine = await engines.start()
  engines.provider.script({ items: [{ text: "hi" }] })
  chatId = await engine.create("go")
  await follow(engine, chatId).activity("waiting")
  await engine.stop()
  await engines.query(
    (sql) => sql`insert into chat_messages (chat_id, created_version, role, content)
      select ${chatId}, 1, case when n % 2 = 1 then 'user' else 'assistant' end,
        jsonb_build_array(jsonb_build_object('type', 'text', 'text', 'message ' || n))
      from generate_series(1, ${MESSAGES}::int) n returning id`,
  )
  engine = await engines.start()
})

afterEach(() => {
  vi.restoreAllMocks()
})

type Callback = (error: Error | null, result?: pg.QueryResult) => void

const isMessages = (result: pg.QueryResult | undefined) =>
  result?.fields?.some(({ name }) => name === "provider_response_id") === true

/** How many message rows the server reads while `work` runs. */
const messagesRead = async (work: () => Promise<unknown>): Promise<number> => {
  let rows = 0
  const original: (...given: Array<unknown>) => unknown = pg.Client.prototype.query
  const counted = function (this: pg.Client, ...given: Array<unknown>) {
    const done = given.at(-1) as Callback
    const counting: Callback = (error, result) => {
      if (isMessages(result)) rows += result?.rows.length ?? 0
      done(error, result)
    }
    return Reflect.apply(original, this, typeof done === "function" ? [...given.slice(0, -1), counting] : given)
  }
  vi.spyOn(pg.Client.prototype, "query").mockImplementation(counted as never)
  await work()
  vi.restoreAllMocks()
  return rows
}

it("is read once for its prompt, whatever steps and turns follow", async () => {
  const read = (id: string) => ({ items: [{ calls: [{ tool: "read_file", args: { path: `/${id}` }, id }] }] })
  const reader = new TestReader(engine, chatId, { start: { type: "snapshot", afterId: 0, tail: 10 } })
  const turn = async (words: string) => {
    engines.provider.script(read(`${words}-1`), read(`${words}-2`), { items: [{ text: `end of ${words}` }] })
    await engine.send(chatId, words)
    await reader.until(({ lines, activity }) => activity === "waiting" && lines.at(-1) === `assistant: end of ${words}`)
  }
  const first = await messagesRead(() => turn("one"))
  expect(first).toBeGreaterThanOrEqual(MESSAGES)
  expect(first).toBeLessThan(MESSAGES + 20)
  expect(await messagesRead(() => turn("two"))).toBeLessThan(5)
  expect(engines.provider.requests.at(-1)?.body["messages"]).toHaveLength(MESSAGES + 14)
  await reader.close()
  expect(reader.view.breaches).toEqual([])
})

it("shows a reader that asks for its end the end only", async () => {
  const tailed = async () => {
    const reader = new TestReader(engine, chatId, { start: { type: "snapshot", afterId: 0, tail: 50 } })
    const view = await reader.activity("waiting")
    await reader.close()
    expect(view.transcript).toHaveLength(50)
    expect(view.lines.at(-1)).toMatch(/^assistant: /)
  }
  expect(await messagesRead(tailed)).toBe(50)
})
