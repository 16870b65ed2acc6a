import { Effect } from "effect"
import { ChatContexts } from "../chats/contexts.ts"
import { chatToWire } from "../actors/streams/chat-wire.ts"
import type { ChatContextsRoutes } from "../contract/routes/chat-contexts.ts"
import { idempotencyOf } from "./idempotency.ts"
import type { GroupHandlers } from "./mount.ts"

export const chatContextsHandlers = {
  compactChat: ({ actor, path, request }) =>
    Effect.gen(function* () {
      const key = yield* idempotencyOf(request, `POST /chats/${path.chat}/compact`, null)
      return chatToWire(yield* (yield* ChatContexts).compact(actor, path.chat, key))
    }),
  clearChat: ({ actor, path, request }) =>
    Effect.gen(function* () {
      const key = yield* idempotencyOf(request, `POST /chats/${path.chat}/clear`, null)
      return chatToWire(yield* (yield* ChatContexts).clear(actor, path.chat, key))
    }),
} satisfies GroupHandlers<typeof ChatContextsRoutes, ChatContexts>
