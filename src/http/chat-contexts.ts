import { Effect } from "effect"
import { ChatContexts } from "../chats/contexts.ts"
import { chatToWire } from "../actors/streams/chat-wire.ts"
import type { ChatContextsRoutes } from "../contract/routes/chat-contexts.ts"
import { idempotencyOf } from "./idempotency.ts"
import type { GroupHandlers } from "./mount.ts"

export const chatContextsHandlers = {
  compactChat: ({ caller, path, request }) =>
    Effect.gen(function* () {
      const key = yield* idempotencyOf(request, `POST /chats/${path.chat}/compact`, null)
      return chatToWire(yield* (yield* ChatContexts).compact(caller, path.chat, key))
    }),
  clearChat: ({ caller, path, request }) =>
    Effect.gen(function* () {
      const key = yield* idempotencyOf(request, `POST /chats/${path.chat}/clear`, null)
      return chatToWire(yield* (yield* ChatContexts).clear(caller, path.chat, key))
    }),
} satisfies GroupHandlers<typeof ChatContextsRoutes, ChatContexts>
