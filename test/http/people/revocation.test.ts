import { once } from "node:events"
import { beforeAll, describe, expect, it } from "vitest"
import { Group } from "../../../src/contract/organizations.ts"
import { webSocket } from "../../support/chat-reader.ts"
import { useChatServer } from "../../support/chat-server.ts"
import type { Client } from "../../support/client.ts"
import { joined, refusalOf } from "./people-client.ts"

/** Whoever may not read a chat any more is cut off from it, whatever took it away from him. */

const server = useChatServer()
let owner: Client
let ann: { client: Client; id: string }
let chat = ""
beforeAll(async () => {
  owner = server.client
  const { client, user } = await joined(owner, "ann", server.url)
  ann = { client, id: user.id }
  server.provider.script({ items: [{ text: "Hello, too." }] })
  chat = (await client.createChat("Hello")).id
  const reader = await client.stream(chat)
  await reader.untilAnswered(1)
  await reader.close()
})

const expectDone = async (reply: ReadonlyArray<unknown>) => expect(Number(reply[0])).toBeLessThan(300)
const share = async (body: unknown) => expectDone(await refusalOf(ann.client, "PATCH", `/chats/${chat}/acl`, body))
const byOwner = async (method: string, path: string, body?: unknown) =>
  expectDone(await refusalOf(owner, method, path, body))

let people = 0
const somebody = async () => {
  people += 1
  const { client, user } = await joined(owner, `reader${people}`, server.url)
  return { client, id: user.id, username: user.username }
}
type Somebody = Awaited<ReturnType<typeof somebody>>

const groupOf = async ({ id }: Somebody) => {
  const name = `group${people}`
  const group = await owner.expect(Group, 201, "POST", "/organizations/default/groups", { body: { name } })
  await byOwner("PATCH", `/groups/${group.id}`, { add_users: [id] })
  await share({ group_roles: { [group.id]: "read" } })
  return group.id
}

interface Way {
  readonly name: string
  /** Lets him in. Gives what takes it away. */
  readonly letIn: (reader: Somebody) => Promise<() => Promise<void>>
  /** What the chat answers him from then on. */
  readonly answer: number
}

const ways: ReadonlyArray<Way> = [
  {
    name: "the owner takes it back",
    letIn: async ({ id }) => {
      await share({ user_roles: { [id]: "read" } })
      return () => share({ user_roles: { [id]: "" } })
    },
    answer: 404,
  },
  {
    name: "the group loses its member",
    letIn: async (reader) => {
      const group = await groupOf(reader)
      return () => byOwner("PATCH", `/groups/${group}`, { remove_users: [reader.id] })
    },
    answer: 404,
  },
  {
    name: "the group is no longer let in",
    letIn: async (reader) => {
      const group = await groupOf(reader)
      return () => share({ group_roles: { [group]: "" } })
    },
    answer: 404,
  },
  {
    name: "the group is deleted",
    letIn: async (reader) => {
      const group = await groupOf(reader)
      return () => byOwner("DELETE", `/groups/${group}`)
    },
    answer: 404,
  },
  {
    name: "he leaves the organization",
    letIn: async ({ id, username }) => {
      await share({ user_roles: { [id]: "read" } })
      return () => byOwner("DELETE", `/organizations/default/members/${username}`)
    },
    answer: 404,
  },
  {
    name: "he is suspended",
    letIn: async ({ id, username }) => {
      await share({ user_roles: { [id]: "read" } })
      return () => byOwner("PUT", `/users/${username}/status/suspend`)
    },
    answer: 401,
  },
  {
    name: "he is deleted",
    letIn: async ({ id, username }) => {
      await share({ user_roles: { [id]: "read" } })
      return () => byOwner("DELETE", `/users/${username}`)
    },
    answer: 401,
  },
  {
    name: "he signs out",
    letIn: async ({ id, client }) => {
      await share({ user_roles: { [id]: "read" } })
      return async () => expectDone(await refusalOf(client, "POST", "/users/logout"))
    },
    answer: 401,
  },
]

describe("a stream of a shared chat ends when", () => {
  it.each(ways)("$name", async ({ letIn, answer }) => {
    const reader = await somebody()
    const takeAway = await letIn(reader)
    const socket = webSocket(`${server.url}/api/v2/chats/${chat}/stream`, reader.client.authorization)
    await once(socket, "open")
    const events = await reader.client.serverSentEvents(chat)
    await events.until(({ messages }) => messages.size > 1)
    await takeAway()
    const from = performance.now()
    const [code] = (await once(socket, "close")) as [number]
    await events.closed
    expect(code).toBe(1008)
    // A second is promised. On a busy machine it is longer, and a stream that is not cut stays open for ever.
    expect(performance.now() - from).toBeLessThan(5_000)
    expect(await refusalOf(reader.client, "GET", `/chats/${chat}`)).toEqual([answer])
    // What he held does not let him in again.
    const again = reader.client.stream(chat, { cursor: events.cursor })
    await expect(again).rejects.toThrow(String(answer))
  })
})

describe("an administrator who is one no more", () => {
  it("is cut off from what he saw as one, and reads along where he was let in", async () => {
    const { client, id, username } = await somebody()
    await share({ user_roles: { [id]: "read" } })
    await byOwner("PUT", `/organizations/default/members/${username}/roles`, { roles: ["organization-admin"] })
    // The session is believed for a second.
    await expect.poll(async () => (await client.call("GET", `/chats/${chat}/machine`)).status).toBe(200)
    const whole = await client.stream(chat)
    await byOwner("PUT", `/organizations/default/members/${username}/roles`, { roles: [] })
    expect((await whole.closed).code).toBe(1008)
    const reader = await client.stream(chat)
    await reader.until(({ messages }) => messages.size > 1)
    await reader.close()
    expect((await client.call("GET", `/chats/${chat}/machine`)).status).toBe(404)
  })
})
