import { Effect } from "effect"
import { queuedToWire } from "../actors/streams/chat-wire.ts"
import { ChatQueue } from "../chats/queue.ts"
import type { ChatQueueRoutes } from "../contract/routes/chat-queue.ts"
import type { GroupHandlers } from "./mount.ts"

export const chatQueueHandlers = {
  patchQueuedMessage: ({ caller, path, payload, idempotency }) =>
    Effect.gen(function* () {
      return queuedToWire(yield* (yield* ChatQueue).change(caller, path.chat, path.queued, payload, idempotency))
    }),
  deleteQueuedMessage: ({ caller, path, idempotency }) =>
    Effect.gen(function* () {
      yield* (yield* ChatQueue).remove(caller, path.chat, path.queued, idempotency)
    }),
  promoteQueuedMessage: ({ caller, path, idempotency }) =>
    Effect.gen(function* () {
      yield* (yield* ChatQueue).promote(caller, path.chat, path.queued, idempotency)
      return { message: "The message goes next." }
    }),
} satisfies GroupHandlers<typeof ChatQueueRoutes, ChatQueue>
