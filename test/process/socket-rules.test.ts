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
