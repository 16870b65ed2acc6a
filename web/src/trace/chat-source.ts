import type { Message } from "../../../src/contract/chats.ts"
import { call } from "../api/client.ts"
import { nameOf } from "../composer/model-groups.ts"
import type { TraceAbout, TraceSource } from "./trace-source.ts"

const aboutChat = async (chat: string, signal: AbortSignal): Promise<TraceAbout> => {
  const [about, models] = await Promise.all([
    call("getChat", { path: { chat } }, signal),
    call("listModelConfigs", undefined, signal),
  ])
  return {
    title: about.title,
    ownerId: about.owner_id,
    ownerName: about.owner_username ?? about.owner_name ?? "",
    models: new Map(models.map((model) => [model.id, nameOf(model)])),
    lastError: about.last_error,
    queuePosition: about.queue_position,
  }
}

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
    about: (signal) => aboutChat(chat, signal),
    attempts: async (signal) => (await call("listAttempts", { path: { chat } }, signal)).attempts,
  }
}

let latest: TraceSource | undefined

/** The same one for all that is shown of a chat side by side. */
export const sharedChatSource = (chat: string): TraceSource => {
  if (latest?.chatId !== chat) latest = chatSource(chat)
  return latest
}
