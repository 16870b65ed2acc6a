import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { useChatServer } from "../../support/chat-server.ts"
import { Client } from "../../support/client.ts"
import { explain, planNodes, recordStatements } from "../../support/sent-plans.ts"
import { PASSWORD, joined } from "./people-client.ts"

/** Lists of a deployment that many share: a page costs what is on it, not what there is. Times: `npm run bench -- --only people`. */

const ACCOUNTS = 100_000
const GROUP = 10_000
const SHARED = 3_000

const server = useChatServer()
let organizationId = ""
let groupId = ""
let reader: Client

const query = <A>(of: (sql: SqlClient.SqlClient) => Effect.Effect<A, unknown>) =>
  server.database.run(Effect.flatMap(SqlClient.SqlClient, of))

beforeAll(async () => {
  const { user, client } = await joined(server.client, "reader", server.url)
  reader = client
  organizationId = user.organization_ids[0] ?? ""
  const chat = await server.client.createChat("shared by the hundred")
  await query((sql) =>
    sql.withTransaction(
      Effect.gen(function* () {
        yield* sql`
          insert into users (id, username, email, name, status, site_roles, password_hash, last_seen_at)
          select gen_random_uuid(), 'user-' || lpad(n::text, 6, '0'), 'user' || n || '@example.com',
                 'Person ' || md5(n::text), (array['active', 'dormant', 'suspended'])[1 + n % 3],
                 case when n % 5000 = 0 then '{auditor}'::text[] else '{}' end, 'x', now() - n * interval '1 minute'
          from generate_series(1, ${ACCOUNTS}) n`
        yield* sql`
          insert into organization_members (organization_id, user_id, roles)
          select ${organizationId}::uuid, id, '{agents-access}' from users where username like 'user-%'`
        const [made] = yield* sql<{ id: string }>`
          insert into groups (id, organization_id, name) values (gen_random_uuid(), ${organizationId}::uuid, 'many') returning id`
        groupId = made?.id ?? ""
        yield* sql`
          insert into group_members (group_id, organization_id, user_id)
          select ${groupId}::uuid, ${organizationId}::uuid, id from users where username like 'user-%' order by username limit ${GROUP}`
        yield* sql`
          insert into chats (id, owner_id, organization_id, activity, machine_version, last_model_config_id, title, user_acl, updated_at)
          select gen_random_uuid(), owner_id, organization_id, 'waiting', machine_version, last_model_config_id, 'chat ' || n,
                 case when n % 10 = 0 then jsonb_build_object(${user.id}::text, 'read') else '{}' end, now() - n * interval '1 second'
          from chats, generate_series(1, ${SHARED * 10}) n where id = ${chat.id}`
      }),
    ),
  )
  for (const table of ["users", "organization_members", "group_members", "chats"]) {
    await query((sql) => sql`vacuum analyze ${sql(table)}`)
  }
}, 120_000)
afterAll(() => {
  vi.restoreAllMocks()
})

const told = async (client: Client, path: string) => {
  const reply = await client.call("GET", path)
  expect(reply.status).toBe(200)
  return reply.body
}

const SHARED_LIST = "/chats?q=source%3ashared_with_me&limit=50"

const lastOf = async (offset: number): Promise<string> => {
  const { body } = await server.client.call("GET", `/users?limit=1&offset=${offset}`)
  return (body as { users: [{ id: string }] }).users[0].id
}

describe(`of ${ACCOUNTS} accounts`, () => {
  it.each([
    ["the first page", "/users?limit=25", 100_002],
    ["a page far down, by number", "/users?limit=25&offset=99000", 100_002],
    ["those with a name", "/users?limit=25&q=user-05000", 10],
    ["those with a piece of an address", "/users?limit=25&q=r77777@", 1],
    ["those with a piece of a name that nobody has", "/users?limit=25&q=nowhere-at-all", 0],
    ["those that are suspended", "/users?limit=25&q=status:suspended", 33_333],
    ["those with a role", "/users?limit=25&q=role:auditor", 20],
    ["those seen since a time", "/users?limit=25&q=last_seen_before:2001-01-01", 0],
  ])("%s is told", async (_name, path, count) => {
    expect(await told(server.client, path)).toMatchObject({ count })
  })

  it("a page far down, after the one before, is told", async () => {
    const body = await told(server.client, `/users?limit=25&after_id=${await lastOf(99_000)}`)
    expect((body as { users: ReadonlyArray<unknown> }).users).toHaveLength(25)
  })

  it("members of the organization and of a group of 10,000 come by the page", async () => {
    const members = await told(server.client, `/organizations/${organizationId}/paginated-members?limit=25`)
    expect((members as { members: ReadonlyArray<unknown> }).members).toHaveLength(25)
    const group = await told(server.client, `/groups/${groupId}?limit=25&offset=9000`)
    expect(JSON.stringify(group)).toContain("10000")
  })

  it("what is shared with a reader of many chats comes by the page", async () => {
    const chats = await told(reader, `${SHARED_LIST}&offset=1000`)
    expect(chats as ReadonlyArray<unknown>).toHaveLength(50)
    await told(reader, SHARED_LIST)
  })

  it("signing in finds its account among them", async () => {
    const again = await Client.signIn(server.url, { email: "reader@example.com", password: PASSWORD })
    expect((await again.call("GET", "/users/me")).body).toMatchObject({ username: "reader" })
  })
})

const EVERYTHING = ["from users u", "organization_members", "from chats c"]
/** The page itself. How many there are in all is counted, and for many the database may as well read the table. */
const PAGE = ["order by lower(u.username)"]
const TABLES = ["users", "organization_members", "group_members", "chats"]

/** What a request sends that reads a table from its beginning to its end. */
const wholeReads = async (client: Client, path: string, words: ReadonlyArray<string> = EVERYTHING) => {
  const sent = await recordStatements(() => client.call("GET", path), words)
  expect(sent.length).toBeGreaterThan(0)
  const found: Array<string> = []
  for (const statement of sent) {
    for (const node of planNodes((await explain(server.database.url, statement)).Plan)) {
      if (node["Node Type"] === "Seq Scan" && TABLES.includes(node["Relation Name"] ?? "")) {
        found.push(`${node["Relation Name"]}: ${statement.text.trim().slice(0, 100)}`)
      }
    }
  }
  return found
}

describe("an index leads", () => {
  it.each([
    ["to a word", "/users?limit=25&q=user-05000"],
    ["to a piece of an address", "/users?limit=25&q=r77777@"],
    ["to a name that nobody has", "/users?limit=25&q=nowhere-at-all"],
    ["to those with a role", "/users?limit=25&q=role:auditor"],
  ])("%s", async (_name, path) => {
    expect(await wholeReads(server.client, path)).toEqual([])
  })

  it.each([
    ["to those with a status", "/users?limit=25&q=status:suspended"],
    ["to the first page of all", "/users?limit=25"],
    ["to a page after another, far down", "/users?limit=25&after_id="],
  ])("%s", async (_name, path) => {
    const after = path.endsWith("=") ? await lastOf(99_000) : ""
    expect(await wholeReads(server.client, `${path}${after}`, PAGE)).toEqual([])
  })

  it("to what is shared with a reader", async () => {
    expect(await wholeReads(reader, SHARED_LIST)).toEqual([])
  })
})
