import type { ChatsRoutes } from "../routes/chats.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"
import { NO_SUCH_CHAT, OTHER_SITE, OWNER_ONLY } from "./words.ts"

const chat = PLACEHOLDERS.chat.value
const text = (text: string) => [{ type: "text", text }]

export const chatsReference: Reference<typeof ChatsRoutes> = {
  title: "Chats",
  about: "Beginning a chat, talking in it, stopping it and trying again.",
  endpoints: {
    createChat: {
      summary: "Create a chat with its first message",
      description:
        "Makes the chat and begins its first turn: it is `running`, or `pending` while no slot is free. Follow it over its stream. The body has at most 256 KiB. Refused with 400 where the model, the workspace or a part of the content cannot be used.",
      permission: "chat:create",
      refusals: {
        403: "You may not create chats in this organization.",
        404: "The Idempotency-Key was used for a chat that you do not see any more.",
        409: "The Idempotency-Key was used for another request.",
      },
      fields: {
        organization_id: "In which of your organizations; `GET /organizations` lists them.",
        content: "What you say: at least one part. Parts of type `text`, `file` and `file-reference` are taken.",
        system_prompt: "What the model is told beside the prompt of the deployment; at most 10,000 bytes.",
        workspace_id: "Where its tools run: a workspace of yours in the organization.",
        model_config_id: "Which model answers. Left out, the default one.",
        mcp_server_ids: "Not served yet: must be left out or empty.",
        labels: "Up to 50 keys with values, by which the list can be filtered.",
        unsafe_dynamic_tools:
          "Tools that you run yourself: up to 250, with names that differ. Their calls come as `action_required`.",
        tool_policy:
          "Which tools run, which ask first and which are refused; at most 100 rules, the first that fits counts.",
        plan_mode: "`plan`: the chat reads and plans, and changes nothing.",
        client_type: "`api` or `ui`. Left out, `api`.",
      },
      example: {
        payload: {
          organization_id: PLACEHOLDERS.organization.value,
          content: text("Which files are in this folder?"),
          tool_policy: [{ pattern: "*", action: "ask" }],
          labels: { source: "api-page" },
        },
      },
    },
    listChats: {
      summary: "List your chats",
      description:
        "Your own root chats, pinned ones first, then the latest, each with the chats below it. Read on with `after_id` of the last one. A search that is not served is refused with 400 instead of being ignored.",
      permission: "session",
      refusals: {},
      query: {
        limit: "How many at most: 1 to 200. Left out, 50.",
        offset: "How many to pass over. `after_id` is the better way to read on.",
        after_id: "Those that come after this chat.",
        q: '`archived:true` for archived chats, `status:running,pending`, `title:"a piece of it"`, `source:shared_with_me` or `source:all` for chats of others; words with blanks between.',
        label: "`key:value`; given several times, a chat must have all of them.",
        include: "`board`: with each root chat what a card of it shows, as `board`.",
      },
      example: { urlParams: { limit: 20, q: "status:running,requires_action" } },
    },
    getChat: {
      summary: "Get a chat",
      description:
        "Its title, status, model and attributes, with the chats below it. `status` has five values; `activity` says more and is the path of the state in the machine.",
      permission: "chat:read",
      refusals: { 404: NO_SUCH_CHAT },
      example: { path: { chat } },
    },
    listMessages: {
      summary: "List messages, newest first",
      description:
        "A page of what was said, whole. The first page has the messages that wait in the queue as well, but not for whom the chat is shared with. Read back with `before_id` of the last one while `has_more`.",
      permission: "chat:read",
      refusals: { 404: NO_SUCH_CHAT },
      query: {
        before_id: "Messages with a smaller id.",
        after_id: "Messages with a greater id; less than `before_id` where both are given.",
        limit: "How many at most: 1 to 200. Left out, 50.",
      },
      example: { path: { chat }, urlParams: { limit: 20 } },
    },
    sendMessage: {
      summary: "Send a message",
      description:
        "Begins a turn in a chat that rests. While a turn goes on, `busy_behavior` says what becomes of it; the answer says whether it waits. At most 20 messages wait. The body has at most 256 KiB. An archived chat refuses it with 400.",
      permission: "chat:converse",
      refusals: {
        403: OWNER_ONLY,
        404: NO_SUCH_CHAT,
        409: "The rows of the chat are no state of the machine: repair it first.",
        429: "20 messages wait already: delete one, or wait for the turn to end.",
      },
      fields: {
        content: "What you say: at least one part.",
        model_config_id: "Which model answers from now on. Left out, the chat's.",
        mcp_server_ids: "Not served yet: must be left out or empty.",
        busy_behavior:
          "`queue`: wait for the end of the turn (the default). `steer`: enter it after its next step. `interrupt`: stop it and wait behind what waits. `preempt`: stop it and go first.",
        plan_mode: "`plan` or the empty text: the mode of the chat from now on.",
      },
      example: {
        path: { chat },
        payload: { content: text("And which of them is the largest?"), busy_behavior: "queue" },
      },
    },
    interruptChat: {
      summary: "Stop the turn",
      description:
        "Stops the model and the tools of the turn that goes on. What was shown becomes a message; messages that wait go next.",
      permission: "chat:update",
      refusals: {
        403: OTHER_SITE,
        404: NO_SUCH_CHAT,
        409: "There is nothing to interrupt: the chat is not running.",
      },
      fields: { cascade: "True: the chats below this one stop as well." },
      example: { path: { chat }, payload: { cascade: false } },
    },
    retryTurn: {
      summary: "Try the failed turn again",
      description:
        "The turn that failed goes on from the last message, without a new one. While the chat waits for its next attempt, that begins at once.",
      permission: "chat:converse",
      refusals: { 403: OWNER_ONLY, 404: NO_SUCH_CHAT, 409: "There is nothing to try again: nothing has failed here." },
      fields: { model_config_id: "Which model tries. Left out, the chat's." },
      example: { path: { chat }, payload: { model_config_id: PLACEHOLDERS.model_config.value } },
    },
    listAttempts: {
      summary: "List attempts that ended without a message",
      description:
        "What an attempt had shown before it failed, was stopped or was lost with its server. Never part of the prompt.",
      permission: "chat:read",
      refusals: { 404: NO_SUCH_CHAT },
      example: { path: { chat } },
    },
  },
}
