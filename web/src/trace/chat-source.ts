import type { Message } from "../../../src/contract/chats.ts"
import { call } from "../api/client.ts"
import type { TraceSource } from "./trace-source.ts"

/** A chat of this server. A message is the same object at every version that has it: what is drawn of it stays. */
export const chatSource = (chat: string): TraceSource => {
  const held = new Map<number, Message>()
  const theSame = (message: Message): Message => {
    const known = held.get(message.id)
    if (known !== undefined) return known
    held.set(message.id, message)
    return message
  }
  return {
    kind: "chat",
    chatId: chat,
    key: chat,
    steps: (signal) => call("chatSteps", { path: { chat } }, signal),
    machine: (signal) => call("chatMachineState", { path: { chat } }, signal),
    at: async (version, signal, page = {}) => {
      const found = await call("chatAtVersion", { path: { chat, version }, query: page }, signal)
      return { ...found, messages: found.messages.map(theSame) }
    },
    transitions: (after, limit, signal) => call("chatTransitions", { path: { chat }, query: { after, limit } }, signal),
  }
}

let latest: TraceSource | undefined

/** The same one for all that is shown of a chat side by side. */
export const sharedChatSource = (chat: string): TraceSource => {
  if (latest?.chatId !== chat) latest = chatSource(chat)
  return latest
}
