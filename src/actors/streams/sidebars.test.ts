import { SqlClient } from "@effect/sql"
import { Effect, Layer, Logger, ManagedRuntime } from "effect"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { holdReads } from "../../../test/support/held-reads.ts"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { insertChats } from "../../../test/support/raw-rows.ts"
import { refuseWrites } from "../../../test/support/refused-writes.ts"
import type { ChatWatchEvent } from "../../contract/stream.ts"
import { ChatReads } from "../../db/chats/reads.ts"
import { ChatFeed, type ChatNews } from "./chat-feed.ts"
import { Sidebars } from "./sidebars.ts"

const database = useTestDatabase()
const log: Array<string> = []
const runtime = ManagedRuntime.make(
  Layer.unwrapEffect(
    Effect.sync(() =>
      Sidebars.layer.pipe(
        Layer.provideMerge(ChatFeed.layer),
        Layer.provide(ChatReads.layer.pipe(Layer.provide(database.layer))),
        Layer.provide(
          Logger.replace(
            Logger.defaultLogger,
            Logger.map(Logger.logfmtLogger, (line) => void log.push(line)),
          ),
        ),
      ),
    ),
  ),
)

const CHATS = 1_000
let feed: ChatFeed["Type"]
let sidebars: Sidebars["Type"]
let owner = ""
let ids: ReadonlyArray<string> = []
/** One owner more, with a chat. */
let other = { id: "", owner_id: "" }

const query = (build: (sql: SqlClient.SqlClient) => Effect.Effect<unknown, unknown>) =>
  database.run(Effect.flatMap(SqlClient.SqlClient, build).pipe(Effect.orDie))

beforeAll(async () => {
  ;[feed, sidebars] = await runtime.runPromise(Effect.all([ChatFeed, Sidebars]))
  const own = await database.run(Effect.flatMap(SqlClient.SqlClient, (sql) => insertChats(sql, CHATS)))
  const others = await database.run(Effect.flatMap(SqlClient.SqlClient, (sql) => insertChats(sql, 1)))
  ids = own.map(({ id }) => id)
  owner = own[0]?.owner_id ?? ""
  other = others[0] ?? other
})
afterAll(() => runtime.dispose())

const left: Array<() => void> = []
afterEach(() => {
  for (const leave of left.splice(0)) leave()
})

/** A sidebar that is open; `takes` false for one whose socket stands still. */
const open = (ownerId = owner, { takes = true, hear = (_: ChatWatchEvent): void => undefined } = {}) => {
  const events: Array<ChatWatchEvent> = []
  const cut: Array<string> = []
  let waiting: (() => void) | undefined
  let buffered = 0
  const leave = sidebars.watch(ownerId, {
    write: (text) => {
      const event = JSON.parse(text) as ChatWatchEvent
      hear(event)
      if (!takes) buffered += text.length
      events.push(event)
      waiting?.()
    },
    bufferedBytes: () => buffered,
    onCutOff: (why) => cut.push(why),
  })
  left.push(leave)
  const until = (holds: (events: ReadonlyArray<ChatWatchEvent>) => boolean): Promise<void> =>
    new Promise((resolve) => {
      waiting = () => {
        if (holds(events)) resolve()
      }
      waiting()
    })
  return {
    events,
    cut,
    leave,
    until,
    /** Waits until it has been told of a change of this chat, and so of all that came before. */
    heard: (chatId: string) => until((seen) => seen.some(({ chat }) => chat.id === chatId)),
    told: () => events.map(({ chat, kind }) => [chat.id, kind]),
  }
}

const publish = (chatId: string, kind: ChatNews["kind"] = "status_change", ownerId = owner) =>
  feed.publish({ chatId, kind, ownerId })

const isRead = (text: string) => text.includes("c.id = any(")
const id = (index: number) => ids[index] ?? ""

describe("a sidebar", () => {
  it("is one of many for which each changed chat is read once, and all are told the same", async () => {
    const reads = holdReads(isRead, false)
    const tabs = Array.from({ length: 25 }, () => open())
    for (let change = 0; change < 500; change++)
      publish(id(change % 40), change < 250 ? "status_change" : "title_change")
    await Promise.all(tabs.map((tab) => tab.until((events) => events.length === 80)))
    expect(reads.count()).toBe(1)
    const kinds = ["status_change", "title_change"]
    expect(tabs[0]?.told()).toEqual(ids.slice(0, 40).flatMap((chatId) => kinds.map((kind) => [chatId, kind])))
    for (const tab of tabs) expect(tab.events).toEqual(tabs[0]?.events)
  })

  it("is told of a thousand chats that change at once, a hundred of them with each statement", async () => {
    const reads = holdReads(isRead, false)
    const tab = open()
    for (const chatId of ids) publish(chatId)
    await tab.until((events) => events.length === CHATS)
    expect(reads.count()).toBe(10)
    expect(tab.told()).toEqual(ids.map((chatId) => [chatId, "status_change"]))
    expect(tab.cut).toEqual([])
  })

  it("is told of a chat that changes while it is read once more, as it is in the end", async () => {
    const reads = holdReads(isRead)
    const tab = open()
    publish(id(0), "created")
    await expect.poll(reads.count).toBe(1)
    for (let change = 0; change < 1_000; change++) publish(id(0), "title_change")
    await query((sql) => sql`update chats set title = 'newer' where id = ${id(0)}`)
    reads.letGo()
    await tab.until((events) => events.length === 2)
    publish(id(1))
    await tab.heard(id(1))
    expect(tab.told()).toEqual([
      [id(0), "created"],
      [id(0), "title_change"],
      [id(1), "status_change"],
    ])
    expect(tab.events[1]?.chat.title).toBe("newer")
    expect(reads.count()).toBe(3)
  })

  it("is never told an older state of a chat after a newer one", async () => {
    const tab = open()
    for (let version = 1; version <= 30; version++) {
      await query((sql) => sql`update chats set title = ${String(version)} where id = ${id(2)}`)
      publish(id(2), "title_change")
    }
    await tab.until((events) => events.some(({ chat }) => chat.title === "30"))
    const seen = tab.events.map(({ chat }) => Number(chat.title))
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  })

  it("that takes nothing is cut off when it is a megabyte behind, and holds up nobody", async () => {
    const stalled = open(owner, { takes: false })
    const tab = open()
    for (let round = 0; round < 2; round++) {
      for (const chatId of ids) publish(chatId)
      await tab.until((events) => events.length === CHATS * (round + 1))
    }
    expect(stalled.cut).toEqual(["slow"])
    expect(JSON.stringify(stalled.events).length).toBeLessThan(1.2 * 1024 * 1024)
    expect(tab.cut).toEqual([])
  })

  it("whose connection throws is cut off alone", async () => {
    const broken = open(owner, {
      hear: () => {
        throw new Error("a bug")
      },
    })
    const tab = open()
    publish(id(0))
    publish(id(1))
    await tab.heard(id(1))
    expect(broken.cut).toEqual(["broken"])
    expect(tab.told()).toHaveLength(2)
  })

  it("is told nothing of a chat that is deleted before it is read", async () => {
    const [gone] = await database.run(Effect.flatMap(SqlClient.SqlClient, (sql) => insertChats(sql, 1)))
    const { id: chatId, owner_id: ownerId } = gone ?? { id: "", owner_id: "" }
    const reads = holdReads(isRead)
    const tab = open(ownerId)
    publish(chatId, "title_change", ownerId)
    // Not this owner's, in truth: it is only there to be told last.
    publish(id(0), "status_change", ownerId)
    await expect.poll(reads.count).toBe(1)
    await query((sql) => sql`delete from chats where id = ${chatId}`)
    reads.letGo()
    await tab.heard(id(0))
    expect(tab.told()).toEqual([[id(0), "status_change"]])
  })

  it("is told of its owner's chats alone, and what nobody watches is not read", async () => {
    const reads = holdReads(isRead, false)
    const tab = open()
    publish(other.id, "created", other.owner_id)
    publish(id(0))
    await tab.heard(id(0))
    const visitor = open(other.owner_id)
    publish(id(1))
    publish(other.id, "status_change", other.owner_id)
    await Promise.all([tab.heard(id(1)), visitor.heard(other.id)])
    tab.leave()
    visitor.leave()
    publish(id(2))
    expect(tab.told()).toEqual([
      [id(0), "status_change"],
      [id(1), "status_change"],
    ])
    expect(visitor.told()).toEqual([[other.id, "status_change"]])
    expect(reads.count()).toBe(2)
  })
})

describe("a database", () => {
  it("that refuses to read one chat keeps no other from being told, and the feed goes on", async () => {
    const refused = refuseWrites("22P02", (text, parameters) => isRead(text) && parameters.includes(id(1)))
    const tab = open()
    for (const index of [0, 1, 2]) publish(id(index))
    await tab.heard(id(2))
    expect(tab.told().map(([chatId]) => chatId)).toEqual([id(0), id(2)])
    expect(log.filter((line) => line.includes(id(1)))).toHaveLength(1)
    refused.lift()
    publish(id(1))
    await tab.heard(id(1))
  })

  it.each(["57P01", "53300"])(
    "that is away (%s) is waited for, and then all is told as it is by then",
    async (code) => {
      const refused = refuseWrites(code, isRead)
      const tab = open()
      publish(id(0), "created")
      publish(id(1))
      await expect.poll(refused.count, { timeout: 10_000 }).toBeGreaterThan(2)
      for (let change = 0; change < 1_000; change++) publish(id(change % 3), "title_change")
      await query((sql) => sql`update chats set title = ${`after ${code}`} where id = ${id(0)}`)
      refused.lift()
      await tab.until((events) => events.length === 5)
      const kindsOf = (chatId: string) => tab.told().flatMap(([told, kind]) => (told === chatId ? [kind] : []))
      expect([kindsOf(id(0)), kindsOf(id(1)), kindsOf(id(2))]).toEqual([
        ["created", "title_change"],
        ["status_change", "title_change"],
        ["title_change"],
      ])
      expect(tab.events.find(({ chat }) => chat.id === id(0))?.chat.title).toBe(`after ${code}`)
    },
  )
})
