import type { ChatQueueRoutes } from "../routes/chat-queue.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"
import { OTHER_SITE, OWNER_ONLY } from "./words.ts"

const path = { chat: PLACEHOLDERS.chat.value, queued: PLACEHOLDERS.queued_message.value }

const NOT_WAITING = "There is no such chat, or the queue has no such message any more."
const GONE_ON = "Nothing waits in the chat, or the message has just gone to the model."

export const chatQueueReference: Reference<typeof ChatQueueRoutes> = {
  title: "Queue",
  about: "Messages that wait for the turn to end: rewritten, moved, sent first, deleted.",
  endpoints: {
    deleteQueuedMessage: {
      summary: "Delete a message that waits",
      description: "It never goes to the model. A message that has gone already stays.",
      permission: "chat:update",
      refusals: { 403: OTHER_SITE, 404: NOT_WAITING, 409: GONE_ON },
      example: { path },
    },
    patchQueuedMessage: {
      summary: "Rewrite or move a message that waits",
      description:
        "What is given is changed, all of it at once: the text, whether it steers or waits, and its place. Steering messages stand before the others.",
      permission: "chat:converse",
      refusals: {
        403: OWNER_ONLY,
        404: NOT_WAITING,
        409: `${GONE_ON} The same where there is no turn that it could steer.`,
      },
      fields: {
        content: "What it says from now on: at least one part.",
        kind: "`steer`: it enters the turn after its next step; `queue`: it waits for the end.",
        before: "Id of the message before which it is to stand; null: at the end. Left out, it stays.",
      },
      example: { path, payload: { content: [{ type: "text", text: "And the smallest one?" }], before: null } },
    },
    promoteQueuedMessage: {
      summary: "Send a message that waits at once",
      description: "Stops the turn; the message goes before everything that waits.",
      permission: "chat:converse",
      refusals: { 403: OWNER_ONLY, 404: NOT_WAITING, 409: GONE_ON },
      example: { path },
    },
  },
}
