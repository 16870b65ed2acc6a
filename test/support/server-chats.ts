import { Chat } from "../../src/contract/chats.ts"
import type { ChatStreamEvent } from "../../src/contract/stream.ts"
import type { ChatServer } from "./chat-server.ts"
import { textContent } from "./client.ts"

/** Chats of a scripted server in the states that tests of its routes begin with, made over the routes themselves. */
export const chatsOf = (server: ChatServer) => {
  const told = async (chatId: string, holds: (event: ChatStreamEvent) => boolean): Promise<void> => {
    const reader = await server.client.stream(chatId)
    await reader.until(() => reader.events.some(holds))
    await reader.close()
  }

  /** Resolves when the chat is in this activity, or was since the call. */
  const until = (chatId: string, activity: string) =>
    told(chatId, (event) => event.type === "status" && event.status.activity === activity)

  const create = async (body: Readonly<Record<string, unknown>> = {}) => {
    const organization_id = await server.client.organizationId()
    const content = textContent("go")
    return server.client.expect(Chat, 201, "POST", "/chats", { body: { organization_id, content, ...body } })
  }

  /** A chat that has answered "hi". */
  const idle = async () => {
    server.provider.script({ items: [{ text: "hi" }] })
    const { id } = await create()
    await until(id, "waiting")
    return id
  }

  /** A chat in the middle of a reply that does not end. It has taken its step: that of the next chat is not for it. */
  const busy = async () => {
    server.provider.script({ items: [{ text: "thinking" }, { silence: true }] })
    const { id } = await create()
    await told(id, (event) => event.type === "message_part")
    return id
  }

  return { create, until, idle, busy }
}
