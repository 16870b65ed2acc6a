import { SqlClient } from "@effect/sql"
import { Effect, Layer, ManagedRuntime } from "effect"
import { randomBytes, randomUUID } from "node:crypto"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { insertChats } from "../../../test/support/raw-rows.ts"
import { buffersOf, explain, planNodes, recordStatements } from "../../../test/support/sent-plans.ts"
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
  ["a list", (reads) => reads.listRoots({ own: owner }, page), CHATS / 2],
  ["a list by labels", (reads) => reads.listRoots({ own: owner }, { ...page, labels: [{}] }), CHATS / 2],
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

describe("a long list", () => {
  const MANY = 3_000
  let person = ""

  beforeAll(async () => {
    const [first] = await query((sql) => insertChats(sql, 1))
    person = first?.owner_id ?? ""
    await query(
      (sql) => sql`
        insert into chats (id, owner_id, organization_id, activity, machine_version, last_model_config_id, updated_at, title,
          pin_order, archived)
        select gen_random_uuid(), owner_id, organization_id, case when n % 500 = 1 then 'pending' else 'waiting' end,
          machine_version, last_model_config_id,
          -- Three at a time have the same instant, and one in ten differs by a microsecond only.
          '2026-01-01'::timestamptz + make_interval(mins => n / 3) + make_interval(secs => (n % 10) / 1000000.0), n::text,
          case when n <= 7 then n else 0 end, n > 7 and n % 50 = 0
        from chats, generate_series(1, ${MANY}) n where id = ${first?.id ?? ""}`,
    )
    await query((sql) => sql`vacuum analyze chats`)
  }, 60_000)

  const pagesOf = async (limit: number, archived: boolean) => {
    const pages: Array<ReadonlyArray<string>> = []
    for (;;) {
      const afterId = pages.at(-1)?.at(-1)
      const rows = await read((reads) =>
        reads.listRoots({ own: person }, { ...page, archived, limit, ...(afterId !== undefined && { afterId }) }),
      )
      pages.push(rows.map(({ id }) => id))
      if (rows.length < limit) return pages
    }
  }

  it.each([
    [5, false],
    [200, false],
    [7, true],
  ])(
    "read by pages of %i (archived: %s) is the whole list, each chat once and in its order",
    async (limit, archived) => {
      const pages = await pagesOf(limit, archived)
      const whole = await read((reads) => reads.listRoots({ own: person }, { ...page, archived, limit: MANY + 1 }))
      expect(pages.flat()).toEqual(whole.map(({ id }) => id))
      expect(whole.length).toBeGreaterThan(50)
    },
    60_000,
  )

  const costOf = async (work: (reads: Reads) => Effect.Effect<unknown, unknown>) => {
    const statements = await recordStatements(() => read(work), ["join users"])
    const explained = await explain(database.url, statements[0] ?? { text: "", values: [] }, ["analyze", "buffers"])
    return {
      buffers: buffersOf(explained),
      indexes: planNodes(explained.Plan).flatMap((node) => node["Index Name"] ?? []),
    }
  }

  it("far down costs what its beginning costs", async () => {
    const pages = await pagesOf(200, false)
    const top = await costOf((reads) => reads.listRoots({ own: person }, { ...page, limit: 20 }))
    const deep = await costOf((reads) =>
      reads.listRoots({ own: person }, { ...page, limit: 20, afterId: pages.at(-2)?.at(-1) ?? "" }),
    )
    expect([top.indexes, deep.indexes].map((names) => names.includes("chats_sidebar"))).toEqual([true, true])
    expect(deep.buffers).toBeLessThanOrEqual(top.buffers + 20)
  }, 60_000)

  it("is searched for the few of a status by their own index", async () => {
    const few = { ...page, statuses: ["pending", "running", "requires_action"] as const }
    const rows = await read((reads) => reads.listRoots({ own: person }, few))
    expect(rows.map(({ title, status }) => [title, status])).toEqual(
      ["1", "2501", "2001", "1501", "1001", "501"].map((title) => [title, "pending"]),
    )
    const { buffers, indexes } = await costOf((reads) => reads.listRoots({ own: person }, few))
    expect(indexes).toContain("chats_by_status")
    expect(buffers).toBeLessThan(60)
  })

  it("has the place of a chat that was archived meanwhile", async () => {
    const [first = []] = await pagesOf(20, false)
    const last = first.at(-1) ?? ""
    const next = () => read((reads) => reads.listRoots({ own: person }, { ...page, limit: 20, afterId: last }))
    const before = await next()
    await query((sql) => sql`update chats set archived = true where id = ${last}`)
    expect((await next()).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    expect(await read((reads) => reads.listRoots({ own: person }, { ...page, afterId: randomUUID() }))).toEqual([])
  })
})
