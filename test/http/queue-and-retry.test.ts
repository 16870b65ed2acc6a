import { describe, expect, it } from "vitest"
import { useChatServer } from "../support/chat-server.ts"
import { textContent } from "../support/client.ts"
import { chatsOf } from "../support/server-chats.ts"

/** Statuses of the routes that change what waits and that do a turn again. */

const server = useChatServer({ TROUPE_SWEEP_MS: "50" })
const UNKNOWN = "00000000-0000-4000-8000-000000000000"
const { create, until, idle, busy } = chatsOf(server)

const call = async (method: string, path: string, body?: unknown) => {
  const reply = await server.client.call(method, path, body === undefined ? {} : { body })
  return { status: reply.status, body: reply.body as { readonly id?: number; readonly message?: string } }
}

const queued = async (chat: string, text: string) => (await server.client.send(chat, text)).queued_message?.id ?? 0

describe("PATCH /chats/{chat}/queue/{id}", () => {
  it("answers with the message as it is then", async () => {
    const chat = await busy()
    const [one, two] = [await queued(chat, "one"), await queued(chat, "two")]
    const change = { content: textContent("better"), kind: "steer", before: one }
    const changed = await call("PATCH", `/chats/${chat}/queue/${two}`, change)
    expect(changed).toMatchObject({ status: 200, body: { id: two, kind: "steer", content: textContent("better") } })
    const { queued_messages } = await server.client.messages(chat)
    expect(queued_messages.map(({ id }) => id)).toEqual([two, one])
    // Nothing to change is nothing wrong; null is left out everywhere but where it means the end.
    expect(await call("PATCH", `/chats/${chat}/queue/${two}`, { content: null, kind: "" })).toMatchObject({
      status: 200,
      body: { kind: "steer", content: textContent("better") },
    })
  })

  it("refuses what is wrong, gone, or of nobody", async () => {
    const chat = await busy()
    const one = await queued(chat, "one")
    const path = `/chats/${chat}/queue/${one}`
    for (const wrong of [
      { content: [] },
      { content: textContent("  ") },
      { kind: "interrupt" },
      { before: one },
      { before: one + 1_000_000 },
      { before: "first" },
    ]) {
      expect([wrong, (await call("PATCH", path, wrong)).status]).toEqual([wrong, 400])
    }
    expect((await call("PATCH", `/chats/${chat}/queue/${one + 1_000_000}`, { kind: "queue" })).status).toBe(404)
    expect((await call("PATCH", `/chats/${UNKNOWN}/queue/1`, { kind: "queue" })).status).toBe(404)
    await call("DELETE", path)
    expect((await call("PATCH", path, { content: textContent("late") })).status).toBe(404)
  })

  it("is in conflict with a message that has gone to the model", async () => {
    const chat = await busy()
    const one = await queued(chat, "one")
    server.provider.script({ items: [{ text: "to one" }] })
    await call("POST", `/chats/${chat}/queue/${one}/promote`)
    await expect.poll(async () => (await server.client.messages(chat)).queued_messages, { timeout: 10_000 }).toEqual([])
    const late = await call("PATCH", `/chats/${chat}/queue/${one}`, { content: textContent("late") })
    expect([late.status, late.body.message]).toEqual([409, expect.stringMatching(/^\S.*\.$/)])
  })
})

describe("POST /chats/{chat}/retry", () => {
  it("is in conflict with a chat where nothing has failed", async () => {
    expect((await call("POST", `/chats/${UNKNOWN}/retry`)).status).toBe(404)
    for (const chat of [await idle(), await busy()]) {
      const refused = await call("POST", `/chats/${chat}/retry`, {})
      expect([refused.status, refused.body.message]).toEqual([409, expect.stringMatching(/nothing to try again/)])
    }
    const archived = await idle()
    await call("PATCH", `/chats/${archived}`, { archived: true })
    expect((await call("POST", `/chats/${archived}/retry`, {})).status).toBe(400)
  })

  it("answers with the chat, which is at work, with and without a body", async () => {
    server.provider.script({ when: "fails", status: 401 })
    const chat = await create({ content: textContent("fails") })
    for (const body of [undefined, { model_config_id: null }]) {
      await until(chat.id, "error")
      server.provider.script({ when: "fails", status: 401 })
      expect(await call("POST", `/chats/${chat.id}/retry`, body)).toMatchObject({ status: 200, body: { id: chat.id } })
    }
    await until(chat.id, "error")
    const unknown = await call("POST", `/chats/${chat.id}/retry`, { model_config_id: UNKNOWN })
    expect(unknown.status).toBe(400)
  })
})
