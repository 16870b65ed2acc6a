import { Effect } from "effect"
import { ChatAccess } from "../chats/access.ts"
import { ChatHistory } from "../chats/history.ts"
import { messageToWire } from "../actors/streams/chat-wire.ts"
import type { ChatHistoryRoutes } from "../contract/routes/chat-history.ts"
import { ChatReads } from "../db/chats/reads.ts"
import type { GroupHandlers } from "./mount.ts"

const DEFAULT_PROMPTS = 500

export const chatHistoryHandlers = {
  editMessage: ({ caller, path, payload, idempotency }) =>
    Effect.gen(function* () {
      return {
        message: messageToWire(yield* (yield* ChatHistory).edit(caller, path.chat, path.message, payload, idempotency)),
      }
    }),
  listPrompts: ({ caller, path, urlParams }) =>
    Effect.gen(function* () {
      const row = yield* (yield* ChatAccess).look(caller, path.chat, "read")
      const prompts = yield* (yield* ChatReads).prompts(row.id, urlParams.limit || DEFAULT_PROMPTS).pipe(Effect.orDie)
      return { prompts }
    }),
} satisfies GroupHandlers<typeof ChatHistoryRoutes, ChatAccess | ChatHistory | ChatReads>
