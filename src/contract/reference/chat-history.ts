import type { ChatHistoryRoutes } from "../routes/chat-history.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"
import { NO_SUCH_CHAT, OWNER_ONLY } from "./words.ts"

const chat = PLACEHOLDERS.chat.value

export const chatHistoryReference: Reference<typeof ChatHistoryRoutes> = {
  title: "History",
  about: "What was said before: edited, and offered again.",
  endpoints: {
    editMessage: {
      summary: "Edit a message and answer it anew",
      description:
        "Replaces a message of the user: it and all later ones are gone, the queue is emptied, and a turn begins. A turn that goes on is stopped. Messages of the model are refused with 400.",
      permission: "chat:converse",
      refusals: {
        403: OWNER_ONLY,
        404: "There is no such chat or message, or you may not see it.",
        409: "The rows of the chat are no state of the machine: repair it first.",
      },
      fields: {
        content: "What you say instead: at least one part.",
        model_config_id: "Which model answers. Left out, that of the message.",
        mcp_server_ids: "Not served yet: must be left out or empty.",
      },
      example: {
        path: { chat, message: PLACEHOLDERS.message.value },
        payload: { content: [{ type: "text", text: "Which folders are in this folder?" }] },
      },
    },
    listPrompts: {
      summary: "List what was asked in a chat",
      description: "The texts of the user's messages, newest first. The texts of one message are joined as they are.",
      permission: "chat:read",
      refusals: { 404: NO_SUCH_CHAT },
      query: { limit: "How many at most: 0 to 2000." },
      example: { path: { chat }, urlParams: { limit: 20 } },
    },
  },
}
