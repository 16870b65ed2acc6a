import { SqlClient } from "@effect/sql"
import { Effect, Layer, ManagedRuntime } from "effect"
import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { insertChats } from "../../../test/support/raw-rows.ts"
import { buffersOf, explain, planNodes, recordStatements } from "../../../test/support/sent-plans.ts"
import { ChatReads } from "./reads.ts"
import { SharedChatReads } from "./shared-chats.ts"
import type { Roots } from "./shown-chats.ts"

/** Lists of chats that others share with somebody, among many that they do not. */

const database = useTestDatabase()
const runtime = ManagedRuntime.make(
  Layer.unwrapEffect(
    Effect.sync(() => Layer.provide(Layer.merge(ChatReads.layer, SharedChatReads.layer), database.layer)),
  ),
)
afterAll(() => runtime.dispose())

const query = <Row extends object>(build: (sql: SqlClient.SqlClient) => Effect.Effect<ReadonlyArray<Row>, unknown>) =>
  database.run(Effect.flatMap(SqlClient.SqlClient, build).pipe(Effect.orDie))

const OTHERS = 20_000
const OWN = 400
/** One in so many is shared with the reader by name, and as many with a group of his. */
const EACH = 200
const reader = randomUUID()
const group = randomUUID()
let organization = ""
let roots: { readonly [Source in "own" | "shared" | "all"]: Roots }

beforeAll(async () => {
  const [first] = await query((sql) => insertChats(sql, 1))
  const [house] = await query(
    (sql) => sql<{ readonly id: string }>`select organization_id as id from chats where id = ${first?.id ?? ""}`,
  )
  organization = house?.id ?? ""
  await query(
    (sql) => sql`insert into users (id, email, username, password_hash, status, login_type)
      values (${reader}, 'reader@example.com', 'reader', 'x', 'active', 'password')`,
  )
  const copies = (owner: string, count: number) =>
    query(
      (sql) => sql`
        insert into chats (id, owner_id, organization_id, activity, machine_version, last_model_config_id, updated_at, title,
          pin_order, user_acl, group_acl)
        select gen_random_uuid(), ${owner}, organization_id, 'waiting', machine_version, last_model_config_id,
          -- Three at a time have the same instant.
          '2026-01-01'::timestamptz + make_interval(mins => n / 3), n::text, case when n <= 3 then n else 0 end,
          case when ${owner} <> ${reader} and n % ${EACH} = 0 then jsonb_build_object(${reader}::text, 'read') else '{}' end,
          case when ${owner} <> ${reader} and n % ${EACH} in (0, 1) then jsonb_build_object(${group}::text, 'read') else '{}' end
        from chats, generate_series(1, ${count}) n where id = ${first?.id ?? ""}`,
    )
  await copies(first?.owner_id ?? "", OTHERS)
  await copies(reader, OWN)
  await query((sql) => sql`vacuum analyze chats`)
  const shared = { userId: reader, groupIds: [organization, group], organizationIds: [organization] }
  roots = { own: { own: reader }, shared: { shared }, all: { own: reader, shared } }
}, 60_000)

const page = { limit: 50, offset: 0, archived: false, labels: [] }
const list = (whose: Roots, more: Partial<typeof page> & { readonly afterId?: string } = {}) =>
  runtime.runPromise(
    Effect.flatMap(ChatReads, (reads) => reads.listRoots(whose, { ...page, ...more })).pipe(Effect.orDie),
  )

const BY_SHARING = ["chats_user_acl", "chats_group_acl"]
const OF_OWNER = [expect.stringMatching(/^chats_(sidebar|by_status)$/)]

describe.each([
  ["own", OF_OWNER],
  ["shared", BY_SHARING],
  ["all", [...BY_SHARING, ...OF_OWNER]],
] as const)("the list of chats that are %s", (source, byIndexes) => {
  it("is one statement, which reads no more than what is shared and shown", async () => {
    const [statement, ...others] = await recordStatements(() => list(roots[source]), ["from chats"])
    expect(others).toEqual([])
    const explained = await explain(database.url, statement ?? { text: "", values: [] }, ["analyze", "buffers"])
    const scanned = planNodes(explained.Plan).filter((node) => node["Relation Name"] === "chats")
    expect(scanned.map((node) => node["Node Type"])).not.toContain("Seq Scan")
    const indexes = planNodes(explained.Plan).flatMap((node) => node["Index Name"] ?? [])
    expect(indexes).toEqual(expect.arrayContaining([...byIndexes]))
    expect(buffersOf(explained)).toBeLessThan(1_500)
  })

  it("read by pages is the whole list, each chat once and in its order", async () => {
    const whole = (await list(roots[source], { limit: 10_000 })).map(({ id }) => id)
    expect(whole).toHaveLength({ own: OWN, shared: 200, all: OWN + 200 }[source])
    const found: Array<string> = []
    for (let rows = await list(roots[source]); ;) {
      found.push(...rows.map(({ id }) => id))
      if (rows.length < page.limit) break
      rows = await list(roots[source], { afterId: found.at(-1) ?? "" })
    }
    expect(found).toEqual(whole)
    expect((await list(roots[source], { offset: 30 })).map(({ id }) => id)).toEqual(whole.slice(30, 80))
  })
})

describe("the chats that somebody is told of", () => {
  it("are found by the indexes of sharing, however many are not shared", async () => {
    const look = () =>
      runtime.runPromise(
        Effect.flatMap(SharedChatReads, (reads) => reads.naming([reader], [organization, group])).pipe(Effect.orDie),
      )
    expect(await look()).toHaveLength(200)
    const [statement] = await recordStatements(look, ["xmin"])
    const explained = await explain(database.url, statement ?? { text: "", values: [] }, ["analyze", "buffers"])
    expect(planNodes(explained.Plan).map((node) => node["Node Type"])).not.toContain("Seq Scan")
    expect(buffersOf(explained)).toBeLessThan(500)
  })
})
