import { once } from "node:events"
import { Schema } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { WebSocket } from "ws"
import { AuditLog } from "../../../src/contract/audit.ts"
import { LoginResponse, User } from "../../../src/contract/identity.ts"
import { ApiKey } from "../../../src/contract/tokens.ts"
import { useChatServer } from "../../support/chat-server.ts"
import { Client, type Reply } from "../../support/client.ts"
import { OWNER } from "../../support/server-process.ts"
import { addUser, joined, PASSWORD, refusalOf } from "./people-client.ts"

/** What somebody in between, or on another site, can do to a sign-in: nothing. */

const server = useChatServer()
let owner: Client
beforeAll(() => {
  owner = server.client
})

const SESSION = "coder_session_token"
const cookieFor = (token: string) => ({ cookie: `${SESSION}=${token}` })

const logIn = (email: string, password: string, headers: Readonly<Record<string, string>> = {}) =>
  new Client(server.url).call("POST", "/users/login", { body: { email, password }, headers })

const tokenIn = ({ status, body }: Reply): string => {
  expect(status).toBe(201)
  return Schema.decodeUnknownSync(LoginResponse)(body).session_token
}

const isSignedIn = async (token: string) =>
  (await new Client(server.url, token).call("GET", "/users/me")).status === 200

describe("a sign-in", () => {
  it("ends the session that the browser had, whoever's it was, and no other", async () => {
    const { user } = await joined(owner, "fay", server.url)
    const elsewhere = tokenIn(await logIn(user.email, PASSWORD))
    const had = tokenIn(await logIn(OWNER.email, OWNER.password))
    const fresh = tokenIn(await logIn(user.email, PASSWORD, cookieFor(had)))
    expect(fresh).not.toBe(had)
    expect(await Promise.all([had, fresh, elsewhere].map(isSignedIn))).toEqual([false, true, true])
  })

  it("that fails ends nothing, and neither does a cookie of nobody or an API token in its place", async () => {
    const { user, client } = await joined(owner, "finn", server.url)
    const had = tokenIn(await logIn(user.email, PASSWORD))
    expect((await logIn(user.email, "not this one", cookieFor(had))).status).toBe(401)
    const made = await client.call("POST", "/users/me/keys/tokens", { body: { token_name: "kept" } })
    const { key } = made.body as { key: string }
    for (const brought of [key, "0123456789abcdef-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "%00", `${had}x`]) {
      expect(tokenIn(await logIn(user.email, PASSWORD, cookieFor(brought)))).not.toBe(brought)
    }
    expect(await Promise.all([had, key].map(isSignedIn))).toEqual([true, true])
  })

  it.each([
    { origin: "https://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ])("is not made by a page of another site: %j", async (headers) => {
    const reply = await logIn(OWNER.email, OWNER.password, headers)
    expect([reply.status, reply.headers.getSetCookie()]).toEqual([403, []])
  })

  it.each([
    ["in other case", "KIM.I@Example.COM", 201],
    ["with a Kelvin sign for the k", "\u212aim.i@example.com", 401],
    ["with a dotted capital I", "kim.\u0130@example.com", 401],
    ["with a dotless i", "kim.\u0131@example.com", 401],
    ["of full width", "\uff4bim.i@example.com", 401],
    ["with a Cyrillic i", "kim.\u0456@example.com", 401],
    ["with a space after it", "kim.i@example.com ", 401],
    ["with nothing seen in it", "kim\u200b.i@example.com", 401],
  ])("knows an address %s for what it is", async (_, email, status) => {
    if ((await owner.call("GET", "/users/kim")).status === 404)
      await addUser(owner, "kim", { email: "kim.i@example.com" })
    expect((await logIn(email, PASSWORD)).status).toBe(status)
  })
})

describe("an account", () => {
  it.each([
    ["case", "TWIN@Example.com", 409],
    ["full width", "\uff54win@example.com", 400],
    ["a dotless i", "tw\u0131n@example.com", 400],
    ["a Cyrillic letter of the domain", "twin@ex\u0430mple.com", 400],
    ["a space", "twin@example.com ", 400],
    ["a line end", "twin@example.com\n", 400],
  ])("cannot be made beside another whose address differs in %s", async (_, email, status) => {
    if ((await owner.call("GET", "/users/twin")).status === 404) await addUser(owner, "twin")
    expect(await refusalOf(owner, "POST", "/users", { username: "other-twin", email, password: PASSWORD })).toEqual([
      status,
      "email",
    ])
  })
})

describe("who changes a password", () => {
  it("guesses the present one no more often than at the sign-in, and keeps nobody out by it", async () => {
    const { user, client } = await joined(owner, "gus", server.url)
    const guess = async (old_password: string) =>
      (await client.call("PUT", "/users/me/password", { body: { password: "quite another long one", old_password } }))
        .status
    const statuses = []
    for (let count = 0; count < 11; count += 1) statuses.push(await guess(`guess ${count}`))
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 400), 429])
    expect(await guess(PASSWORD)).toBe(429)
    expect((await logIn(user.email, PASSWORD)).status).toBe(201)
  })
})

describe("a page of another site", () => {
  const foreign = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { origin: "http://127.0.0.1:1" },
  ]

  it.each(foreign)("changes nothing with a visitor's cookie: %j", async (headers) => {
    const token = tokenIn(await logIn(OWNER.email, OWNER.password))
    const anonymous = new Client(server.url)
    const put = (more: Readonly<Record<string, string>>) =>
      anonymous.call("PUT", "/users/me/appearance", {
        body: { theme_preference: "dark" },
        headers: { ...cookieFor(token), ...more },
      })
    expect((await put(headers)).status).toBe(403)
    expect((await put({ origin: server.url })).status).toBe(200)
  })

  it.each(["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost.evil.example"])(
    "opens no WebSocket with it: %s",
    async (origin) => {
      const token = tokenIn(await logIn(OWNER.email, OWNER.password))
      const { id } = await owner.createChat("Hello")
      const open = (path: string, from: string) =>
        new WebSocket(`${server.url.replace(/^http/, "ws")}/api/v2${path}`, {
          headers: { ...cookieFor(token), origin: from },
        })
      for (const path of [`/chats/${id}/stream`, "/chats/watch"]) {
        const refused = open(path, origin)
        const [, response] = (await once(refused, "unexpected-response")) as [unknown, { statusCode?: number }]
        refused.on("error", () => undefined).terminate()
        expect([path, response.statusCode]).toEqual([path, 403])
        const allowed = open(path, server.url)
        await once(allowed, "open")
        allowed.terminate()
      }
    },
  )
})

describe("what a proxy that nobody trusts says of a request", () => {
  const said = {
    "x-forwarded-for": "127.0.0.1, 203.0.113.9",
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "https",
    "x-forwarded-port": "443",
    "x-real-ip": "203.0.113.9",
    "x-client-ip": "203.0.113.9",
    forwarded: "for=203.0.113.9;host=evil.example;proto=https",
    via: "1.1 evil.example",
  }
  const LOOPBACK = /^(::ffff:)?127\.0\.0\.1$/

  it("is in no session, in no audit row, and not in the cookie", async () => {
    const reply = await logIn(OWNER.email, OWNER.password, said)
    const cookies = reply.headers.getSetCookie()
    expect(cookies.map((cookie) => cookie.split(/_|=/, 1)[0])).toEqual(["coder", "troupe"])
    expect(cookies.filter((cookie) => /secure|domain|evil/i.test(cookie))).toEqual([])
    const client = new Client(server.url, tokenIn(reply))
    const sessions = await client.expect(Schema.Array(ApiKey), 200, "GET", "/users/me/sessions")
    expect(sessions.find(({ current }) => current)?.ip_address).toMatch(LOOPBACK)
    const body = { username: "vera", email: "vera@example.com", password: PASSWORD }
    await client.expect(User, 201, "POST", "/users", { body, headers: said })
    const { audit_logs } = await owner.expect(AuditLog, 200, "GET", "/audit?q=resource_type:user&limit=1")
    expect(audit_logs).toMatchObject([{ resource_target: "vera", ip: expect.stringMatching(LOOPBACK) }])
  })

  it("makes no page of another site one of ours", async () => {
    const token = tokenIn(await logIn(OWNER.email, OWNER.password))
    const { status } = await new Client(server.url).call("POST", "/users/logout", {
      headers: { ...said, ...cookieFor(token), origin: "https://evil.example" },
    })
    expect([status, await isSignedIn(token)]).toEqual([403, true])
  })
})
