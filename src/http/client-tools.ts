import { Effect } from "effect"
import { ClientTools } from "../chats/client-tools.ts"
import type { ClientToolsRoutes } from "../contract/routes/client-tools.ts"
import type { GroupHandlers } from "./mount.ts"

export const clientToolsHandlers = {
  submitToolResults: ({ caller, path, payload, idempotency }) =>
    Effect.gen(function* () {
      yield* (yield* ClientTools).submit(caller, path.chat, payload, idempotency)
    }),
} satisfies GroupHandlers<typeof ClientToolsRoutes, ClientTools>
