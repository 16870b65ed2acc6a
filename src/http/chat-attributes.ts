import { Effect } from "effect"
import { ChatSettings } from "../actors/chat-settings.ts"
import type { ChatAttributesRoutes } from "../contract/routes/chat-attributes.ts"
import type { GroupHandlers } from "./mount.ts"

export const chatAttributesHandlers = {
  patchChat: ({ actor, path, payload }) =>
    Effect.gen(function* () {
      yield* (yield* ChatSettings).patch(actor, path.chat, payload)
    }),
} satisfies GroupHandlers<typeof ChatAttributesRoutes, ChatSettings>
