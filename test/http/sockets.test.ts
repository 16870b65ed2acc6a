import { Exit } from "effect"
import express from "express"
import { EventEmitter, once } from "node:events"
import { request as httpRequest } from "node:http"
import { beforeAll, describe, expect, it } from "vitest"
import { WebSocket, WebSocketServer } from "ws"
import { authenticate } from "../../src/http/auth.ts"
import type { UpgradeHandler } from "../../src/http/upgrades.ts"
import { signUpOwner, useServer } from "./server.ts"

/** WebSocket upgrades, and the end of the server with streams and requests under way. */

const webSockets = new WebSocketServer({ noServer: true })
const slow = new EventEmitter()

const stream: UpgradeHandler = (request, socket, head, url) => {
  void server.runtime.runPromiseExit(authenticate(request)).then((exit) => {
    if (Exit.isFailure(exit)) {
      socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n")
      return
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.send(
        JSON.stringify({ user: exit.value.caller.username, path: url.pathname, tail: url.searchParams.get("tail") }),
      )
    })
  })
}

const server = useServer({
  options: { webSockets, upgrades: { "/chats/:chat/stream": stream } },
  routers: () => {
    const router = express.Router()
    router.get("/slow", (_request, response) => {
      slow.once("answer", () => response.json({ late: true }))
      slow.emit("started")
    })
    return [router]
  },
})

let token = ""
beforeAll(async () => {
  token = await signUpOwner(server)
})

const open = (path: string, headers: Record<string, string> = {}) =>
  new WebSocket(`${server.url.replace("http", "ws")}${path}`, { headers })

const firstMessage = async (socket: WebSocket): Promise<unknown> => {
  const [data] = await once(socket, "message")
  socket.close()
  return JSON.parse(String(data))
}

/** The status that an upgrade is refused with. */
const refusal = async (socket: WebSocket): Promise<number | undefined> => {
  socket.on("error", () => undefined)
  const [, response] = await once(socket, "unexpected-response")
  return (response as { statusCode?: number }).statusCode
}

describe("an upgrade", () => {
  it("reaches its handler, under both prefixes, and may carry its token in the address", async () => {
    for (const prefix of ["/api/v2", "/api/experimental"]) {
      const path = `${prefix}/chats/7/stream`
      expect(await firstMessage(open(`${path}?coder_session_token=${token}&tail=3`))).toEqual({
        user: "owner",
        path,
        tail: "3",
      })
    }
    expect(await firstMessage(open("/api/v2/chats/7/stream", { "coder-session-token": token }))).toMatchObject({
      user: "owner",
    })
    expect(server.log()).not.toContain(token)
  })

  it("is refused without a session", async () => {
    expect(await refusal(open("/api/v2/chats/7/stream"))).toBe(401)
    expect(await refusal(open("/api/v2/chats/7/stream?coder_session_token=wrong"))).toBe(401)
  })

  it("counts a cookie only from pages of this server", async () => {
    const cookie = `coder_session_token=${token}`
    expect(await refusal(open("/api/v2/chats/7/stream", { cookie, origin: "https://evil.example" }))).toBe(401)
    expect(await firstMessage(open("/api/v2/chats/7/stream", { cookie, origin: server.url }))).toMatchObject({
      user: "owner",
    })
  })

  it("to a path that has no stream is a 404", async () => {
    for (const path of [
      "/",
      "/api/v2/chats/7",
      "/api/v2/chats/7/8/stream",
      "/api/v2/chats/7/stream/more",
      "/healthz",
    ]) {
      expect([path, await refusal(open(path))]).toEqual([path, 404])
    }
  })
})

describe("closing", () => {
  it("ends sockets with 1001, answers what is under way, and takes nothing new", async () => {
    const socket = open(`/api/v2/chats/7/stream?coder_session_token=${token}`)
    await once(socket, "message")
    const started = once(slow, "started")
    const answer = fetch(`${server.url}/api/v2/slow`)
    await started

    const gone = once(socket, "close")
    const closed = server.server.close(20_000)
    expect((await gone)[0]).toBe(1001)
    const late = httpRequest(`${server.url}/healthz`)
    late.end()
    expect((await once(late, "error"))[0]).toMatchObject({ code: "ECONNREFUSED" })

    slow.emit("answer")
    expect(await (await answer).json()).toEqual({ late: true })
    // Well before the 20 s that it would wait at most, and before a kept-alive connection times out.
    const since = performance.now()
    await closed
    expect(performance.now() - since).toBeLessThan(5_000)
  })
})
