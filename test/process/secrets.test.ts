import { SqlClient } from "@effect/sql"
import { Effect, Redacted } from "effect"
import { randomBytes, randomUUID } from "node:crypto"
import { once } from "node:events"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { makeEncryption } from "../../src/db/engine/encryption.ts"
import { sealedColumns } from "../../src/db/engine/sealed-columns.ts"
import { webSocket } from "../support/chat-reader.ts"
import { Client, type CallOptions } from "../support/client.ts"
import { startTroupe, troupe } from "../support/command-line.ts"
import { useTestDatabase } from "../support/postgres.ts"
import { ServerRun } from "../support/server-process.ts"
import { stopAgents } from "../support/workspace-agent.ts"

/**
 * A server that is used with known secrets, with everything logged, crashed and started again. None of them stands in what it
 * logs, in what it answers or in any row, but where it is meant to be told: in the answer that makes it.
 */

const database = useTestDatabase()
/** Words that stand nowhere by chance. */
const word = (name: string) => `${name}-${randomBytes(9).toString("hex")}`

const secrets: Record<string, string> = {
  "password of the first owner": word("pw-owner"),
  "password of a user": word("pw-user"),
  "password that was given by an administrator": word("pw-reset"),
  "password given at the command line": word("pw-cli"),
  "password that is wrong": word("pw-wrong"),
  "key of a provider": word("sk-provider"),
  "key of a provider that was refused": word("sk-refused"),
  "password in the address of a provider": word("pw-url"),
  "encryption key": randomBytes(32).toString("base64"),
  "older encryption key": randomBytes(32).toString("base64"),
}
const secret = (name: string): string => secrets[name] ?? expect.fail(`there is no secret called ${name}`)

/** What a server, a command or a request said, by where. */
const said: Array<readonly [where: string, text: string]> = []

let runs: ReadonlyArray<ServerRun> = []
let url = ""
let provider: Server
let owner: Client
let user: Client
let chatId = ""

const environment = () => ({
  TROUPE_DATABASE_URL: database.url,
  TROUPE_DATA_DIR: database.dataDir,
  TROUPE_LOG_LEVEL: "trace",
  TROUPE_ENCRYPTION_KEYS: `${secret("encryption key")},${secret("older encryption key")}`,
  TROUPE_ATTEMPTS: "2",
  TROUPE_RETRY_BASE_MS: "10",
})

const start = async (): Promise<ServerRun> => {
  const run = new ServerRun({ ...environment(), ...(url !== "" && { TROUPE_HTTP_ADDRESS: new URL(url).host }) })
  runs = [...runs, run]
  url = await run.ready()
  return run
}

/** A request whose answer may hold no secret. */
const call = async (client: Client, method: string, path: string, options: CallOptions = {}) => {
  const reply = await client
    .call(method, path, options)
    .catch((cause: unknown) => ({ status: 0, headers: new Headers(), body: String(cause) }))
  said.push([
    `${method} ${path.replace(/\?.*/, "")} ${reply.status}`,
    JSON.stringify(reply.body ?? "") + JSON.stringify([...reply.headers].filter(([name]) => name !== "set-cookie")),
  ])
  return reply
}

/** A request that is meant to tell one, once. */
const told = async (name: string, client: Client, method: string, path: string, field: string, body?: unknown) => {
  const reply = await client.call(method, path, body === undefined ? {} : { body })
  expect(reply.status).toBe(201)
  const text = String((reply.body as Record<string, unknown>)[field])
  // The id in front of it is no secret.
  secrets[name] = text.slice(text.indexOf("-") + 1)
  return { text, body: reply.body as Record<string, unknown> }
}

const signedIn = async (name: string, email: string, password: string) => {
  const { text } = await told(`session of ${name}`, new Client(url), "POST", "/users/login", "session_token", {
    email,
    password,
  })
  return new Client(url, text)
}

beforeAll(async () => {
  // It refuses, and says with which key it was asked: as real ones do.
  provider = createServer((request, response) => {
    response.writeHead(401, { "content-type": "application/json" })
    response.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${request.headers.authorization}` } }))
  }).listen(0, "127.0.0.1")
  await once(provider, "listening")
  secrets["password of the database"] = decodeURIComponent(new URL(database.url).password)
})
afterAll(async () => {
  await runs.at(-1)?.end("SIGTERM")
  await stopAgents(database.dataDir)
  provider.close()
})

describe("a server in use", { timeout: 60_000 }, () => {
  it("is set up with the token that it prints", async () => {
    const run = await start()
    const setupToken = new URL(run.setupUrl).hash.replace("#setup=", "")
    secrets["setup token"] = setupToken.slice(setupToken.indexOf(".") + 1)
    const body = { email: "owner@example.com", username: "owner", password: secret("password of the first owner") }
    await call(new Client(url), "POST", "/users/first", {
      body: { ...body, setup_token: secret("password that is wrong") },
    })
    const made = await call(new Client(url), "POST", "/users/first", { body: { ...body, setup_token: setupToken } })
    expect(made.status).toBe(201)
    await call(new Client(url), "POST", "/users/first", { body: { ...body, setup_token: setupToken } })
    owner = await signedIn("the owner", body.email, body.password)
  })

  it("has people who sign in, rightly and wrongly", async () => {
    const password = secret("password of a user")
    const account = { username: "ann", email: "ann@example.com", password }
    expect((await call(owner, "POST", "/users", { body: account })).status).toBe(201)
    await call(owner, "POST", "/users", { body: account, headers: { "idempotency-key": randomUUID() } })
    await call(owner, "POST", "/users", { body: { ...account, username: password, email: 7, name: { password } } })
    await call(owner, "POST", "/users", { raw: `{"username": "x", "password": "${password}"` })
    user = await signedIn("a user", account.email, password)
    const wrong = secret("password that is wrong")
    const nobody = new Client(url)
    for (const body of [
      { email: account.email, password: wrong },
      { email: wrong, password },
      { email: account.email, password: [password] },
      password,
    ]) {
      expect((await call(nobody, "POST", "/users/login", { body })).status).toBeGreaterThanOrEqual(400)
    }
    await call(user, "PUT", "/users/me/password", { body: { password: wrong, old_password: wrong } })
    await call(owner, "PUT", "/users/ann/password", {
      body: { password: secret("password that was given by an administrator") },
    })
    expect((await call(user, "GET", "/users/me")).status).toBe(401)
    user = await signedIn(
      "a user with another password",
      account.email,
      secret("password that was given by an administrator"),
    )
  })

  it("makes tokens, and is called with good and bad ones", async () => {
    const { text, body } = await told("API token", user, "POST", "/users/me/keys/tokens", "key", {
      token_name: "ci",
      scopes: ["chat:read"],
    })
    const token = new Client(url, text)
    expect((await call(token, "GET", "/chats")).status).toBe(200)
    expect((await call(token, "POST", "/chats", { body: {} })).status).toBe(403)
    await call(user, "GET", "/users/me/keys/tokens")
    await call(user, "GET", `/users/me/keys/${String(body["id"])}`)
    const bad = `${text.slice(0, -1)}${text.endsWith("A") ? "B" : "A"}`
    await call(new Client(url, bad), "GET", "/users/me")
    for (const name of ["coder_session_token", "session_token", "token"]) {
      await call(new Client(url), "GET", `/users/me?${name}=${text}`)
      await call(new Client(url), "GET", `/nowhere/${text}?${name}=${text}`)
    }
    await call(new Client(url), "GET", "/users/me", {
      headers: { cookie: `coder_session_token=${text}`, origin: "https://elsewhere.example" },
    })
  })

  it("has providers, whose keys are refused and said again by those who refuse them", async () => {
    const address = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`
    const body = (more: Record<string, unknown>) => ({
      provider: "openai-compat",
      display_name: randomUUID(),
      base_url: address,
      api_key: secret("key of a provider"),
      ...more,
    })
    const made = await call(owner, "POST", "/chats/providers", { body: body({}) })
    expect(made.status).toBe(201)
    const refused = secret("key of a provider that was refused")
    await call(owner, "POST", "/chats/providers", { body: body({ api_key: `${refused}\n` }) })
    await call(owner, "POST", "/chats/providers", {
      body: body({
        api_key: refused,
        base_url: `https://me:${secret("password in the address of a provider")}@example.com/v1`,
      }),
    })
    await call(owner, "POST", "/chats/providers", { body: body({ api_key: { refused } }) })
    await call(user, "POST", "/chats/providers", { body: body({ api_key: refused }) })
    await call(owner, "GET", "/chats/providers")
    const model = await call(owner, "POST", "/chats/model-configs", {
      body: {
        ai_provider_id: (made.body as { id: string }).id,
        model: "any",
        display_name: "Any",
        context_limit: 10_000,
        is_default: true,
      },
    })
    expect(model.status).toBe(201)
    const { organization_ids } = (await call(owner, "GET", "/users/me")).body as { organization_ids: [string] }
    const chat = await call(owner, "POST", "/chats", {
      body: {
        organization_id: organization_ids[0],
        model_config_id: (model.body as { id: string }).id,
        content: [{ type: "text", text: "hello" }],
      },
    })
    expect(chat.status).toBe(201)
    chatId = (chat.body as { id: string }).id
    await expect
      .poll(async () => ((await call(owner, "GET", `/chats/${chatId}`)).body as { status: string }).status, {
        timeout: 20_000,
      })
      .toBe("error")
    const chatPaths = ["", "/messages", "/attempts", "/trace", "/acl"].map((path) => `/chats/${chatId}${path}`)
    for (const path of chatPaths) await call(owner, "GET", path)
  })

  it("shares a chat, and has WebSockets with good and bad tokens", async () => {
    const ann = ((await call(user, "GET", "/users/me")).body as { id: string }).id
    const shared = await call(owner, "PATCH", `/chats/${chatId}/acl`, { body: { user_roles: { [ann]: "read" } } })
    expect(shared.status).toBe(204)
    for (const token of [secret("API token"), secret("password that is wrong"), secret("session of the owner")]) {
      for (const path of [`/chats/${chatId}/stream?coder_session_token=${token}`, `/chats/watch?token=${token}`]) {
        for (const headers of [{ "coder-session-token": token }, { cookie: `coder_session_token=${token}` }]) {
          const socket = webSocket(`${url}/api/v2${path}`, headers)
          const [error] = await Promise.race([
            once(socket, "error"),
            once(socket, "unexpected-response"),
            once(socket, "open").then(() => ["open"]),
          ])
          said.push([`WebSocket ${path.replace(/\?.*/, "")}`, String(error instanceof Error ? error.message : "")])
          socket.terminate()
        }
      }
    }
  })

  it("is looked at: the audit log, its export, and everything of the API that lists", async () => {
    for (const path of [
      "/audit?limit=100",
      "/users",
      "/users/ann",
      "/organizations",
      "/buildinfo",
      "/openapi.json",
      "/deployment/config",
      "/chats?limit=50",
    ]) {
      await call(owner, "GET", path)
    }
    for (const format of ["csv", "jsonl"]) {
      const response = await fetch(`${url}/api/v2/audit/export?format=${format}`, { headers: owner.authorization })
      expect(response.status).toBe(200)
      said.push([`audit as ${format}`, await response.text()])
    }
  })

  it("is worked on at the command line", async () => {
    const options = { environment: environment() }
    const password = secret("password given at the command line")
    const commands = [
      troupe(["users", "create", "cli", "--email", "cli@example.com", "--password-stdin"], {
        ...options,
        input: password,
      }),
      troupe(["users", "create", "cli", "--email", "cli@example.com", "--password-stdin", "--json"], {
        ...options,
        input: password,
      }),
      troupe(["users", "list", "--json"], options),
      troupe(["tokens", "list", "--json"], options),
      troupe(["keys", "status", "--json"], options),
      troupe(["keys", "rotate", "--json"], options),
    ]
    const ended = await Promise.all(commands)
    expect(ended.map(({ code }) => code).toSorted()).toEqual([0, 0, 0, 0, 0, 1])
    for (const { stdout, stderr } of ended) said.push(["a command", stdout + stderr])
    const { stdout, stderr } = await troupe(["tokens", "create", "cli"], options)
    secrets["token made at the command line"] = stdout.trim().slice(stdout.indexOf("-") + 1)
    said.push(["tokens create, on standard error", stderr])
  })

  it("is killed, started again, and started wrongly", async () => {
    await runs.at(-1)?.end("SIGKILL")
    await start()
    expect((await call(owner, "GET", `/chats/${chatId}/messages`)).status).toBe(200)
    await runs.at(-1)?.end("SIGTERM")
    const wrongUrl = new URL(database.url)
    wrongUrl.password = secret("password that is wrong")
    for (const wrong of [
      { TROUPE_ENCRYPTION_KEYS: randomBytes(32).toString("base64") },
      { TROUPE_ENCRYPTION_KEYS: secret("key of a provider") },
      { TROUPE_DATABASE_URL: wrongUrl.href },
      { TROUPE_DATABASE_URL: `postgres://me:${secret("password that is wrong")}@127.0.0.1:1/none` },
      { TROUPE_DATABASE_URL: secret("password of the first owner") },
    ]) {
      const run = new ServerRun({ ...environment(), ...wrong })
      runs = [...runs, run]
      // A server of these tests may let everybody in whatever the password: then this one runs.
      const ended = await Promise.race([
        run.ended,
        run.ready().then(
          () => undefined,
          () => run.ended,
        ),
      ])
      if (ended === undefined) await run.end("SIGTERM")
      const command = startTroupe(["users", "list"], { environment: { ...environment(), ...wrong } })
      const { stdout, stderr } = await command.ended
      said.push(["a command with a wrong setting", stdout + stderr])
    }
  })
})

describe("afterwards", () => {
  const hitsIn = (text: string): ReadonlyArray<string> =>
    Object.entries(secrets).flatMap(([name, value]) => (value.length >= 8 && text.includes(value) ? [name] : []))

  it("nothing of it stands in what was logged, on whatever level", () => {
    const logs = runs.map(({ stderr }) => stderr).join("\n")
    expect(logs).toContain('"level"')
    expect(secret("password of the database").length).toBeGreaterThan(8)
    expect(hitsIn(logs)).toEqual([])
    // The one line for people has the setup token, while there is no account.
    const printed = runs.slice(1).map(({ stdout }) => stdout)
    expect(hitsIn(printed.join("\n"))).toEqual([])
  })

  it("nothing of it stands in any answer", () => {
    expect(said.length).toBeGreaterThan(60)
    expect(said.flatMap(([where, text]) => hitsIn(text).map((name) => `${name} in ${where}`))).toEqual([])
  })

  it("nothing of it stands in any row of any table, and what is encrypted stands where it is known to be", async () => {
    const rows = await database.run(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const columns = yield* sql<{ table: string; column: string }>`
          select table_name as table, column_name as column from information_schema.columns where table_schema = 'public'`
        return yield* Effect.forEach(columns, ({ table, column }) =>
          Effect.map(
            sql<{
              text: string
            }>`select ${sql(column)}::text as text from ${sql(table)} where ${sql(column)} is not null`,
            (found) => found.map(({ text }) => ({ place: `${table}.${column}`, text })),
          ),
        )
      }),
    )
    const values = rows.flat()
    expect(values.length).toBeGreaterThan(200)
    const inHex = Object.entries(secrets).map(([name, value]) => [name, Buffer.from(value).toString("hex")] as const)
    const hits = values.flatMap(({ place, text }) => [
      ...hitsIn(text).map((name) => `${name} in ${place}`),
      ...inHex
        .filter(([, hex]) => hex.length >= 16 && text.includes(hex))
        .map(([name]) => `${name} in ${place}, as bytes`),
    ])
    expect(hits).toEqual([])
    const sealed = values.filter(({ text }) => /v1\.[0-9a-f]{8}\.[\w-]{38,}/.test(text)).map(({ place }) => place)
    expect(new Set(sealed)).toEqual(new Set(sealedColumns.map(([, { table, column }]) => `${table}.${column}`)))
  })

  it("the key of the provider is there all the same, for who has the encryption key", async () => {
    const ring = makeEncryption(Redacted.make([Buffer.from(secret("encryption key"), "base64")]))
    const stored = await database.run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql<{ id: string; api_key: string }>`select id, api_key from providers where api_key is not null`,
      ),
    )
    const opened = stored.map(({ id, api_key }) =>
      Redacted.value(Effect.runSync(ring.decrypt(`providers:api_key:${id}`, api_key))),
    )
    expect(opened).toEqual([secret("key of a provider")])
  })
})
