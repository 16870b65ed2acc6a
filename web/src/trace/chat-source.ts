import { call } from "../api/client.ts"
import type { TraceSource } from "./trace-source.ts"

/** A chat of this server. */
export const chatSource = (chat: string): TraceSource => ({
  kind: "chat",
  chatId: chat,
  key: chat,
  steps: (signal) => call("chatSteps", { path: { chat } }, signal),
  machine: (signal) => call("chatMachineState", { path: { chat } }, signal),
  at: (version, signal) => call("chatAtVersion", { path: { chat, version } }, signal),
  transitions: (after, limit, signal) => call("chatTransitions", { path: { chat }, query: { after, limit } }, signal),
})
