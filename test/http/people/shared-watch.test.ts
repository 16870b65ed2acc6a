import { Schema } from "effect"
import { once } from "node:events"
import { beforeAll, describe, expect, it } from "vitest"
import type { WebSocket } from "ws"
import { Chat } from "../../../src/contract/chats.ts"
import { Group, Organization } from "../../../src/contract/organizations.ts"
import { ChatWatchEvent } from "../../../src/contract/stream.ts"
import { webSocket } from "../../support/chat-reader.ts"
import { useChatServer } from "../../support/chat-server.ts"
import type { Client } from "../../support/client.ts"
import { openGate } from "../../support/scripted-provider.ts"
import { joined, refusalOf } from "./people-client.ts"

/** News of chats that others share with somebody, as his list of chats is told them. */

const server = useChatServer()
let ann: { client: Client; id: string }
let bob: { client: Client; id: string }
beforeAll(async () => {
  const join = async (name: string) => {
    const { client, user } = await joined(server.client, name, server.url)
    return { client, id: user.id }
  }
  ann = await join("ann")
  bob = await join("bob")
})

const decode = Schema.decodeUnknownSync(Schema.parseJson(ChatWatchEvent))

/** Hears the news of one person until `close`. */
const listening = async (as: Client) => {
  const socket: WebSocket = webSocket(`${server.url}/api/v2/chats/watch`, as.authorization)
  const heard: Array<ChatWatchEvent> = []
  socket.on("message", (data) => void heard.push(decode(String(data))))
  await once(socket, "open")
  /** The next news of the kind about the chat, since the last that was waited for. */
  let from = 0
  const next = (kind: ChatWatchEvent["kind"], chatId: string): Promise<Chat> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const at = heard.findIndex((event, index) => index >= from && event.kind === kind && event.chat.id === chatId)
        if (at === -1) return
        from = at + 1
        stop()
        resolve((heard[at] as ChatWatchEvent).chat as Chat)
      }
      const timer = setTimeout(() => {
        stop()
        reject(new Error(`No ${kind}: ${JSON.stringify(heard.map((event) => [event.kind, event.chat.title]))}`))
      }, 10_000)
      const stop = () => {
        clearTimeout(timer)
        socket.off("message", look)
      }
      socket.on("message", look)
      look()
    })
  return { heard, next, close: () => socket.close() }
}

const share = (id: string, body: unknown) => refusalOf(ann.client, "PATCH", `/chats/${id}/acl`, body)
const answered = async () => {
  server.provider.script({ items: [{ text: "Hello." }] })
  const chat = await ann.client.createChat("Hello")
  const reader = await ann.client.stream(chat.id)
  await reader.untilAnswered(1)
  await reader.close()
  return chat.id
}

describe("a list of chats", () => {
  it("is told that one is let in, what becomes of the chat, and that one is out again", async () => {
    const chatId = await answered()
    const { next, heard, close } = await listening(bob.client)
    await share(chatId, { user_roles: { [bob.id]: "read" } })
    expect(await next("created", chatId)).toMatchObject({
      owner_id: ann.id,
      shared: true,
      pin_order: 0,
      has_unread: false,
    })
    await ann.client.call("PATCH", `/chats/${chatId}`, { body: { title: "Another name" } })
    expect((await next("title_change", chatId)).title).toBe("Another name")
    const gate = openGate()
    server.provider.script({ items: [{ text: "Yes" }, { gate: gate.wait }] })
    await ann.client.send(chatId, "Go on")
    expect((await next("status_change", chatId)).status).toBe("running")
    gate.open()
    expect((await next("status_change", chatId)).status).toBe("waiting")
    await ann.client.call("PATCH", `/chats/${chatId}`, { body: { archived: true } })
    await next("deleted", chatId)
    await ann.client.call("PATCH", `/chats/${chatId}`, { body: { archived: false } })
    await next("created", chatId)
    await share(chatId, { user_roles: { [bob.id]: "" } })
    await ann.client.call("PATCH", `/chats/${chatId}`, { body: { title: "Not for Bob" } })
    expect((await next("deleted", chatId)).title).toBe("Another name")
    const mark = await answered()
    await share(mark, { user_roles: { [bob.id]: "read" } })
    await next("created", mark)
    expect(JSON.stringify(heard)).not.toContain("Not for Bob")
    close()
  })

  it("is told the same of what groups are let into, and of coming and going in them", async () => {
    const chatId = await answered()
    const group = await server.client.expect(Group, 201, "POST", "/organizations/default/groups", {
      body: { name: "watchers" },
    })
    await share(chatId, { group_roles: { [group.id]: "read" } })
    const { next, heard, close } = await listening(bob.client)
    const change = (body: unknown) => server.client.call("PATCH", `/groups/${group.id}`, { body })
    await change({ add_users: [bob.id] })
    await next("created", chatId)
    await change({ remove_users: [bob.id] })
    await next("deleted", chatId)
    await change({ add_users: [bob.id] })
    await next("created", chatId)
    await server.client.call("DELETE", `/groups/${group.id}`)
    await next("deleted", chatId)
    const kinds = heard.flatMap(({ kind, chat }) => (chat.id === chatId ? [kind] : []))
    expect(kinds).toEqual(["created", "deleted", "created", "deleted"])
    close()
  })

  it("is told of what everybody is let into, and no more once its user has left the organization", async () => {
    const chatId = await answered()
    const organizationId = await ann.client.organizationId()
    const { next, heard, close } = await listening(bob.client)
    await share(chatId, { group_roles: { [organizationId]: "read" } })
    await next("created", chatId)
    await server.client.call("DELETE", "/organizations/default/members/bob")
    await next("deleted", chatId)
    await server.client.call("POST", "/organizations/default/members/bob")
    await next("created", chatId)
    await share(chatId, { group_roles: { [organizationId]: "" } })
    await next("deleted", chatId)
    const kinds = heard.flatMap(({ kind, chat }) => (chat.id === chatId ? [kind] : []))
    expect(kinds).toEqual(["created", "deleted", "created", "deleted"])
    close()
  })

  it("is not told what it knows when it is opened, nor of its owner's sharing as if it were another's", async () => {
    const chatId = await answered()
    const before = await listening(bob.client)
    await share(chatId, { user_roles: { [bob.id]: "read" } })
    await before.next("created", chatId)
    before.close()
    const again = await listening(bob.client)
    const owners = await listening(ann.client)
    const mark = await answered()
    await share(mark, { user_roles: { [bob.id]: "read" } })
    await again.next("created", mark)
    expect(again.heard.map(({ chat }) => chat.id)).not.toContain(chatId)
    await owners.next("title_change", mark)
    expect(owners.heard.map(({ kind }) => kind)).not.toContain("deleted")
    again.close()
    owners.close()
  })
})

describe("the list of chats by its source", () => {
  const listed = async (source: string) =>
    (await bob.client.expect(Schema.Array(Chat), 200, "GET", `/chats?q=source:${source}&limit=200`)).map(({ id }) => id)

  it("has one's own, those of others, or both, each once", async () => {
    const theirs = await answered()
    await share(theirs, {
      user_roles: { [bob.id]: "read" },
      group_roles: { [await ann.client.organizationId()]: "read" },
    })
    server.provider.script({ items: [{ text: "Hello." }] })
    const own = (await bob.client.createChat("Mine")).id
    await bob.client.call("PATCH", `/chats/${own}`, { body: { pin_order: 1 } })
    const [mine, shared, all] = [await listed("created_by_me"), await listed("shared_with_me"), await listed("all")]
    expect([mine.includes(own), mine.includes(theirs), shared.includes(own), shared.includes(theirs)]).toEqual([
      true,
      false,
      false,
      true,
    ])
    // What is pinned comes first, whoever's chat was changed last.
    expect([all[0], [...all].sort()]).toEqual([own, [...mine, ...shared].sort()])
  })

  it("gives no chat away by naming it as the place to read on from", async () => {
    const other = await server.client.expect(Organization, 201, "POST", "/organizations", { body: { name: "apart" } })
    expect(other.name).toBe("apart")
    const hidden = await answered()
    const after = async (id: string) => (await bob.client.call("GET", `/chats?q=source:all&after_id=${id}`)).body
    expect([await after(hidden), await after("00000000-0000-4000-8000-000000000000")]).toEqual([[], []])
  })
})
