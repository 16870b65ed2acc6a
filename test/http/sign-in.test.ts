import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { Sessions } from "../../src/identity/sessions.ts"
import { OWNER, signUpOwner, useServer } from "./server.ts"

const server = useServer()
let owner = ""

beforeAll(async () => {
  owner = await signUpOwner(server)
})

const logIn = async (email = OWNER.email, password = OWNER.password) => {
  const { json } = await server.call("POST", "/api/v2/users/login", { body: { email, password } })
  return (json as { session_token: string }).session_token
}
const me = (headers: Record<string, string>) => server.call("GET", "/api/v2/users/me", { headers })
const sql = <A>(statement: (sql: SqlClient.SqlClient) => Effect.Effect<A, unknown>) =>
  server.runtime.runPromise(Effect.flatMap(SqlClient.SqlClient, statement))

describe("signing in", () => {
  it("answers a token, and a cookie that scripts cannot read", async () => {
    const { status, json, headers } = await server.call("POST", "/api/v2/users/login", { body: OWNER })
    expect(status).toBe(201)
    const { session_token } = json as { session_token: string }
    const [session, device, ...more] = headers.getSetCookie()
    expect(session).toBe(`coder_session_token=${session_token}; Path=/; HttpOnly; SameSite=Lax`)
    expect(device).toMatch(/^troupe_device_\w+=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=34560000$/)
    expect(more).toEqual([])
    expect(server.log()).not.toContain(session_token)
    expect(server.log()).not.toContain(OWNER.password)
  })

  it("says the same of a wrong password and of an unknown account", async () => {
    const wrong = await server.call("POST", "/api/v2/users/login", { body: { ...OWNER, password: "wrong" } })
    const unknown = await server.call("POST", "/api/v2/users/login", { body: { email: "x@y.z", password: "wrong" } })
    expect([wrong.status, unknown.status]).toEqual([401, 401])
    expect(wrong.text).toBe(unknown.text)
  })

  it("refuses the eleventh failed attempt at one account, right or wrong, and only there", async () => {
    await server.addUser({ username: "guessed" })
    const attempt = (password: string, email = "guessed@example.com") =>
      server.call("POST", "/api/v2/users/login", { body: { email, password } })
    const statuses = []
    for (let count = 0; count < 10; count += 1) statuses.push((await attempt("wrong")).status)
    expect(statuses).toEqual(Array.from({ length: 10 }, () => 401))
    const refused = await attempt("password of guessed", "GUESSED@example.com")
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0)
    expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(60)
    expect((await attempt(OWNER.password, OWNER.email)).status).toBe(201)
  })

  it("is refused to a suspended account, whose sessions end", async () => {
    const token = await server.addUser({ username: "suspended", roles: [] })
    const { json } = await me({ "coder-session-token": token })
    await sql((sql) => sql`update users set status = 'suspended' where username = 'suspended'`)
    await server.runtime.runPromise(
      Effect.flatMap(Sessions, ({ forgetUser }) => forgetUser((json as { id: string }).id)),
    )
    expect((await me({ "coder-session-token": token })).status).toBe(401)
    const login = await server.call("POST", "/api/v2/users/login", {
      body: { email: "suspended@example.com", password: "password of suspended" },
    })
    expect(login.status).toBe(401)
    expect(login.json).toMatchObject({ message: expect.stringContaining("suspended") })
  })

  it("wakes a dormant account", async () => {
    await server.addUser({ username: "dormant" })
    await sql((sql) => sql`update users set status = 'dormant' where username = 'dormant'`)
    await logIn("dormant@example.com", "password of dormant")
    expect(await sql((sql) => sql`select status from users where username = 'dormant'`)).toEqual([{ status: "active" }])
  })
})

describe("a session", () => {
  it("is taken from each of its places", async () => {
    for (const headers of [
      { "coder-session-token": owner },
      { authorization: `Bearer ${owner}` },
      { authorization: `bearer  ${owner}` },
      { cookie: `theme=dark; coder_session_token=${owner}; more=1` },
    ]) {
      expect((await me(headers)).status).toBe(200)
    }
    // Only a WebSocket may carry it in its address.
    expect((await server.call("GET", `/api/v2/users/me?coder_session_token=${owner}`)).status).toBe(401)
  })

  it("is not guessed", async () => {
    const [id, secret] = [owner.slice(0, 16), owner.slice(17)]
    const changed = `${id}-${secret.startsWith("A") ? "B" : "A"}${secret.slice(1)}`
    for (const token of [changed, id, `${id}-`, `${id}-${secret}x`, "x", "' or 1=1 --"]) {
      expect((await me({ "coder-session-token": token })).status).toBe(401)
    }
    expect((await me({ authorization: "Basic YTpi" })).status).toBe(401)
  })

  it("ends with signing out, at once, and takes no other with it", async () => {
    const token = await logIn()
    expect((await me({ "coder-session-token": token })).status).toBe(200)
    const { status, text, headers } = await server.call("POST", "/api/v2/users/logout", { token })
    expect([status, text]).toEqual([204, ""])
    expect(headers.get("set-cookie")).toContain("Max-Age=0")
    expect((await me({ "coder-session-token": token })).status).toBe(401)
    expect((await me({ "coder-session-token": owner })).status).toBe(200)
  })

  it("ends when its time is over", async () => {
    const token = await logIn()
    await sql(
      (sql) => sql`update api_keys set expires_at = now() - interval '1 second' where id = ${token.slice(0, 16)}`,
    )
    expect((await me({ "coder-session-token": token })).status).toBe(401)
  })

  it("slides forward when it is used, and notes the use", async () => {
    const token = await logIn()
    const id = token.slice(0, 16)
    await sql(
      (sql) =>
        sql`update api_keys set expires_at = now() + interval '1 hour', last_used_at = now() - interval '1 hour' where id = ${id}`,
    )
    expect((await me({ "coder-session-token": token })).status).toBe(200)
    const slid = () =>
      sql(
        (sql) => sql<{ slid: boolean }>`
          select expires_at > now() + interval '23 hours' and last_used_at > now() - interval '1 minute' as slid
          from api_keys where id = ${id}`,
      )
    // The use is noted beside the request; nothing tells its end but the row.
    await expect.poll(async () => (await slid())[0]?.slid, { timeout: 10_000 }).toBe(true)
  })

  it("is kept as a hash only", async () => {
    const [row] = await sql((sql) => sql`select * from api_keys where id = ${owner.slice(0, 16)}`)
    expect(JSON.stringify(row)).not.toContain(owner.slice(17))
    expect(Buffer.from((row as { hashed_secret: Uint8Array }).hashed_secret)).toHaveLength(32)
  })
})

describe("a cookie", () => {
  const logOut = async (headers: Record<string, string>) => {
    const token = await logIn()
    return (
      await server.call("POST", "/api/v2/users/logout", {
        headers: { cookie: `coder_session_token=${token}`, ...headers },
      })
    ).status
  }

  it("counts for writes only from pages of this server", async () => {
    expect(await logOut({ origin: "https://evil.example" })).toBe(403)
    expect(await logOut({ origin: "null" })).toBe(403)
    expect(await logOut({ "sec-fetch-site": "cross-site" })).toBe(403)
    expect(await logOut({ origin: server.url })).toBe(204)
    expect(await logOut({ "sec-fetch-site": "same-origin" })).toBe(204)
    expect(await logOut({})).toBe(204)
  })

  it("does not weaken a token in a header", async () => {
    const token = await logIn()
    const { status } = await server.call("POST", "/api/v2/users/logout", {
      token,
      headers: { origin: "https://evil.example" },
    })
    expect(status).toBe(204)
  })
})
