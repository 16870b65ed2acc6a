import type { ChatSharingRoutes } from "../routes/chat-sharing.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"
import { NO_SUCH_CHAT } from "./words.ts"

const path = { chat: PLACEHOLDERS.chat.value }

export const chatSharingReference: Reference<typeof ChatSharingRoutes> = {
  title: "Sharing of chats",
  about: "Who may read a chat beside its owner: its messages and its stream, and nothing behind them.",
  endpoints: {
    getChatAcl: {
      summary: "Get who a chat is shared with",
      description: "People and groups with the role read. Chats below this one go with it.",
      permission: "chat:read",
      refusals: { 403: "The deployment has switched sharing off.", 404: NO_SUCH_CHAT },
      example: { path },
    },
    updateChatAcl: {
      summary: "Share a chat, or end that",
      description:
        "Who is not named stays as he is. Members and groups of the chat's organization can be named. Whoever loses the role is shown nothing more within a second, also where the chat is open.",
      permission: "chat:share",
      refusals: {
        403: "You may read the chat and not share it, or the deployment has switched sharing off.",
        404: NO_SUCH_CHAT,
      },
      fields: {
        user_roles: "By the account's id: `read`, or the empty text to take it away.",
        group_roles: "By the group's id: `read`, or the empty text to take it away.",
      },
      example: { path, payload: { user_roles: { [PLACEHOLDERS.user.value]: "read" } } },
    },
  },
}
