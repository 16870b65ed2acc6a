import type { ToolCallsRoutes } from "../routes/tool-calls.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"
import { OTHER_SITE } from "./words.ts"

export const toolCallsReference: Reference<typeof ToolCallsRoutes> = {
  title: "Tool calls",
  about: "Single tool calls of a turn that goes on.",
  endpoints: {
    stopToolCall: {
      summary: "Stop one tool call",
      description:
        "Ends the call that runs; the model is told that a person stopped it, with what it had put out, and the turn goes on.",
      permission: "chat:update",
      refusals: {
        403: OTHER_SITE,
        404: "There is no such chat or call, or you may not see it.",
        409: "This call is not running.",
      },
      example: { path: { chat: PLACEHOLDERS.chat.value, id: PLACEHOLDERS.tool_call.value } },
    },
  },
}
