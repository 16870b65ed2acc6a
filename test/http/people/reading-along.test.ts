import { Schema } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { AuditLog } from "../../../src/contract/audit.ts"
import { Chat } from "../../../src/contract/chats.ts"
import { useChatServer } from "../../support/chat-server.ts"
import type { ChatReader } from "../../support/chat-reader.ts"
import type { Client } from "../../support/client.ts"
import { openGate } from "../../support/scripted-provider.ts"
import { joined, refusalOf, tokenFor } from "./people-client.ts"

/** What somebody sees of a chat that its owner lets him read, and what he does not. */

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

const share = async (chatId: string, role = "read") =>
  expect(await refusalOf(ann.client, "PATCH", `/chats/${chatId}/acl`, { user_roles: { [bob.id]: role } })).toEqual([
    204,
  ])

/** A chat of Ann's whose model has called a tool that has to be allowed first. */
const asking = async () => {
  server.provider.script({ items: [{ text: "I look." }, { calls: [{ tool: "execute", args: { command: "true" } }] }] })
  const chat = await ann.client.createChat("Run it", { tool_policy: [{ pattern: "*", action: "ask" }] })
  const reader = await ann.client.stream(chat.id)
  await reader.until(({ status }) => status === "requires_action")
  await reader.close()
  await share(chat.id)
  return chat.id
}

const typesOf = (reader: ChatReader) => new Set(reader.events.map(({ type }) => type))

describe("who reads along", () => {
  it.each(["stream", "serverSentEvents"] as const)(
    "is told over a %s of messages and states, and neither what waits for a decision nor what is in the queue",
    async (open) => {
      const chatId = await asking()
      await ann.client.send(chatId, "And then?")
      const owner = await ann.client[open](chatId)
      await owner.until(({ events }) => events.some(({ type }) => type === "approval_required"))
      await owner.until(({ queue }) => queue.length === 1)
      const reader = await bob.client[open](chatId)
      await reader.until(({ status, messages }) => status === "requires_action" && messages.size === 2)
      // Live as well: the queue moves, the call is denied, and the turn goes on to its end.
      server.provider.script({ items: [{ text: "So be it." }] }, { items: [{ text: "Then that." }] })
      const [asked] = owner.events.flatMap((event) =>
        event.type === "approval_required" ? event.approval_required.approvals : [],
      )
      const decisions = [{ id: asked?.id, decision: "deny" }]
      expect(await refusalOf(ann.client, "POST", `/chats/${chatId}/approvals`, { decisions })).toEqual([204])
      await reader.until(
        ({ status, lastMessage }) => status === "waiting" && JSON.stringify(lastMessage).includes("Then that."),
      )
      expect([...typesOf(reader)].sort()).toEqual(["message", "message_part", "preview_reset", "status"])
      await Promise.all([owner.close(), reader.close()])
    },
  )

  it("reads the text as it is written, part for part, and the tail of it after a lost connection", async () => {
    const gate = openGate()
    server.provider.script({ items: [{ text: ["One. ", "Two. "] }, { gate: gate.wait }, { text: "Three." }] })
    const chat = await ann.client.createChat("Count")
    await share(chat.id)
    const reader = await bob.client.stream(chat.id)
    await reader.until(({ text }) => text === "One. Two. ")
    await reader.close()
    const again = await bob.client.stream(chat.id, { cursor: reader.cursor })
    gate.open()
    await again.untilAnswered(1)
    const seqs = [...reader.parts, ...again.parts].map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, index) => index + 1))
    expect([...again.messages.keys()].length).toBe(1)
    await again.close()
  })

  it("comes back by his cursor without being told again what he was", async () => {
    const chatId = await asking()
    const reader = await bob.client.stream(chatId)
    await reader.until(({ status }) => status === "requires_action")
    await reader.close()
    const again = await bob.client.stream(chatId, { cursor: reader.cursor })
    server.provider.script({ items: [{ text: "Stopped." }] })
    await ann.client.interrupt(chatId)
    await again.until(({ status }) => status === "waiting")
    expect([...again.messages.keys()].filter((id) => reader.messages.has(id))).toEqual([])
    await again.close()
  })

  it("is shown no queue by the messages either, and the owner's marks nowhere", async () => {
    const chatId = await asking()
    await ann.client.send(chatId, "Later")
    expect((await ann.client.messages(chatId)).queued_messages).toHaveLength(1)
    expect((await bob.client.messages(chatId)).queued_messages).toEqual([])
    expect(await refusalOf(ann.client, "PATCH", `/chats/${chatId}`, { pin_order: 1 })).toEqual([204])
    const lists = await bob.client.expect(Schema.Array(Chat), 200, "GET", "/chats?q=source:shared_with_me")
    const seen = [await bob.client.chat(chatId), lists.find(({ id }) => id === chatId)]
    expect(seen.map((chat) => [chat?.pin_order, chat?.has_unread])).toEqual([
      [0, false],
      [0, false],
    ])
    expect((await ann.client.chat(chatId)).pin_order).toBe(1)
  })

  it("is what a program is with a token that only reads; one that decides is told what waits", async () => {
    const chatId = await asking()
    const seenWith = async (scope: string) => {
      const { client } = await tokenFor(ann.client, "me", server.url, { scopes: [scope] })
      const reader = await client.stream(chatId)
      await reader.until(({ events }) => events.some(({ type }) => type === "preview_reset"))
      await reader.close()
      return typesOf(reader).has("approval_required")
    }
    expect([await seenWith("chat:read"), await seenWith("approve"), await seenWith("all")]).toEqual([false, true, true])
  })
})

describe("an administrator who looks into a chat of somebody else", () => {
  const looks = async (chatId: string) => {
    const query = encodeURIComponent(`resource_type:chat action:open resource_id:${chatId}`)
    const log = await server.client.expect(AuditLog, 200, "GET", `/audit?q=${query}`)
    return log.audit_logs.map(({ actor, diff, description }) => [actor.username, Object.keys(diff), description])
  }
  const of = (client: Client, chatId: string, path: string) => refusalOf(client, "GET", `/chats/${chatId}${path}`)

  it.each([
    "/messages",
    "/prompts",
    "/attempts",
    "/steps",
    "/machine",
    "/transitions",
    "/trace",
    "/approvals",
    "/tool-policy",
  ])("by %s leaves one line in the audit log", async (path) => {
    const chatId = await asking()
    expect(await looks(chatId)).toEqual([])
    expect([await of(server.client, chatId, path), await of(server.client, chatId, path)]).toEqual([[200], [200]])
    expect(await looks(chatId)).toEqual([["owner", [], `owner looked into the chat ${chatId.slice(0, 8)}`]])
  })

  it("by the stream leaves one as well, and neither the owner nor a reader leaves any", async () => {
    const chatId = await asking()
    for (const client of [ann.client, bob.client]) {
      const reader = await client.stream(chatId)
      await reader.until(({ status }) => status === "requires_action")
      await reader.close()
      expect(await of(client, chatId, "/messages")).toEqual([200])
    }
    expect(await of(ann.client, chatId, "/steps")).toEqual([200])
    expect(await looks(chatId)).toEqual([])
    const reader = await server.client.stream(chatId, { query: { inspect: "1" } })
    await reader.until(({ status }) => status === "requires_action")
    await reader.close()
    expect((await looks(chatId)).map(([name]) => name)).toEqual(["owner"])
  })
})
