import { SqlClient } from "@effect/sql"
import { Effect, Layer, ManagedRuntime } from "effect"
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { insertChats } from "../../../test/support/raw-rows.ts"
import { buffersOf, explain, recordStatements } from "../../../test/support/sent-plans.ts"
import { jsonb } from "../engine/jsonb.ts"
import { ChatReads } from "./reads.ts"
import { type ChatRow, SHOWN_COLUMNS } from "./rows.ts"

const database = useTestDatabase()
const runtime = ManagedRuntime.make(
  Layer.unwrapEffect(Effect.sync(() => Layer.provide(ChatReads.layer, database.layer))),
)
afterAll(() => runtime.dispose())

type Reads = Effect.Effect.Success<typeof ChatReads>

const read = <A, E>(of: (reads: Reads) => Effect.Effect<A, E>): Promise<A> =>
  runtime.runPromise(Effect.flatMap(ChatReads, of).pipe(Effect.orDie))

const query = <Row extends object>(build: (sql: SqlClient.SqlClient) => Effect.Effect<ReadonlyArray<Row>, unknown>) =>
  database.run(Effect.flatMap(SqlClient.SqlClient, build).pipe(Effect.orDie))

/** 200 tools as a client may bring them, of no two the same: 270 KB. */
const tools = () =>
  Array.from({ length: 200 }, () => ({
    name: randomBytes(8).toString("hex"),
    description: randomBytes(670).toString("hex"),
  }))

const CHATS = 60
let owner = ""
let ids: ReadonlyArray<string> = []

beforeAll(async () => {
  const chats = await query((sql) => insertChats(sql, CHATS))
  ids = chats.map(({ id }) => id)
  owner = chats[0]?.owner_id ?? ""
  for (const id of ids) {
    const wide = jsonb(tools())
    await query(
      (sql) => sql`update chats set dynamic_tools = ${wide}::jsonb, tool_policy = ${wide}::jsonb where id = ${id}`,
    )
  }
  // A family, so that the chats below one are in lists as well.
  await query(
    (sql) => sql`update chats set parent_chat_id = ${ids[0] ?? ""}, root_chat_id = ${ids[0] ?? ""}
    where id in ${sql.in(ids.slice(CHATS / 2))}`,
  )
  await query((sql) => sql`vacuum analyze chats`)
}, 60_000)

const page = { limit: 200, offset: 0, archived: false, labels: [] }

describe.each<[string, (reads: Reads) => Effect.Effect<unknown, unknown>, number]>([
  ["a list", (reads) => reads.listRoots(owner, page), CHATS / 2],
  ["a list by labels", (reads) => reads.listRoots(owner, { ...page, labels: [{}] }), CHATS / 2],
  ["a list of the chats below others", (reads) => reads.listChildren(ids, false), CHATS / 2],
  ["what is read of changed chats", (reads) => reads.listByIds(ids), CHATS],
  ["a chat that somebody looks at", (reads) => reads.get(ids[0] ?? ""), 1],
  ["what a reader of a stream is told", (reads) => reads.standing(ids[0] ?? ""), 1],
])("%s", (_, work, count) => {
  it("names what it reads, and none of it is wide", async () => {
    const [statement, ...others] = await recordStatements(() => read(work), ["from chats"])
    expect(others).toEqual([])
    expect(statement?.text).not.toMatch(/dynamic_tools|tool_policy|\*/)
  })

  it("takes memory in proportion to what is shown, in the database and here", async () => {
    const [statement] = await recordStatements(() => read(work), ["from chats"])
    const rows: unknown = await read(work)
    expect(JSON.stringify(rows).length).toBeLessThan(count * 2_500)
    const explained = await explain(database.url, statement ?? { text: "", values: [] }, ["analyze", "buffers"])
    // A chat's tools alone have 35 pages.
    expect(buffersOf(explained)).toBeLessThan(60 + count * 8)
  })
})

describe("the columns of a shown chat", () => {
  it("are those of no more than a few hundred bytes, whatever a caller sends", () => {
    const unbounded: ReadonlyArray<keyof ChatRow> = ["dynamic_tools", "tool_policy", "user_acl", "group_acl"]
    expect(SHOWN_COLUMNS.filter((column) => unbounded.includes(column))).toEqual([])
  })

  it("say of those with whom it is shared only that there are any", async () => {
    const id = ids[1] ?? ""
    const shared = async () => (await read((reads) => reads.listByIds([id])))[0]?.shared
    expect(await shared()).toBe(false)
    await query((sql) => sql`update chats set group_acl = '{"everyone": "read"}' where id = ${id}`)
    expect(await shared()).toBe(true)
  })
})

describe("the place in the line for a slot", () => {
  it("is that among all that wait, and of those that do not there is none", async () => {
    const line = [3, 1, 4, 0].map((index) => ids[index] ?? "")
    for (const [place, id] of line.entries()) {
      await query(
        (sql) => sql`
        update chats set activity = 'pending', waits_for_slot = true, yielded = ${place === 0},
          pending_since = '2026-01-01'::timestamptz + make_interval(secs => ${place === 0 ? 99 : place}) where id = ${id}`,
      )
    }
    // One has its slot already.
    await query(
      (sql) => sql`update chats set activity = 'pending', waits_for_slot = true, pending_since = '2025-01-01',
      admitted_at = now() where id = ${ids[2] ?? ""}`,
    )
    const rows = await read((reads) => reads.listByIds(ids))
    const places = rows.flatMap(({ id, queue_position }) =>
      queue_position === null ? [] : [[queue_position, id] as const],
    )
    expect(places.toSorted(([a], [b]) => a - b)).toEqual(line.map((id, index) => [index + 1, id]))
    expect(await Promise.all(line.map((id) => read((reads) => reads.queuePositionOf(id))))).toEqual([1, 2, 3, 4])
  })
})
