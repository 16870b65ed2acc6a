import type { ClientToolsRoutes } from "../routes/client-tools.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"
import { NO_SUCH_CHAT, OWNER_ONLY } from "./words.ts"

export const clientToolsReference: Reference<typeof ClientToolsRoutes> = {
  title: "Tools of the client",
  about: "Results of tools that the client runs itself.",
  endpoints: {
    submitToolResults: {
      summary: "Submit results of your own tools",
      description:
        "Answers all calls that the chat waits for, in one request; then the turn goes on. The event `action_required` names them. Results that do not fit the calls are refused with 400. The first complete answer wins.",
      permission: "chat:converse",
      refusals: { 403: OWNER_ONLY, 404: NO_SUCH_CHAT, 409: "The chat is not waiting for tool results." },
      fields: {
        results: "One for each call: its `tool_call_id`, any JSON as `output`, and `is_error` where it failed.",
      },
      example: {
        path: { chat: PLACEHOLDERS.chat.value },
        payload: { results: [{ tool_call_id: PLACEHOLDERS.tool_call.value, output: { answer: "yes" } }] },
      },
    },
  },
}
