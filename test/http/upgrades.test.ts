import { once } from "node:events"
import { beforeAll, describe, expect, it } from "vitest"
import { rawConnection, rawRequest, rawRequests } from "./raw-request.ts"
import { OWNER, signUpOwner, useServer } from "./server.ts"

/** An offer to go on in another protocol may be ignored, and then changes nothing. */

const server = useServer()
let token = ""
beforeAll(async () => {
  token = await signUpOwner(server)
})

/** As curl --http2 and Java's HttpClient send it. */
const h2c = [
  "Host: localhost",
  "Connection: Upgrade, HTTP2-Settings",
  "Upgrade: h2c",
  "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
]
const login = JSON.stringify({ email: OWNER.email, password: OWNER.password })

describe("a request that offers another protocol", () => {
  it.each([
    ["h2c", "Upgrade, HTTP2-Settings"],
    ["h2c", "upgrade"],
    ["TLS/1.3, HTTP/1.1", "Upgrade"],
    ["h2c, websocket", "Upgrade"],
    ["websocket-next", "keep-alive, Upgrade"],
    ["h2c", "close, Upgrade"],
  ])("is served (Upgrade: %s, Connection: %s)", async (upgrade, connection) => {
    const [answer] = await rawRequests(
      server.url,
      `GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: ${connection}\r\nUpgrade: ${upgrade}\r\n\r\n` +
        `GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    )
    expect(answer).toMatchObject({ status: 200 })
    expect(answer?.headers["upgrade"]).toBeUndefined()
  })

  it("is served with its body, whole or in pieces, and the connection goes on", async () => {
    const head = ["POST /api/v2/users/login HTTP/1.1", ...h2c, "Content-Type: application/json"].join("\r\n")
    const sized = `${head}\r\nContent-Length: ${login.length}\r\n\r\n${login}`
    const chunked = `${head}\r\nTransfer-Encoding: chunked\r\n\r\n${login.length.toString(16)}\r\n${login}\r\n0\r\n\r\n`
    const last = `GET /api/v2/users/me HTTP/1.1\r\nHost: localhost\r\nCoder-Session-Token: ${token}\r\nConnection: close\r\n\r\n`
    const together = await rawRequests(server.url, sized + chunked + sized + last)
    expect(together.map(({ status }) => status)).toEqual([201, 201, 201, 200])
    expect(JSON.parse(together[1]!.body)).toHaveProperty("session_token")

    const socket = await rawConnection(server.url)
    let said = ""
    socket.on("data", (chunk: Buffer) => (said += chunk.toString()))
    socket.write(`${head}\r\nContent-Length: ${login.length}\r\n\r\n${login.slice(0, 10)}`)
    await new Promise((resolve) => setImmediate(resolve))
    socket.write(login.slice(10) + last)
    await once(socket, "close")
    expect(said.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 201", "HTTP/1.1 200"])
  })

  it("does not leave the connection uncounted when the server stops", async () => {
    const socket = await rawConnection(server.url)
    socket.write(["GET /healthz HTTP/1.1", ...h2c, "", ""].join("\r\n"))
    await once(socket, "data")
    const gone = once(socket, "close")
    server.server.server.closeIdleConnections()
    expect(await gone).toEqual([false])
  })

  it("is judged as any other", async () => {
    expect((await rawRequest(server.url, "GET /api/v2/users/me HTTP/1.1", [...h2c, "Connection: close"])).status).toBe(
      401,
    )
    const { status } = await rawRequest(server.url, "GET /healthz HTTP/1.1", [
      ...h2c.with(0, "Host: evil.example"),
      "Connection: close",
    ])
    expect(status).toBe(421)
  })
})

describe("a token in the address", () => {
  const path = () => `GET /api/v2/users/me?coder_session_token=${token} HTTP/1.1`

  it.each([
    ["Connection: keep-alive", "Upgrade: websocket"],
    ["Upgrade: websocket", "Connection: close"],
    ["Connection: Upgrade, close", "Upgrade: h2c"],
  ])("does not count for an ordinary request (%s, %s)", async (...offer) => {
    const [answer] = await rawRequests(
      server.url,
      `${[path(), "Host: localhost", ...offer].join("\r\n")}\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    )
    expect(answer?.status).toBe(401)
  })
})

describe("a client that is slow on purpose", () => {
  it("loses its connection when a request is not whole after a minute", async () => {
    server.server.server.requestTimeout = 1_000
    server.server.server.headersTimeout = 500
    for (const begun of [
      "GET /",
      "POST /api/v2/users/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    ]) {
      const socket = await rawConnection(server.url)
      socket.write(begun)
      const [answer] = await once(socket, "data")
      expect(String(answer)).toContain("408")
      await once(socket, "close")
    }
  })
})
