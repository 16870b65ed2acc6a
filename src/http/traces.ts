import { Effect } from "effect"
import { ChatAccess } from "../chats/access.ts"
import { Traces } from "../chats/traces.ts"
import type { TracesRoutes } from "../contract/routes/traces.ts"
import type { GroupHandlers } from "./mount.ts"

const DEFAULT_TRACED = 200

export const tracesHandlers = {
  chatTrace: ({ caller, path }) =>
    Effect.gen(function* () {
      const row = yield* (yield* ChatAccess).lookWhole(caller, path.chat)
      return yield* (yield* Traces).head(row)
    }),
  chatTracePage: ({ caller, path, urlParams }) =>
    Effect.gen(function* () {
      const row = yield* (yield* ChatAccess).lookWhole(caller, path.chat)
      return yield* (yield* Traces).page(row, path.version, urlParams.after ?? 0, urlParams.limit ?? DEFAULT_TRACED)
    }),
} satisfies GroupHandlers<typeof TracesRoutes, ChatAccess | Traces>
