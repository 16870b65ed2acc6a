import { SqlClient } from "@effect/sql"
import { Effect, Layer, Logger, ManagedRuntime } from "effect"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { holdReads } from "../../../test/support/held-reads.ts"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { insertChats } from "../../../test/support/raw-rows.ts"
import { refuseWrites } from "../../../test/support/refused-writes.ts"
import type { ActivityChangeEvent } from "../../contract/stream.ts"
import { ChatBoardReads } from "../../db/chats/board.ts"
import { ChatParts } from "../../db/chats/parts.ts"
import { Boards } from "./boards.ts"
import { ChatFeed } from "./chat-feed.ts"
import { PartLog } from "./part-log.ts"

const database = useTestDatabase()
const runtime = ManagedRuntime.make(
  Layer.unwrapEffect(
    Effect.sync(() =>
      Boards.layer.pipe(
        Layer.provideMerge(ChatFeed.layer),
        Layer.provide(PartLog.layer.pipe(Layer.provide(ChatParts.layer))),
        Layer.provide(ChatBoardReads.layer),
        Layer.provide(database.layer),
        Layer.provide(Logger.remove(Logger.defaultLogger)),
      ),
    ),
  ),
)

const CHATS = 150
let feed: ChatFeed["Type"]
let boards: Boards["Type"]
let owner = ""
let ids: ReadonlyArray<string> = []
let other = { id: "", owner_id: "" }

const run = <A>(build: (sql: SqlClient.SqlClient) => Effect.Effect<A, unknown>) =>
  database.run(Effect.flatMap(SqlClient.SqlClient, build).pipe(Effect.orDie))

beforeAll(async () => {
  ;[feed, boards] = await runtime.runPromise(Effect.all([ChatFeed, Boards]))
  const own = await run((sql) => insertChats(sql, CHATS))
  ids = own.map(({ id }) => id)
  owner = own[0]?.owner_id ?? ""
  other = (await run((sql) => insertChats(sql, 1)))[0] ?? other
})
afterAll(() => runtime.dispose())

const ends: Array<() => void> = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A board that is open; `takes` false for one whose socket stands still. */
const open = ({ takes = true, hear = (): void => undefined } = {}) => {
  const events: Array<ActivityChangeEvent> = []
  const cut: Array<string> = []
  let buffered = 0
  ends.push(
    boards.watch(owner, {
      write: (text) => {
        hear()
        if (!takes) buffered += text.length
        events.push(JSON.parse(text) as ActivityChangeEvent)
      },
      bufferedBytes: () => buffered,
      onCutOff: (why) => cut.push(why),
    }),
  )
  const heard = async (count: number) => {
    await expect.poll(() => events.length, { timeout: 15_000, interval: 20 }).toBe(count)
  }
  return { events, cut, heard, told: () => events.map(({ chat_id }) => chat_id) }
}

const isRead = (text: string) => text.includes("chat_transitions")
const id = (index: number) => ids[index] ?? ""

describe("a board", () => {
  it("is one of many for which chats that change are read together, each of them once", async () => {
    const reads = holdReads(isRead, false)
    const tabs = Array.from({ length: 10 }, () => open())
    for (const chatId of ids) for (let times = 0; times < 5; times += 1) feed.stir(owner, chatId)
    await Promise.all(tabs.map((tab) => tab.heard(CHATS)))
    expect(reads.count()).toBe(2)
    for (const tab of tabs) expect([...new Set(tab.told())].sort()).toEqual([...ids].sort())
  })

  it("is told how a chat is in the end, where it changes faster than it is told", async () => {
    const tab = open()
    feed.stir(owner, id(0))
    await tab.heard(1)
    for (let version = 2; version <= 30; version += 1) feed.stir(owner, id(0))
    await run((sql) => sql`update chats set snapshot_version = 30 where id = ${id(0)}`)
    await tab.heard(2)
    expect(tab.events[1]?.version).toBe(30)
  })

  it("is told of its owner's chats alone; what nobody looks at is not read, and a closed board costs nothing", async () => {
    const reads = holdReads(isRead, false)
    feed.stir(owner, id(3))
    const tab = open()
    feed.stir(other.owner_id, other.id)
    feed.stir(owner, id(4))
    await tab.heard(1)
    expect([tab.told(), reads.count()]).toEqual([[id(4)], 1])
    for (const end of ends.splice(0)) end()
    feed.stir(owner, id(5))
    const next = open()
    feed.stir(owner, id(6))
    await next.heard(1)
    expect(next.told()).toEqual([id(6)])
  })

  it("whose connection throws, or takes nothing, is cut off alone", async () => {
    const broken = open({
      hear: () => {
        throw new Error("a bug")
      },
    })
    const tab = open()
    feed.stir(owner, id(7))
    feed.stir(owner, id(8))
    await tab.heard(2)
    expect([broken.cut, tab.cut]).toEqual([["broken"], []])
  })

  it("is told once the database is there again", async () => {
    const tab = open()
    const away = refuseWrites("57P01", isRead)
    feed.stir(owner, id(9))
    await expect.poll(away.count, { timeout: 15_000 }).toBeGreaterThan(1)
    expect(tab.events).toEqual([])
    away.lift()
    await tab.heard(1)
  })
})
