import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { useChatServer } from "../support/chat-server.ts"
import { chatsOf } from "../support/server-chats.ts"

/** Statuses of the routes that summarise and clear a context, stop a family, and repair a chat. */

const server = useChatServer({ TROUPE_SWEEP_MS: "50" })
const UNKNOWN = "00000000-0000-4000-8000-000000000000"

const post = async (chat: string, action: string, body?: unknown) => {
  const reply = await server.client.call("POST", `/chats/${chat}/${action}`, body === undefined ? {} : { body })
  return { status: reply.status, body: reply.body as { readonly message?: string; readonly status?: string } }
}

const { until, idle, busy } = chatsOf(server)

describe.each(["compact", "clear", "reconcile-invalid"])("POST /chats/{chat}/%s", (action) => {
  it("refuses what is no chat, a busy one and an archived one", async () => {
    expect((await post("not-a-uuid", action)).status).toBe(404)
    expect((await post(UNKNOWN, action)).status).toBe(404)
    if (action === "reconcile-invalid") return
    const refused = await post(await busy(), action)
    expect([refused.status, refused.body.message]).toEqual([409, expect.stringMatching(/^\S.*\.$/)])
    const archived = await idle()
    await server.client.call("PATCH", `/chats/${archived}`, { body: { archived: true } })
    expect((await post(archived, action)).status).toBe(400)
  })
})

describe("a chat at rest", () => {
  it("is summarised as work of its own", async () => {
    const chat = await idle()
    server.provider.script({ items: [{ text: "They said hi." }] })
    const answer = await post(chat, "compact")
    // In which state is luck: the answer is the chat as it is by then.
    expect([answer.status, answer.body]).toEqual([200, expect.objectContaining({ id: chat })])
    await until(chat, "waiting")
    expect((await post(chat, "compact")).status).toBe(409)
    const { messages } = await server.client.messages(chat)
    expect(messages[0]?.content[0]).toMatchObject({
      tool_name: "chat_summarized",
      result: { summary: "They said hi." },
    })
  })

  it("is cleared at once, and then there is nothing to clear", async () => {
    const chat = await idle()
    const answer = await post(chat, "clear")
    expect([answer.status, answer.body]).toEqual([200, expect.objectContaining({ id: chat, status: "waiting" })])
    const again = await post(chat, "clear")
    expect([again.status, again.body.message]).toEqual([409, expect.stringMatching(/nothing to clear/)])
  })

  it("needs no repair", async () => {
    const answer = await post(await idle(), "reconcile-invalid")
    expect([answer.status, answer.body.message]).toEqual([409, expect.stringMatching(/nothing to repair/)])
  })

  it("cannot be interrupted with its family either, when none of it works", async () => {
    const chat = await idle()
    expect((await post(chat, "interrupt", { cascade: true })).status).toBe(409)
    expect((await post(chat, "interrupt", { cascade: "yes" })).status).toBe(400)
  })
})

it("a chat in no valid state says so, and how it is repaired", async () => {
  const chat = await idle()
  await server.database.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`update chats set activity = 'requires_action.approval' where id = ${chat}`,
    ).pipe(Effect.orDie),
  )
  // Its actor is alive and knows nothing of it; looking at it begins with the rows.
  const repaired = await post(chat, "reconcile-invalid")
  expect([repaired.status, repaired.body]).toEqual([200, expect.objectContaining({ status: "error" })])
  expect((await post(chat, "reconcile-invalid")).status).toBe(409)
})
