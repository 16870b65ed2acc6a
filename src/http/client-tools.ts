import { Effect } from "effect"
import { ClientTools } from "../chats/client-tools.ts"
import type { ClientToolsRoutes } from "../contract/routes/client-tools.ts"
import { idempotencyOf } from "./idempotency.ts"
import type { GroupHandlers } from "./mount.ts"

export const clientToolsHandlers = {
  submitToolResults: ({ caller, path, payload, request }) =>
    Effect.gen(function* () {
      const key = yield* idempotencyOf(request, `POST /chats/${path.chat}/tool-results`, payload)
      yield* (yield* ClientTools).submit(caller, path.chat, payload, key)
    }),
} satisfies GroupHandlers<typeof ClientToolsRoutes, ClientTools>
