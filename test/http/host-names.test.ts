import { beforeAll, describe, expect, it } from "vitest"
import { rawRequest } from "./raw-request.ts"
import { OWNER, signUpOwner, useServer } from "./server.ts"

/** A web page that has its own name point at this machine is not a page of ours. */

const routes = ["GET /", "GET /assets/app-1a2b3c.js", "GET /healthz", "GET /api/v2/users/first", "GET /docs/api"]

const statusOf = async (url: string, headers: ReadonlyArray<string>, request = "GET /api/v2/users/first") =>
  (await rawRequest(url, `${request} HTTP/1.1`, headers)).status

const webSocketHeaders = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
]

describe("on loopback", () => {
  const server = useServer()

  it.each([
    "localhost",
    "LocalHost:7080",
    "localhost.",
    "troupe.localhost:1",
    "127.0.0.1",
    "127.0.0.1:65000",
    "127.8.9.1",
    "127.1",
    "0x7f.0.0.1",
    "[::1]",
    "[::1]:7080",
    "[0:0:0:0:0:0:0:1]:7080",
  ])("answers to %s, whatever the port", async (host) => {
    expect(await statusOf(server.url, [`Host: ${host}`])).toBe(200)
  })

  it.each([
    "evil.example",
    "evil.example:7080",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil@localhost",
    "localhost@evil.example",
    "localhost:80:80",
    "localhost/",
    "loc%61lhost",
    "0.0.0.0",
    "10.0.0.1",
    "::1",
    "[::1%25lo]",
    "[::ffff:10.0.0.1]",
    "",
  ])("does not answer to %j", async (host) => {
    const { status, body } = await rawRequest(server.url, "GET /api/v2/users/first HTTP/1.1", [`Host: ${host}`])
    expect(status).toBe(421)
    expect((JSON.parse(body) as { message: string }).message).toContain("TROUPE_ACCESS_URL")
  })

  it.each(routes)("holds to it for %s", async (route) => {
    expect(await statusOf(server.url, ["Host: localhost"], route)).toBe(200)
    expect(await statusOf(server.url, ["Host: evil.example"], route)).toBe(421)
  })

  it("makes nobody the owner who comes by another name", async () => {
    const body = JSON.stringify(OWNER)
    const { port } = new URL(server.url)
    const { status } = await rawRequest(
      server.url,
      "POST /api/v2/users/first HTTP/1.1",
      [
        `Host: evil.example:${port}`,
        `Origin: http://evil.example:${port}`,
        "Sec-Fetch-Site: same-origin",
        "Content-Type: application/json",
        `Content-Length: ${body.length}`,
      ],
      body,
    )
    expect(status).toBe(421)
    expect((await server.call("GET", "/api/v2/users/first")).json).toMatchObject({ needed: true })
  })

  it("refuses a WebSocket by another name before anything else is looked at", async () => {
    const open = (host: string) =>
      statusOf(server.url, [`Host: ${host}`, ...webSocketHeaders], "GET /api/v2/chats/watch")
    expect(await open("evil.example")).toBe(421)
    // This server of the test has no streams.
    expect(await open("localhost")).toBe(404)
  })

  it("counts the name in an absolute target, and the header beside it", async () => {
    const absolute = (target: string, host: string) =>
      statusOf(server.url, [`Host: ${host}`], `GET http://${target}/api/v2/users/first`)
    expect(await absolute("localhost", "localhost")).toBe(200)
    expect(await absolute("evil.example", "localhost")).toBe(421)
    expect(await absolute("localhost", "evil.example")).toBe(421)
  })

  it("wants one name: neither none nor two", async () => {
    expect(await statusOf(server.url, [])).toBe(400)
    expect((await rawRequest(server.url, "GET /healthz HTTP/1.0", [])).status).toBe(421)
    expect(await statusOf(server.url, ["Host: localhost", "Host: evil.example"])).toBe(421)
    expect(await statusOf(server.url, ["Host: localhost", "Host: localhost"])).toBe(421)
  })
})

describe("on loopback behind a proxy", () => {
  const accessUrl = "https://troupe.example/"
  const server = useServer({
    environment: { TROUPE_ACCESS_URL: accessUrl },
    options: { accessUrl: "https://troupe.example" },
  })
  let token = ""
  beforeAll(async () => {
    token = await signUpOwner(server)
  })

  it("answers to the name of the access URL too", async () => {
    expect(await statusOf(server.url, ["Host: troupe.example"])).toBe(200)
    expect(await statusOf(server.url, ["Host: TROUPE.example.:443"])).toBe(200)
    expect(await statusOf(server.url, ["Host: localhost"])).toBe(200)
    expect(await statusOf(server.url, ["Host: other.example"])).toBe(421)
  })

  it("takes a cookie from pages of the access URL, and not from those of another scheme or port", async () => {
    const logOut = async (origin: string) => {
      const { json } = await server.call("POST", "/api/v2/users/login", { body: OWNER })
      const { session_token } = json as { session_token: string }
      return statusOf(
        server.url,
        ["Host: troupe.example", `Origin: ${origin}`, `Cookie: coder_session_token=${session_token}`],
        "POST /api/v2/users/logout",
      )
    }
    expect(await logOut("https://troupe.example")).toBe(204)
    expect(await logOut("https://troupe.example:8443")).toBe(403)
    expect(await logOut("https://troupe.example.evil.example")).toBe(403)
  })

  it("lets its page open WebSockets to itself, by either address, and to nobody else", async () => {
    const { headers } = await rawRequest(server.url, "GET / HTTP/1.1", ["Host: localhost:7080"])
    expect(headers["content-security-policy"]).toContain("connect-src 'self' ws://localhost:7080 wss://troupe.example;")
  })

  it("keeps answers that are private out of every store", async () => {
    const cacheControl = async (path: string) =>
      (await server.call("GET", path, { token })).headers.get("cache-control")
    for (const path of ["/users/me", "/organizations", "/chats/providers", "/users/nobody", "/no/such/route"]) {
      expect([path, await cacheControl(`/api/v2${path}`)]).toEqual([path, "no-store"])
    }
    const login = await server.call("POST", "/api/v2/users/login", { body: OWNER })
    expect(login.headers.get("cache-control")).toBe("no-store")
    expect(await cacheControl("/api/v2/openapi.json")).not.toBe("no-store")
  })
})

describe("beyond loopback", () => {
  const server = useServer({ options: { onlyLoopback: false } })

  it("is called by names that it cannot know", async () => {
    for (const host of ["troupe.example", "10.0.0.1:7080", "localhost"]) {
      expect(await statusOf(server.url, [`Host: ${host}`])).toBe(200)
    }
  })
})
