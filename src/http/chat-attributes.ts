import { Effect } from "effect"
import { ChatSettings } from "../chats/settings.ts"
import type { ChatAttributesRoutes } from "../contract/routes/chat-attributes.ts"
import { idempotencyOf } from "./idempotency.ts"
import type { GroupHandlers } from "./mount.ts"

export const chatAttributesHandlers = {
  patchChat: ({ caller, path, payload, request }) =>
    Effect.gen(function* () {
      const key = yield* idempotencyOf(request, `PATCH /chats/${path.chat}`, payload)
      yield* (yield* ChatSettings).patch(caller, path.chat, payload, key)
    }),
} satisfies GroupHandlers<typeof ChatAttributesRoutes, ChatSettings>
