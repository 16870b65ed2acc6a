import type { TracesRoutes } from "../routes/traces.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"
import { NO_SUCH_CHAT } from "./words.ts"

const path = { chat: PLACEHOLDERS.chat.value }

export const tracesReference: Reference<typeof TracesRoutes> = {
  title: "Traces",
  about:
    "A chat's whole life, to be kept as a file. Keys, provider data and the prompts of the deployment are left out.",
  endpoints: {
    chatTrace: {
      summary: "Get the head of a chat's trace",
      description: "All that is said of the chat as a whole, at one version: title, machine, steps, texts of attempts.",
      permission: "chat:read",
      refusals: { 404: NO_SUCH_CHAT },
      example: { path },
    },
    chatTracePage: {
      summary: "Get a page of a chat's trace",
      description:
        "Transitions with the state after each, and messages, queued messages and tool calls that came with them: about 4 MiB. Asked for with the version of the head, so that all pages are of one chat.",
      permission: "chat:read",
      refusals: { 404: NO_SUCH_CHAT },
      query: {
        after: "Those of greater versions: the last one of the page before. Left out, from the first.",
        limit: "How many transitions at most: 1 to 1000. Left out, 1000.",
      },
      example: { path: { ...path, version: 1 }, urlParams: { after: 0, limit: 100 } },
    },
  },
}
