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

/** A chat of this server. */
export const chatSource = (chat: string): TraceSource => ({
  kind: "chat",
  chatId: chat,
  key: chat,
  steps: (signal) => call("chatSteps", { path: { chat } }, signal),
  machine: (signal) => call("chatMachineState", { path: { chat } }, signal),
  at: (version, signal) => call("chatAtVersion", { path: { chat, version } }, signal),
  transitions: (after, limit, signal) => call("chatTransitions", { path: { chat }, query: { after, limit } }, signal),
  about: (signal) => aboutChat(chat, signal),
  attempts: async (signal) => (await call("listAttempts", { path: { chat } }, signal)).attempts,
})
