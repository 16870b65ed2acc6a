import { Effect } from "effect"
import { ChatSettings } from "../chats/settings.ts"
import type { ChatAttributesRoutes } from "../contract/routes/chat-attributes.ts"
import type { GroupHandlers } from "./mount.ts"

export const chatAttributesHandlers = {
  patchChat: ({ caller, path, payload, idempotency }) =>
    Effect.gen(function* () {
      yield* (yield* ChatSettings).patch(caller, path.chat, payload, idempotency)
    }),
} satisfies GroupHandlers<typeof ChatAttributesRoutes, ChatSettings>
