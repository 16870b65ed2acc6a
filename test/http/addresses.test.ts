import { once } from "node:events"
import { describe, expect, it } from "vitest"
import { webSocket } from "../support/chat-reader.ts"
import { useChatServer } from "../support/chat-server.ts"
import { textContent } from "../support/client.ts"
import { chatsOf } from "../support/server-chats.ts"

/** Ids in addresses, as clients may write them. */

const server = useChatServer({ TROUPE_SWEEP_MS: "50" })
const { busy, idle } = chatsOf(server)

describe("a stream whose address cannot be read", () => {
  it.each([
    ["%E0%A4%A", 400],
    ["%00", 404],
    ["not-a-chat", 404],
  ])("is refused, and the server goes on (%s)", async (id, status) => {
    const socket = webSocket(`${server.url}/api/v2/chats/${id}/stream`, server.client.authorization)
    const [, response] = (await once(socket, "unexpected-response")) as [unknown, { readonly statusCode: number }]
    expect(response.statusCode).toBe(404)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    const request = await server.client.call("GET", `/chats/${id}`)
    expect(request.status).toBe(status)
  })
})

describe("a word where an id would stand", () => {
  const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
  const words = ["by-workspace", "files", "usage-limits", "user-provider-configs", "insights", "1", "0-0"]

  it.each(words)("is the name of a route that is not served: /chats/%s", async (word) => {
    const answers = await Promise.all(
      methods.flatMap((method) =>
        ["", "/messages", "/interrupt", "/at/1"].map((rest) =>
          server.client.call(method, `/chats/${word}${rest}`, method === "POST" ? { body: {} } : {}),
        ),
      ),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]))
    const said = answers.flatMap(({ body }) => body ?? [])
    expect(said).toHaveLength(4 * (methods.length - 1))
    for (const body of said) expect(body).toEqual({ message: "There is no such route. See /docs/api." })
    expect((await server.client.call("GET", `/chats/${word}/stream`)).status).toBe(404)
  })

  it("takes nothing from the routes that are served beside the ids", async () => {
    const statuses = await Promise.all(
      ["models", "model-configs", "providers", "config/capacity", crypto.randomUUID()].map(
        async (path) => (await server.client.call("GET", `/chats/${path}`)).status,
      ),
    )
    expect(statuses).toEqual([200, 200, 200, 200, 404])
    expect((await server.client.call("PUT", `/chats/${crypto.randomUUID()}`)).status).toBe(405)
  })
})

describe("an id in upper case", () => {
  it("is the same chat, with the one actor that it has", async () => {
    const chat = await busy()
    const { requests } = server.provider
    const asked = requests.length
    for (const id of [chat.toUpperCase(), chat, chat.toUpperCase()]) {
      const sent = await server.client.send(id, `to ${id}`)
      expect(sent.queued_message).toMatchObject({ chat_id: chat })
    }
    const state = await server.client.call("GET", `/chats/${chat}/machine`)
    expect(state.body).toMatchObject({ life: "running.generating", owner: { epoch: 1, recovery_attempts: 0 } })
    expect((await server.client.attempts(chat)).attempts.filter(({ reason }) => reason !== null)).toEqual([])
    expect(requests).toHaveLength(asked)
  })

  it("is the same address to an Idempotency-Key", async () => {
    const chat = await idle()
    server.provider.script({ items: [{ text: "once" }] })
    const send = (id: string) =>
      server.client.call("POST", `/chats/${id}/messages`, {
        body: { content: textContent("hello") },
        headers: { "idempotency-key": "one" },
      })
    const [first, second] = [await send(chat), await send(chat.toUpperCase())]
    expect([first.status, second.status, second.body]).toEqual([200, 200, first.body])
    const titled = (id: string) =>
      server.client.call("PATCH", `/chats/${id}`, { body: { title: "A" }, headers: { "idempotency-key": "two" } })
    expect([(await titled(chat)).status, (await titled(chat.toUpperCase())).status]).toEqual([204, 204])
  })
})
