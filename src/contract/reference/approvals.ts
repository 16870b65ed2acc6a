import type { ApprovalsRoutes } from "../routes/approvals.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"
import { NO_SUCH_CHAT, OWNER_ONLY } from "./words.ts"

const path = { chat: PLACEHOLDERS.chat.value }

export const approvalsReference: Reference<typeof ApprovalsRoutes> = {
  title: "Approvals",
  about: "Tool calls that wait for a person, and the rules by which they do.",
  endpoints: {
    listApprovals: {
      summary: "List tool calls that wait for an approval",
      description:
        "Each with its arguments, why it was not simply run, and the rule that would let calls like it run. Empty while the chat waits for nobody.",
      permission: "chat:read",
      refusals: { 404: NO_SUCH_CHAT },
      example: { path },
    },
    decideApprovals: {
      summary: "Approve or deny tool calls",
      description:
        "Decides some or all of the calls that wait; with the last one the turn goes on. A denied call is told to the model with the reason. A call that does not wait is refused with 400.",
      permission: "chat:converse",
      refusals: { 403: OWNER_ONLY, 404: NO_SUCH_CHAT, 409: "The chat is not waiting for an approval." },
      fields: {
        decisions:
          "At least one: the `id` of the approval, `approve` or `deny`, and a reason of at most 2000 characters.",
      },
      example: { path, payload: { decisions: [{ id: PLACEHOLDERS.approval.value, decision: "approve" }] } },
    },
    getChatToolPolicy: {
      summary: "Get a chat's own rules for its tools",
      description:
        "The first rule that fits a call counts; the rules of the deployment hold beside them. `PATCH /chats/{chat}` changes them.",
      permission: "chat:read",
      refusals: { 404: NO_SUCH_CHAT },
      example: { path },
    },
  },
}
