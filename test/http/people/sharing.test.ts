import { Schema } from "effect"
import { once } from "node:events"
import { beforeAll, describe, expect, it } from "vitest"
import { Chat } from "../../../src/contract/chats.ts"
import { Group, Organization } from "../../../src/contract/organizations.ts"
import { ChatAcl } from "../../../src/contract/sharing.ts"
import { webSocket } from "../../support/chat-reader.ts"
import { useChatServer } from "../../support/chat-server.ts"
import { type Client, textContent } from "../../support/client.ts"
import { joined, refusalOf } from "./people-client.ts"

/** A chat that its owner lets others read. */

const server = useChatServer()
let owner: Client
let ann: { client: Client; id: string }
let bob: { client: Client; id: string }
let eve: { client: Client; id: string }
let chat: Chat
beforeAll(async () => {
  owner = server.client
  const join = async (name: string) => {
    const { client, user } = await joined(owner, name, server.url)
    return { client, id: user.id }
  }
  ann = await join("ann")
  bob = await join("bob")
  eve = await join("eve")
  server.provider.script({ items: [{ text: "Hello, too." }] })
  chat = await ann.client.createChat("Hello")
  const reader = await ann.client.stream(chat.id)
  await reader.untilAnswered(1)
  await reader.close()
})

const share = (body: unknown, as = ann.client, id = chat.id) => refusalOf(as, "PATCH", `/chats/${id}/acl`, body)
const seen = (who: { client: Client }, path = "", id = chat.id) => refusalOf(who.client, "GET", `/chats/${id}${path}`)
const shared = async (who: { client: Client }) =>
  (await who.client.expect(Schema.Array(Chat), 200, "GET", "/chats?q=source:shared_with_me")).map(({ id }) => id)

describe("a chat that is shared with somebody", () => {
  it("is read, followed and listed by him, and by nobody else", async () => {
    expect([await seen(bob), await shared(bob)]).toEqual([[404], []])
    expect(await share({ user_roles: { [bob.id]: "read" } })).toEqual([204])
    for (const path of ["", "/messages", "/prompts"]) expect([path, await seen(bob, path)]).toEqual([path, [200]])
    expect(await shared(bob)).toEqual([chat.id])
    const reader = await bob.client.stream(chat.id)
    await reader.until(({ messages }) => messages.size > 1)
    await reader.close()
    expect([await seen(eve), await shared(eve)]).toEqual([[404], []])
    const acl = await ann.client.expect(ChatAcl, 200, "GET", `/chats/${chat.id}/acl`)
    expect(acl).toMatchObject({ users: [{ username: "bob", role: "read" }], groups: [] })
    expect((await ann.client.chat(chat.id)).shared).toBe(true)
  })

  it("is not driven, changed or looked into by him", async () => {
    const routes: ReadonlyArray<[string, string, unknown?]> = [
      ["POST", "/messages", { content: textContent("mine") }],
      ["PATCH", "", { title: "mine" }],
      ["POST", "/interrupt"],
      ["POST", "/approvals", { decisions: [] }],
      ["POST", "/clear"],
      ["GET", "/machine"],
      ["GET", "/transitions"],
      ["GET", "/steps"],
      ["GET", "/at/1"],
      ["GET", "/attempts"],
      ["GET", "/trace"],
      ["GET", "/trace/1"],
      ["GET", "/approvals"],
      ["GET", "/tool-policy"],
      ["GET", "/stream?inspect=1"],
    ]
    for (const [method, path, body] of routes) {
      const found = await refusalOf(bob.client, method, `/chats/${chat.id}${path}`, body)
      expect([method, path, found[0]]).toEqual([method, path, path === "/approvals" && method === "POST" ? 400 : 404])
    }
    expect(await share({ user_roles: { [eve.id]: "read" } }, bob.client)).toEqual([403])
  })

  it("does not move the owner's read mark when he reads it", async () => {
    const before = (await ann.client.chat(chat.id)).has_unread
    const reader = await bob.client.stream(chat.id)
    await reader.until(({ messages }) => messages.size > 1)
    await reader.close()
    expect((await ann.client.chat(chat.id)).has_unread).toBe(before)
  })

  it("is taken away within a second, also from who has it open", async () => {
    expect(await share({ user_roles: { [bob.id]: "read" } })).toEqual([204])
    const socket = webSocket(`${server.url}/api/v2/chats/${chat.id}/stream`, bob.client.authorization)
    await once(socket, "open")
    const events = await fetch(`${server.url}/api/v2/chats/${chat.id}/stream`, {
      headers: { ...bob.client.authorization, accept: "text/event-stream" },
    })
    const from = performance.now()
    expect(await share({ user_roles: { [bob.id]: "" } })).toEqual([204])
    const [code] = (await once(socket, "close")) as [number]
    expect(code).toBe(1008)
    await events.text()
    // Not a figure: a stream that is not cut stays open for ever.
    expect(performance.now() - from).toBeLessThan(10_000)
    expect([await seen(bob), await shared(bob)]).toEqual([[404], []])
  })
})

describe("a chat that is shared with a group", () => {
  it("is read by who is in it, as long as he is", async () => {
    const group = await owner.expect(Group, 201, "POST", "/organizations/default/groups", { body: { name: "readers" } })
    await owner.expect(Group, 200, "PATCH", `/groups/${group.id}`, { body: { add_users: [eve.id] } })
    expect(await share({ group_roles: { [group.id]: "read" } })).toEqual([204])
    expect([await seen(eve), await shared(eve), await seen(bob)]).toEqual([[200], [chat.id], [404]])
    await owner.expect(Group, 200, "PATCH", `/groups/${group.id}`, { body: { remove_users: [eve.id] } })
    expect([await seen(eve), await shared(eve)]).toEqual([[404], []])
    expect(await share({ group_roles: { [group.id]: "" } })).toEqual([204])
  })

  it("of everyone is read by all members of the organization", async () => {
    const organizationId = await ann.client.organizationId()
    expect(await share({ group_roles: { [organizationId]: "read" } })).toEqual([204])
    expect([await seen(bob), await seen(eve)]).toEqual([[200], [200]])
    expect(await refusalOf(owner, "DELETE", "/organizations/default/members/eve")).toEqual([204])
    expect(await seen(eve)).toEqual([404])
    await owner.call("POST", "/organizations/default/members/eve")
    expect(await share({ group_roles: { [organizationId]: "" } })).toEqual([204])
  })
})

describe("sharing", () => {
  it.each([
    ["with the owner", () => ({ user_roles: { [ann.id]: "read" } }), "user_roles"],
    ["with more than reading", () => ({ user_roles: { [bob.id]: "admin" } }), "user_roles"],
    ["with nobody there is", () => ({ user_roles: { "00000000-0000-4000-8000-000000000000": "read" } }), "user_roles"],
    [
      "with no group there is",
      () => ({ group_roles: { "00000000-0000-4000-8000-000000000000": "read" } }),
      "group_roles",
    ],
    ["by a name", () => ({ user_roles: { bob: "read" } }), "user_roles"],
  ])("%s is refused, and nothing changed", async (_, body, field) => {
    expect(await share(body())).toEqual([400, field])
    expect((await ann.client.expect(ChatAcl, 200, "GET", `/chats/${chat.id}/acl`)).users).toEqual([])
  })

  it("with a stranger to the organization is refused", async () => {
    const other = await owner.expect(Organization, 201, "POST", "/organizations", { body: { name: "elsewhere" } })
    await owner.call("PUT", "/organizations/elsewhere/members/owner/roles", { body: { roles: ["agents-access"] } })
    const body = { organization_id: other.id, content: textContent("Hi") }
    const there = await owner.expect(Chat, 201, "POST", "/chats", { body })
    expect(await share({ user_roles: { [bob.id]: "read" } }, owner, there.id)).toEqual([400, "user_roles"])
  })
})

it("a name that every object has is no account", async () => {
  expect(await share(JSON.parse('{"user_roles":{"__proto__":"read","constructor":"read"}}'))).toEqual([
    400,
    "user_roles",
  ])
})

describe("who may not see a chat", () => {
  it("gets the same bytes for one that is there as for one that is not", async () => {
    const paths = ["", "/messages", "/prompts", "/machine", "/acl", "/approvals"]
    for (const path of paths) {
      const there = await bob.client.call("GET", `/chats/${chat.id}${path}`)
      const missing = await bob.client.call("GET", `/chats/00000000-0000-4000-8000-000000000000${path}`)
      expect([path, there.status, there.body]).toEqual([path, missing.status, missing.body])
    }
  })
})
