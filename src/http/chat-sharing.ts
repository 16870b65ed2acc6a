import { Effect } from "effect"
import { ChatSharing } from "../chats/sharing.ts"
import type { ChatSharingRoutes } from "../contract/routes/chat-sharing.ts"
import type { GroupHandlers } from "./mount.ts"

export const chatSharingHandlers = {
  getChatAcl: ({ caller, path }) =>
    Effect.gen(function* () {
      const { users, groups } = yield* (yield* ChatSharing).get(caller, path.chat)
      return {
        users: users.map((user) => ({ ...user, role: "read" as const })),
        groups: groups.map(({ member_count, ...group }) => ({
          ...group,
          total_member_count: member_count,
          role: "read" as const,
        })),
      }
    }),
  updateChatAcl: ({ caller, path, payload }) =>
    Effect.gen(function* () {
      yield* (yield* ChatSharing).update(caller, path.chat, payload)
    }),
} satisfies GroupHandlers<typeof ChatSharingRoutes, ChatSharing>
