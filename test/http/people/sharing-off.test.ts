import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { once } from "node:events"
import { beforeAll, expect, it } from "vitest"
import { webSocket } from "../../support/chat-reader.ts"
import { useChatServer } from "../../support/chat-server.ts"
import type { Client } from "../../support/client.ts"
import { joined, refusalOf } from "./people-client.ts"

/** A deployment that has switched sharing off, with a chat that was shared before. */

const server = useChatServer({ TROUPE_CHAT_SHARING: "off" })
let ann: Client
let bob: Client
let chat = ""
beforeAll(async () => {
  ann = (await joined(server.client, "ann", server.url)).client
  const { client, user } = await joined(server.client, "bob", server.url)
  bob = client
  server.provider.script({ items: [{ text: "Hello, too." }] })
  chat = (await ann.createChat("Hello")).id
  const acl = JSON.stringify({ [user.id]: "read" })
  await server.database.run(
    Effect.flatMap(SqlClient.SqlClient, (sql) => sql`update chats set user_acl = ${acl}::jsonb where id = ${chat}`),
  )
})

it("nobody reads what was shared, over no route and in no list", async () => {
  for (const path of ["", "/messages", "/prompts", "/acl"]) {
    expect([path, await refusalOf(bob, "GET", `/chats/${chat}${path}`)]).toEqual([path, [404]])
  }
  await expect(bob.stream(chat)).rejects.toThrow("404")
  for (const source of ["shared_with_me", "all"]) {
    expect((await bob.call("GET", `/chats?q=source:${source}`)).body).toEqual([])
  }
})

it("the owner is told that it is off, and the list of what is his has it as before", async () => {
  expect(await refusalOf(ann, "GET", `/chats/${chat}/acl`)).toEqual([403])
  expect(await refusalOf(ann, "PATCH", `/chats/${chat}/acl`, { user_roles: {} })).toEqual([403])
  const { body } = await ann.call("GET", "/chats?q=source:all")
  expect((body as ReadonlyArray<{ readonly id: string }>).map(({ id }) => id)).toEqual([chat])
})

it("the news of chats are those of one's own", async () => {
  const socket = webSocket(`${server.url}/api/v2/chats/watch`, bob.authorization)
  const heard: Array<string> = []
  socket.on("message", (data) => heard.push(String(data)))
  await once(socket, "open")
  await ann.call("PATCH", `/chats/${chat}`, { body: { title: "Not for Bob" } })
  server.provider.script({ items: [{ text: "Hi." }] })
  const own = await bob.createChat("Mine")
  await expect.poll(() => heard.some((text) => text.includes(own.id))).toBe(true)
  expect(heard.join("")).not.toContain(chat)
  socket.close()
})
