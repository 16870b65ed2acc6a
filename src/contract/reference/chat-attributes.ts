import type { ChatAttributesRoutes } from "../routes/chat-attributes.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"
import { NO_SUCH_CHAT, OWNER_ONLY } from "./words.ts"

export const chatAttributesReference: Reference<typeof ChatAttributesRoutes> = {
  title: "Attributes of a chat",
  about: "What a chat is called, how it is sorted, which rules it has, and whether it is put away.",
  endpoints: {
    patchChat: {
      summary: "Rename, label, pin or archive a chat, or change its rules",
      description:
        "What is given is changed, one field after the other; one that is refused leaves the earlier ones done. With an Idempotency-Key all but the mode and the rules are changed together or not at all. A value that cannot be is refused with 400.",
      permission: "chat:update",
      refusals: {
        403: `The rules are the owner's alone. ${OWNER_ONLY}`,
        404: NO_SUCH_CHAT,
        409: "The chat, or one below it, is working: stop it before you archive it.",
      },
      fields: {
        title: "1 to 200 characters.",
        labels: "All labels from now on, up to 50.",
        archived: "True puts the chat and those below it away, false brings them back.",
        pin_order: "0 unpins; more on an unpinned chat pins it last; more on a pinned one moves it there.",
        workspace_id: "Where its tools run. The zero UUID takes the workspace off.",
        plan_mode: "`plan`: the chat changes nothing; the empty text: it acts.",
        tool_policy: "All rules from now on, at most 100. Calls that wait for an approval are judged by them at once.",
      },
      example: {
        path: { chat: PLACEHOLDERS.chat.value },
        payload: { title: "Files of the folder", labels: { source: "api-page" } },
      },
    },
  },
}
