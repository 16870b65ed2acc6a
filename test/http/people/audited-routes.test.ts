import { HttpApi } from "@effect/platform"
import { Arbitrary, FastCheck, Option, type Schema } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { deploymentSettings } from "../../../src/contract/deployment-settings.ts"
import { TroupeApi } from "../../../src/http/families.ts"
import { useChatServer } from "../../support/chat-server.ts"
import { Client } from "../../support/client.ts"
import { OWNER } from "../../support/server-process.ts"
import type { Person } from "../mutating-call.ts"
import { API_KEY, mutatingCalls } from "../mutating-calls.ts"
import { joined } from "./people-client.ts"

/**
 * Every route that changes something writes down that it did, in the transaction of the change: one row, none where it was refused,
 * and no change where the row cannot be written.
 */

const server = useChatServer()
const { calls, script, addPerson, query } = mutatingCalls(server)
let person: Person
let stranger: Client

/** What belongs to the conversation is told by the chat's own journal. */
const CONVERSATION = "what is said and done in a chat stands in its journal"
const OF_ONESELF = "how somebody likes to see things is nobody else's business"

/** Routes that leave no row, and why. */
const UNTOLD: Readonly<Record<string, string>> = {
  "POST /authcheck": "it changes nothing",
  "PUT /users/:user/appearance": OF_ONESELF,
  "PUT /users/:user/preferences": OF_ONESELF,
  "POST /chats/:chat/messages": CONVERSATION,
  "PATCH /chats/:chat/messages/:message": CONVERSATION,
  "POST /chats/:chat/interrupt": CONVERSATION,
  "POST /chats/:chat/retry": CONVERSATION,
  "POST /chats/:chat/compact": CONVERSATION,
  "POST /chats/:chat/clear": CONVERSATION,
  "DELETE /chats/:chat/queue/:queued": CONVERSATION,
  "PATCH /chats/:chat/queue/:queued": CONVERSATION,
  "POST /chats/:chat/queue/:queued/promote": CONVERSATION,
  "POST /chats/:chat/tool-results": CONVERSATION,
  "POST /chats/:chat/tool-calls/:id/stop": CONVERSATION,
  "POST /chats/:chat/reconcile-invalid": CONVERSATION,
}

/** Rows beside the one of the route: other things that it changes. */
const BESIDE: Readonly<Record<string, ReadonlyArray<string>>> = {
  "POST /users": ["create organization_member"],
}

const mutatingRoutes = () => {
  const routes: Array<string> = []
  HttpApi.reflect(TroupeApi, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint }) => {
      if (endpoint.method !== "GET") routes.push(`${endpoint.method} ${endpoint.path.slice("/api/v2".length)}`)
    },
  })
  return routes.sort()
}

/** A value of each setting that is not what counts without it. */
const otherValueOf = (setting: (typeof deploymentSettings)[number]): unknown => {
  const declared: Option.Option<Schema.Schema.All> = setting.put.payloadSchema
  const schema = Option.getOrThrow(declared) as Schema.Schema<unknown>
  const standard = JSON.stringify(setting.default)
  const differs = FastCheck.sample(
    Arbitrary.make(schema).filter((value) => JSON.stringify(value) !== standard),
    { numRuns: 1, seed: 1 },
  )
  return differs[0]
}
const settings = new Map<string, (typeof deploymentSettings)[number]>(
  deploymentSettings.map((setting) => [`PUT ${setting.put.path}`, setting]),
)

const rows = async () =>
  (
    await query<{ told: string }>(
      (sql) => sql`select action || ' ' || resource_type as told from audit_log order by time, id`,
    )
  ).map(({ told }) => told)

/** All that people have set up, as text: nothing of it changes unless somebody changes it. */
const TABLES = [
  "users",
  "organizations",
  "organization_members",
  "groups",
  "group_members",
  "custom_roles",
  "providers",
  "model_configs",
  "site_configs",
] as const

const state = async () => {
  const parts = []
  for (const table of TABLES) {
    parts.push(
      ...(await query<{ line: string }>(
        (sql) => sql`select (to_jsonb(t) - 'last_seen_at')::text as line from ${sql(table)} t order by 1`,
      )),
    )
  }
  parts.push(
    ...(await query<{ line: string }>((sql) => sql`select id || expires_at::date as line from api_keys order by 1`)),
  )
  parts.push(
    ...(await query<{ line: string }>(
      (sql) => sql`
        select concat(id, title, labels, archived, pin_order, tool_policy, plan_mode, user_acl, group_acl) as line
        from chats order by 1`,
    )),
  )
  return parts.map(({ line }) => line)
}

/** While this runs nothing can be written down. */
const withoutAudit = async <A>(work: () => Promise<A>): Promise<A> => {
  await query((sql) => sql`create trigger refuse_audit before insert on audit_log execute function refuse_audit()`)
  try {
    return await work()
  } finally {
    await query((sql) => sql`drop trigger refuse_audit on audit_log`)
  }
}

beforeAll(async () => {
  script()
  await query((sql) => sql`create table site_config_writes (key text)`)
  await query(
    (sql) => sql`create function refuse_audit() returns trigger language plpgsql as $$
      begin raise exception 'nothing is written down' using errcode = 'check_violation'; end $$`,
  )
  person = await addPerson("alice")
  stranger = (await joined(server.client, "stranger", server.url)).client
}, 60_000)

const prepared = async (route: string) => {
  const call = await calls[route]?.(person)
  if (call === undefined) throw new Error(`nobody has made ${route} possible`)
  const setting = settings.get(route)
  if (setting === undefined) return call.run
  const body = otherValueOf(setting)
  return (key: string) => person.client.call("PUT", setting.put.path, { body, headers: { "idempotency-key": key } })
}

it("is tried with every route that changes something, and the exceptions are such routes", () => {
  const routes = mutatingRoutes()
  expect([...Object.keys(calls), "POST /users/first"].sort()).toEqual(routes)
  expect(Object.keys(UNTOLD).filter((route) => !routes.includes(route))).toEqual([])
})

const told = Object.keys(calls).filter((route) => UNTOLD[route] === undefined)

describe.each(told)("%s", (route) => {
  it("leaves one row, and nothing at all where the row cannot be written", async () => {
    const before = await rows()
    const run = await prepared(route)
    const ready = await rows()
    expect(ready.length).toBeGreaterThanOrEqual(before.length)

    const unchanged = await state()
    const failed = await withoutAudit(() => run("without a record"))
    expect(failed.status).toBeGreaterThanOrEqual(400)
    expect(await rows()).toEqual(ready)
    expect(await state()).toEqual(unchanged)

    const reply = await run("with a record")
    expect(reply.status).toBeLessThan(300)
    const left = (await rows()).slice(ready.length)
    const beside = [...(BESIDE[route] ?? [])]
    expect(left.filter((row) => !beside.includes(row))).toHaveLength(1)
    expect(left.filter((row) => beside.includes(row))).toEqual(beside)
  }, 60_000)
})

describe.each(Object.keys(UNTOLD))("%s", (route) => {
  it("leaves none", async () => {
    const run = await prepared(route)
    const ready = await rows()
    expect((await run("untold")).status).toBeLessThan(300)
    expect(await rows()).toEqual(ready)
  })
})

it("leaves none where it is refused, whatever was asked", async () => {
  const ready = await rows()
  for (const route of Object.keys(calls)) {
    const [method = "", path = ""] = route.split(" ")
    if (path === "/users/logout" || path.startsWith("/users/:user/")) continue
    const reply = await stranger.call(method, path.replaceAll(/:(\w+)/g, "00000000-0000-4000-8000-000000000000"), {
      body: {},
    })
    expect(reply.status).toBeGreaterThanOrEqual(route === "POST /authcheck" ? 200 : 400)
  }
  await new Client(server.url).call("POST", "/users/login", { body: { email: OWNER.email, password: "not his" } })
  expect(await rows()).toEqual(ready)
})

it("keeps no secret that was used: not in the log of changes, and nowhere in the database", async () => {
  const tables = await query<{ name: string }>(
    (sql) =>
      sql`select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  )
  const found: Array<string> = []
  for (const secret of [API_KEY, OWNER.password, person.password, "a staple and a horse", "a long enough password"]) {
    for (const { name } of tables) {
      const hits = await query(
        (sql) => sql`select from ${sql(name)} t where strpos(to_jsonb(t)::text, ${secret}) > 0 limit 1`,
      )
      if (hits.length > 0) found.push(`${secret} in ${name}`)
    }
  }
  expect(found).toEqual([])
  // The search finds what is there.
  expect(
    await query((sql) => sql`select from users t where strpos(to_jsonb(t)::text, ${person.email}) > 0`),
  ).toHaveLength(1)
})
