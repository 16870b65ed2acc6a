import { Effect } from "effect"
import { beforeAll, expect, it } from "vitest"
import { dedicatedConnection } from "../../src/db/engine/client.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { eventually } from "../support/eventually.ts"

const engines = useEngines()
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

const pinned = async (words: string): Promise<string> => {
  engines.provider.script({ when: words, items: [{ text: "Hello!" }] })
  const id = await engine.create(words)
  await follow(engine, id).activity("waiting")
  await engine.patch(id, { pin_order: 1 })
  return id
}

/** Sessions that wait for a lock of another one. */
const blocked = async () => {
  const rows = await engines.query(
    (sql) => sql`select pid from pg_stat_activity
      where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`,
  )
  return rows.length
}

it.each([
  ["title", { title: "Renamed" }],
  ["labels", { labels: { area: "pins" } }],
])(
  "a %s that is set together with a pin waits for the pins of the owner, and keeps nobody waiting",
  async (name, more) => {
    const chatId = await pinned(`pin and ${name}`)
    const free = await engine.run(
      Effect.scoped(
        Effect.gen(function* () {
          const { client } = yield* dedicatedConnection("test.lock")
          return yield* Effect.promise(async () => {
            // As somebody has it who is about to number the pins anew.
            await client.query("begin")
            await client.query("select id from users where id = $1 for no key update", [engine.caller.userId])
            const patched = engine.patch(chatId, { ...more, pin_order: 1 }, `key-${name}`)
            await eventually(blocked, 1)
            const { rows } = await client.query("select id from chats where id = $1 for update skip locked", [chatId])
            await client.query("commit")
            await patched
            return rows
          })
        }),
      ),
    )
    expect(free).toEqual([{ id: chatId }])
    expect(await engine.row(chatId)).toMatchObject({ ...(name === "title" && more), pin_order: 1 })
  },
)

it("chats that are pinned and renamed at once are all pinned and renamed, each at a place of its own", async () => {
  const [renamed = "", ...others] = [await pinned("first"), await pinned("second"), await pinned("third")]
  for (let round = 0; round < 10; round += 1) {
    await Promise.all([
      engine.patch(renamed, { title: `Round ${round}`, pin_order: 1 + (round % 5) }, `key-round-${round}`),
      ...others.map((id, index) => engine.patch(id, { pin_order: 1 + index + (round % 3) })),
    ])
  }
  expect((await engine.row(renamed)).title).toBe("Round 9")
  const rows = await engines.query<{ readonly pin_order: number }>(
    (sql) => sql`select pin_order from chats where pin_order > 0 order by pin_order`,
  )
  expect(rows.map((row) => row.pin_order)).toEqual(rows.map((_, index) => index + 1))
  expect(rows.length).toBeGreaterThanOrEqual(3)
})
