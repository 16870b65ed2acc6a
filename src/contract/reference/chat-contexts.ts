import type { ChatContextsRoutes } from "../routes/chat-contexts.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"
import { NO_SUCH_CHAT, OWNER_ONLY } from "./words.ts"

const path = { chat: PLACEHOLDERS.chat.value }

export const chatContextsReference: Reference<typeof ChatContextsRoutes> = {
  title: "Context",
  about: "What of a chat's history goes to the model.",
  endpoints: {
    compactChat: {
      summary: "Compact the context to a summary",
      description:
        "The model writes a summary, which stands for the history in later prompts. People still see everything. The chat works on it as on a turn.",
      permission: "chat:converse",
      refusals: {
        403: OWNER_ONLY,
        404: NO_SUCH_CHAT,
        409: "The chat is working, or there is nothing to compact yet.",
      },
      example: { path },
    },
    clearChat: {
      summary: "Clear the context",
      description: "Hides the history from the model at once, without asking it. People still see everything.",
      permission: "chat:converse",
      refusals: { 403: OWNER_ONLY, 404: NO_SUCH_CHAT, 409: "The chat is working, or there is nothing to clear yet." },
      example: { path },
    },
  },
}
