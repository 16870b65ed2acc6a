import { HttpApi } from "@effect/platform"
import { Effect } from "effect"
import { SqlClient } from "@effect/sql"
import { createHash } from "node:crypto"
import { beforeAll, describe, expect, it } from "vitest"
import { TroupeApi } from "../../src/http/families.ts"
import { openApiDocument } from "../../src/http/openapi.ts"
import { FirstUser } from "../../src/identity/first-user.ts"
import { useChatServer } from "../support/chat-server.ts"
import { Client } from "../support/client.ts"
import type { Person } from "./mutating-call.ts"
import { API_KEY, mutatingCalls } from "./mutating-calls.ts"
import { useServer } from "./server.ts"

/** A mutating call with an Idempotency-Key is carried out once, whichever route it is of. */

const server = useChatServer()
const { calls, script, addPerson, query } = mutatingCalls(server)
const people = new Map<string, Person>()
const personOf = (name: "alice" | "bob"): Person => {
  const person = people.get(name)
  if (person === undefined) throw new Error(`${name} is there from beforeAll on`)
  return person
}

beforeAll(async () => {
  script()
  await query((sql) => sql`create table site_config_writes (key text)`)
  await query(
    (sql) => sql`create function note_site_config() returns trigger language plpgsql as $$
      begin insert into site_config_writes values (new.key); return null; end $$`,
  )
  await query(
    (sql) => sql`create trigger note_site_config after insert or update on site_configs
      for each row execute function note_site_config()`,
  )
  for (const name of ["alice", "bob"]) people.set(name, await addPerson(name))
})

const FIRST_USER = "POST /users/first"

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

const refusedForItsSecret = [409, null, { message: expect.stringContaining("secret") }]

const usedForAnother = (key: string) =>
  expect.objectContaining({ status: 409, body: { message: expect.stringContaining("another request"), detail: key } })

const fiveTimes = <A>(run: () => Promise<A>) => Promise.all(Array.from({ length: 5 }, run))

it("is tried with every mutating route there is", () => {
  expect([...Object.keys(calls), FIRST_USER].sort()).toEqual(mutatingRoutes())
})

describe.each(Object.keys(calls))("%s", (route) => {
  const prepare = async (name: "alice" | "bob") => {
    const call = await calls[route]?.(personOf(name))
    if (call === undefined) throw new Error("no such call")
    return { lasting: (body: unknown): unknown => body, ...call }
  }
  const key = `the longest key of ${route} `.padEnd(255, "x")

  it("is carried out once per user and key, and answered alike each time", async () => {
    const { run, other, applied, lasting, secret } = await prepare("alice")
    for (const bad of ["", `${key}x`]) expect((await run(bad)).status).toBe(400)
    expect(await applied()).toBe(0)

    const replies = await fiveTimes(() => run(key))
    replies.push(await run(key))
    expect(await applied()).toBe(1)
    const shown = replies.map(({ status, body, headers }) => [status, headers.get("set-cookie"), lasting(body)])
    // Which of the five was first is not known.
    const first = shown.find(([status]) => Number(status) < 300)
    const repeats = Array.from({ length: 5 }, () => (secret ? refusedForItsSecret : first))
    expect([...shown].sort(([a], [b]) => Number(a) - Number(b))).toEqual([first, ...repeats])

    expect(await other?.(key)).toEqual(other === undefined ? undefined : usedForAnother(key))
    expect(await applied()).toBe(1)
  })

  it("knows nothing of another user's key", async () => {
    const { run, applied } = await prepare("bob")
    expect((await run(key)).status).toBeLessThan(300)
    expect(await applied()).toBe(1)
  })
})

describe("a call that failed", () => {
  it("leaves nothing, and is carried out when it is possible", async () => {
    const { client } = personOf("alice")
    const create = (name: string, key?: string) =>
      client.call("POST", "/chats/providers", {
        body: { provider: "openai", display_name: name, api_key: API_KEY },
        headers: key === undefined ? {} : { "idempotency-key": key },
      })
    expect((await create("taken")).status).toBe(201)
    expect(await create("taken", "again")).toMatchObject({ status: 409, body: { validations: [{}] } })
    expect(await query((sql) => sql`select from command_receipts where key = 'again'`)).toEqual([])
    await query((sql) => sql`update providers set deleted = true where display_name = 'taken'`)
    const made = await create("taken", "again")
    expect(made.status).toBe(201)
    expect((await create("taken", "again")).body).toEqual(made.body)
  })

  it("is counted where it tried to sign in: a known key is no way to try passwords", async () => {
    const { email, password } = await addPerson("guessed")
    const logIn = (tried: string, key: string) =>
      new Client(server.url).call("POST", "/users/login", {
        body: { email, password: tried },
        headers: { "idempotency-key": key },
      })
    expect((await logIn(password, "known")).status).toBe(201)
    const statuses = []
    for (let attempt = 0; attempt < 10; attempt += 1) statuses.push((await logIn("wrong", "known")).status)
    expect(statuses).toEqual(Array.from({ length: 10 }, () => 401))
    expect((await logIn(password, "known")).status).toBe(429)
  })
})

describe("what is remembered outside of the database", () => {
  it("is right as soon as the first call is answered", async () => {
    const { client } = await addPerson("watcher")
    const me = () => client.call("GET", "/users/me")
    const policy = async () => (await client.call("GET", "/chats/config/tool-policy")).body
    expect((await me()).status).toBe(200)
    await policy()
    const rules = [{ pattern: "at_once", action: "deny" }]
    const headers = { "idempotency-key": "remembered" }
    expect((await client.call("PUT", "/chats/config/tool-policy", { body: { rules }, headers })).status).toBe(204)
    expect(await policy()).toEqual({ rules })
    const signedOut = await client.call("POST", "/users/logout", { headers })
    expect([signedOut.status, signedOut.headers.get("set-cookie")]).toEqual([204, expect.stringContaining("Max-Age=0")])
    expect((await me()).status).toBe(401)
    // Only the very call that ended the session is still answered.
    expect((await client.call("POST", "/users/logout")).status).toBe(401)
    const otherKey = await client.call("POST", "/users/logout", { headers: { "idempotency-key": "another" } })
    expect(otherKey.status).toBe(401)
    const forged = await fetch(`${server.url}/api/v2/users/logout`, {
      method: "POST",
      headers: { ...headers, "coder-session-token": "0123456789abcdef-0123456789abcdef0123456789abcdef" },
    })
    expect(forged.status).toBe(401)
  })
})

describe("the first user", () => {
  const empty = useServer()
  const body = { email: "first@example.com", username: "first", password: "correct horse battery" }
  let setup_token = ""
  beforeAll(async () => {
    setup_token = await empty.runtime.runPromise(Effect.flatMap(FirstUser, ({ setupToken }) => setupToken))
  })
  const create = (more: Readonly<Record<string, string>> = {}, key: string | undefined = "first") =>
    empty.call("POST", "/api/v2/users/first", {
      body: { ...body, setup_token, ...more },
      headers: key === undefined ? {} : { "idempotency-key": key },
    })
  const receipts = () =>
    empty.runtime.runPromise(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql<{ text: string }>`select r::text as text from command_receipts r`,
      ),
    )

  it("is made once, and whoever has its password gets the same answer", async () => {
    for (const bad of ["", "x".repeat(256)]) expect((await create({}, bad)).status).toBe(400)
    const replies = await fiveTimes(() => create())
    replies.push(await create())
    expect(replies.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 201])
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
    expect(await receipts()).toHaveLength(1)

    const refused = { status: 409, json: { message: expect.stringContaining("created already") } }
    expect(await create({ password: "wrong password" })).toMatchObject(refused)
    expect(await create({}, "another key")).toMatchObject(refused)
    expect(await create({ name: "Another" })).toMatchObject({
      status: 409,
      json: { message: expect.stringContaining("another request") },
    })
  })

  it("is no way to try passwords without limit", async () => {
    const guess = () => create({ password: "wrong password" })
    for (let attempt = 0; attempt < 10; attempt += 1) expect((await guess()).status).toBe(409)
    // The right one is told from a wrong one no more.
    const [right, wrong] = [await create(), await guess()]
    expect([right.status, right.text]).toEqual([409, wrong.text])
  })

  it("stores nothing of the password", async () => {
    const text = JSON.stringify(await receipts())
    expect(text).toContain("POST /users/first")
    expect(text).not.toContain(body.password)
    expect(text).not.toContain(createHash("sha256").update(JSON.stringify(body)).digest("hex"))
  })
})

it("leaves no secret in a receipt", async () => {
  const { id, email, password, client } = personOf("alice")
  const body = { email, password }
  const signedIn = await client.call("POST", "/users/login", { body, headers: { "idempotency-key": "secret" } })
  const token = String((signedIn.body as { readonly session_token: string }).session_token)
  expect(token.length).toBeGreaterThan(40)
  const rows = await query<{ text: string; scope: string }>(
    (sql) => sql`select r::text as text, scope from command_receipts r where user_id = ${id}`,
  )
  const scopes = rows.map(({ scope }) => scope)
  expect(scopes).toEqual(expect.arrayContaining(["POST /users/login", "POST /users/logout", "POST /chats/providers"]))
  const text = rows.map((row) => row.text).join("\n")
  const plainHash = createHash("sha256").update(JSON.stringify(body)).digest("hex")
  for (const secret of [password, API_KEY, token.slice(0, 16), token.slice(17), plainHash]) {
    expect(text).not.toContain(secret)
  }
})

describe("the OpenAPI document", () => {
  it("has the header, and what it may be answered, on each mutating route and on no other", () => {
    const operations = Object.values(openApiDocument().paths).flatMap((methods) => Object.entries(methods))
    const takes = ([, { parameters }]: (typeof operations)[number]) =>
      parameters.some((parameter) => parameter.name === "Idempotency-Key" && parameter.in === "header")
    expect(operations.filter(takes)).toEqual(operations.filter(([method]) => method !== "get"))
    for (const [, { responses }] of operations.filter(takes)) {
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(["400", "409"]))
    }
    expect(operations.filter(takes)).toHaveLength(mutatingRoutes().length)
  })
})
