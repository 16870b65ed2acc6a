import { once } from "node:events"
import { beforeAll, expect, it } from "vitest"
import type { WebSocket } from "ws"
import { webSocket } from "../support/chat-reader.ts"
import { Client } from "../support/client.ts"
import { useServerProcess } from "../support/server-process.ts"

/** What a chat's WebSocket itself promises. */

const server = useServerProcess({ TROUPE_PING_MS: "1000" })
let client: Client
let chatId = ""

beforeAll(async () => {
  client = await Client.signIn(server.url)
  chatId = (await client.createChat("Hi")).id
})

const socketTo = (path: string, options: { autoPong?: boolean } = {}): WebSocket =>
  webSocket(`${server.url}/api/v2${path}`, client.authorization, options)

it.each(["stream", "watch"])("a client that writes to %s is closed with 1008", async (name) => {
  for (const message of ["{}", Buffer.from("binary")]) {
    const socket = socketTo(name === "watch" ? "/chats/watch" : `/chats/${chatId}/stream`)
    await once(socket, "open")
    socket.send(message)
    const [code, reason] = await once(socket, "close")
    expect([code, String(reason)]).toEqual([1008, "This stream takes no messages."])
  }
})

it("ends when the session that opened it is over", async () => {
  const leaving = await Client.signIn(server.url)
  const sockets = ["/chats/watch", `/chats/${chatId}/stream`].map((path) =>
    webSocket(`${server.url}/api/v2${path}`, leaving.authorization),
  )
  await Promise.all(sockets.map((socket) => once(socket, "open")))
  const events = await leaving.serverSentEvents(chatId)
  const staying = socketTo("/chats/watch")
  await once(staying, "open")
  const closed = Promise.all(sockets.map((socket) => once(socket, "close")))
  expect((await leaving.call("POST", "/users/logout")).status).toBe(204)
  expect((await closed).map(([code]) => code as number)).toEqual([1008, 1008])
  await events.closed
  await once(staying, "ping")
  expect(staying.readyState).toBe(staying.OPEN)
  staying.close()
})

it("pings, and keeps who answers", async () => {
  const socket = socketTo(`/chats/${chatId}/stream`)
  for (let ping = 0; ping < 4; ping += 1) await once(socket, "ping")
  expect(socket.readyState).toBe(socket.OPEN)
  socket.close()
})

it("lets go of who does not answer a ping", async () => {
  const socket = socketTo(`/chats/${chatId}/stream`, { autoPong: false })
  expect((await once(socket, "close"))[0]).toBe(1006)
})
