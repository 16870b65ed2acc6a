import { Effect } from "effect"
import { ChatContexts } from "../chats/contexts.ts"
import { chatToWire } from "../actors/streams/chat-wire.ts"
import type { ChatContextsRoutes } from "../contract/routes/chat-contexts.ts"
import type { GroupHandlers } from "./mount.ts"

export const chatContextsHandlers = {
  compactChat: ({ caller, path, idempotency }) =>
    Effect.gen(function* () {
      return chatToWire(yield* (yield* ChatContexts).compact(caller, path.chat, idempotency))
    }),
  clearChat: ({ caller, path, idempotency }) =>
    Effect.gen(function* () {
      return chatToWire(yield* (yield* ChatContexts).clear(caller, path.chat, idempotency))
    }),
} satisfies GroupHandlers<typeof ChatContextsRoutes, ChatContexts>
