import { Effect } from "effect"
import { ChatQueue } from "../chats/queue.ts"
import type { ChatQueueRoutes } from "../contract/routes/chat-queue.ts"
import { idempotencyOf } from "./idempotency.ts"
import type { GroupHandlers } from "./mount.ts"

export const chatQueueHandlers = {
  deleteQueuedMessage: ({ caller, path, request }) =>
    Effect.gen(function* () {
      const key = yield* idempotencyOf(request, `DELETE /chats/${path.chat}/queue/${path.queued}`, null)
      yield* (yield* ChatQueue).remove(caller, path.chat, path.queued, key)
    }),
  promoteQueuedMessage: ({ caller, path, request }) =>
    Effect.gen(function* () {
      const key = yield* idempotencyOf(request, `POST /chats/${path.chat}/queue/${path.queued}/promote`, null)
      yield* (yield* ChatQueue).promote(caller, path.chat, path.queued, key)
      return { message: "The message goes next." }
    }),
} satisfies GroupHandlers<typeof ChatQueueRoutes, ChatQueue>
