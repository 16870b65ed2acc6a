import { Effect } from "effect"
import { ChatToolCalls } from "../chats/tool-calls.ts"
import type { ToolCallsRoutes } from "../contract/routes/tool-calls.ts"
import type { GroupHandlers } from "./mount.ts"

export const toolCallsHandlers = {
  stopToolCall: ({ caller, path, idempotency }) =>
    Effect.gen(function* () {
      yield* (yield* ChatToolCalls).stop(caller, path.chat, path.id, idempotency)
    }),
} satisfies GroupHandlers<typeof ToolCallsRoutes, ChatToolCalls>
