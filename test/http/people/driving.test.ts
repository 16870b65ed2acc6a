import { beforeAll, describe, expect, it } from "vitest"
import { User } from "../../../src/contract/identity.ts"
import { ApprovalsResponse } from "../../../src/contract/tool-policy.ts"
import { useChatServer } from "../../support/chat-server.ts"
import { type Client, textContent } from "../../support/client.ts"
import { joined, refusalOf, tokenFor } from "./people-client.ts"

/** Who drives a chat, with which credentials: sending, editing and answering client tools is one thing, deciding what runs another. */

const server = useChatServer()
let ann: Client
let bob: Client
beforeAll(async () => {
  ann = (await joined(server.client, "ann", server.url)).client
  bob = (await joined(server.client, "bob", server.url)).client
})

const tokenOf = async (...scopes: ReadonlyArray<string>) => (await tokenFor(ann, "me", server.url, { scopes })).client
const ask = [{ pattern: "*", action: "ask" as const }]

const untilStatus = async (as: Client, chatId: string, status: string) => {
  const reader = await as.stream(chatId)
  await reader.until((seen) => seen.status === status)
  await reader.close()
  return reader
}

const idle = async (as: Client = ann) => {
  server.provider.script({ items: [{ text: "Hello." }] })
  const chat = await as.createChat("Hello")
  const reader = await untilStatus(as, chat.id, "waiting")
  return { id: chat.id, message: [...reader.messages.values()].find(({ role }) => role === "user")?.id }
}

const asksClient = async () => {
  server.provider.script({ items: [{ calls: [{ tool: "ask_user", args: {} }] }] })
  const chat = await ann.createChat("Ask", {
    unsafe_dynamic_tools: [{ name: "ask_user", input_schema: { type: "object" } }],
  })
  const reader = await untilStatus(ann, chat.id, "requires_action")
  const [call] = reader.events.flatMap((event) =>
    event.type === "action_required" ? event.action_required.tool_calls : [],
  )
  return { id: chat.id, results: [{ tool_call_id: call?.tool_call_id, output: "yes" }] }
}

const asksPerson = async (as: Client = ann) => {
  server.provider.script({ items: [{ calls: [{ tool: "execute", args: { command: "true" } }] }] })
  const chat = await as.createChat("Run it", { tool_policy: ask })
  await untilStatus(as, chat.id, "requires_action")
  const [approval] = (await server.client.expect(ApprovalsResponse, 200, "GET", `/chats/${chat.id}/approvals`))
    .approvals
  return { id: chat.id, body: { decisions: [{ id: approval?.id, decision: "deny" }] } }
}

/** What each credential is answered: sending, editing, answering a client's tool, deciding, and setting the rules. */
const answers = async (as: Client) => {
  server.provider.reset()
  const chat = await idle()
  const asked = await asksClient()
  const waits = await asksPerson()
  server.provider.script(...Array.from({ length: 4 }, () => ({ items: [{ text: "On." }] })))
  return [
    await refusalOf(as, "POST", `/chats/${chat.id}/messages`, { content: textContent("Go on") }),
    await refusalOf(as, "PATCH", `/chats/${chat.id}/messages/${chat.message}`, { content: textContent("Anew") }),
    await refusalOf(as, "POST", `/chats/${asked.id}/tool-results`, { results: asked.results }),
    await refusalOf(as, "POST", `/chats/${waits.id}/approvals`, waits.body),
    await refusalOf(as, "PATCH", `/chats/${waits.id}`, { tool_policy: [] }),
  ].map(([status]) => status)
}

describe("a chat is driven", () => {
  it.each<[string, () => Client | Promise<Client>, ReadonlyArray<number>]>([
    ["by its owner in a session, in every way", () => ann, [200, 200, 204, 204, 204]],
    [
      "by a token of the owner's, which decides nothing about what runs",
      () => tokenOf("all"),
      [200, 200, 204, 403, 403],
    ],
    [
      "by a token that may do all with chats, which decides nothing either",
      () => tokenOf("chat:*"),
      [200, 200, 204, 403, 403],
    ],
    ["not by a token that decides", () => tokenOf("approve"), [403, 403, 403, 204, 404]],
    ["by a token for both, in every way", () => tokenOf("all", "approve"), [200, 200, 204, 204, 204]],
    ["not by a token that reads", () => tokenOf("chat:read"), [403, 403, 403, 403, 403]],
    ["not by an administrator", () => server.client, [403, 403, 403, 403, 403]],
    ["by nobody else, who does not see that it is there", () => bob, [404, 404, 404, 404, 404]],
  ])("%s", async (_, as, wanted) => {
    expect(await answers(await as())).toEqual(wanted)
  })

  it("by a service account that owns it, which never decides what runs in it", async () => {
    const account = await server.client.expect(User, 201, "POST", "/users", {
      body: { username: "robot", service_account: true },
    })
    await server.client.call("PUT", "/organizations/default/members/robot/roles", {
      body: { roles: ["agents-access"] },
    })
    const tokens = `/users/${account.id}/keys/tokens`
    expect(await refusalOf(server.client, "POST", tokens, { scopes: ["approve"] })).toEqual([400, "scopes"])
    const robot = (await tokenFor(server.client, account.id, server.url, { scopes: ["all"] })).client
    server.provider.reset()
    const chat = await idle(robot)
    server.provider.script({ items: [{ text: "On." }] })
    const send = { content: textContent("Go on") }
    expect(await refusalOf(robot, "POST", `/chats/${chat.id}/messages`, send)).toEqual([200])
    await untilStatus(robot, chat.id, "waiting")
    const waits = await asksPerson(robot)
    expect(await refusalOf(robot, "POST", `/chats/${waits.id}/approvals`, waits.body)).toEqual([403])
    expect(await refusalOf(robot, "PATCH", `/chats/${waits.id}`, { tool_policy: [] })).toEqual([403])
    // Nobody decides in its place: what it may run is a matter of its rules.
    expect(await refusalOf(server.client, "POST", `/chats/${waits.id}/approvals`, waits.body)).toEqual([403])
    expect(await refusalOf(ann, "POST", `/chats/${waits.id}/approvals`, waits.body)).toEqual([404])
  })
})
