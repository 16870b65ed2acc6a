import type { ActivityChangeEvent, ChatStreamEvent, ChatWatchEvent } from "../stream.ts"
import { PLACEHOLDERS } from "./reference.ts"
import { EXAMPLE_CHAT, EXAMPLE_CURSOR, EXAMPLE_RULE, exampleMessage, exampleQueued } from "./stream-examples.ts"

/** What people read about the streams: one entry for each event that there is. */

interface EventReference<Event> {
  /** When it comes, and what is to be done with it. */
  readonly description: string
  readonly example: Event
}

type StreamEvent<Type extends ChatStreamEvent["type"]> = Extract<ChatStreamEvent, { readonly type: Type }>

const at = { chat_id: EXAMPLE_CHAT.id, cursor: EXAMPLE_CURSOR }

export const streamEvents: {
  readonly [Type in ChatStreamEvent["type"]]: EventReference<StreamEvent<Type>>
} = {
  message_part: {
    description:
      "A piece of the message that is being written, to be put behind the pieces before. A preview: only a `message` is kept.",
    example: {
      ...at,
      type: "message_part",
      message_part: {
        role: "assistant",
        part: { type: "text", text: "There are three files" },
        history_version: 1,
        generation_attempt: 1,
        seq: 1,
      },
    },
  },
  message: {
    description: "A message that is kept. It takes the place of its preview, or of the message with its id.",
    example: { ...at, type: "message", message: exampleMessage },
  },
  status: {
    description: "The chat's status, with the state in its machine as `activity`. First of all, and with each change.",
    example: { ...at, type: "status", status: { status: "running", activity: "running.generating" } },
  },
  error: {
    description: "The turn has failed, with the reason in a sentence. `POST /chats/{chat}/retry` tries it again.",
    example: {
      ...at,
      type: "error",
      error: { message: "The provider refused the key.", kind: "auth", retryable: false, status_code: 401 },
    },
  },
  retry: {
    description: "An attempt has failed, and the next one comes by itself at `retrying_at`.",
    example: {
      ...at,
      type: "retry",
      retry: {
        attempt: 1,
        max_attempts: 5,
        delay_ms: 2000,
        error: "The provider is busy.",
        kind: "overloaded",
        retrying_at: "2026-11-12T14:21:38.000Z",
      },
    },
  },
  queue_update: {
    description: "All messages that wait now, in their order. It takes the place of what was known of the queue.",
    example: { ...at, type: "queue_update", queued_messages: [exampleQueued] },
  },
  action_required: {
    description: "The chat waits for results of your own tools: `POST /chats/{chat}/tool-results`.",
    example: {
      ...at,
      type: "action_required",
      action_required: {
        tool_calls: [{ tool_call_id: PLACEHOLDERS.tool_call.value, tool_name: "ask_user", args: "{}" }],
      },
    },
  },
  approval_required: {
    description: "Tool calls wait for a person: `POST /chats/{chat}/approvals`.",
    example: {
      ...at,
      type: "approval_required",
      approval_required: {
        approvals: [
          {
            id: PLACEHOLDERS.approval.value,
            tool_call_id: PLACEHOLDERS.tool_call.value,
            tool_name: "execute",
            args: '{"command":"ls"}',
            reason: "A rule of this chat asks about it.",
            allow_rule: EXAMPLE_RULE,
          },
        ],
      },
    },
  },
  transition: {
    description: "A step of the machine, to readers that ask for it with `inspect=1`.",
    example: {
      ...at,
      type: "transition",
      transition: {
        version: 2,
        event: "GenerationDone",
        detail: { finish_reason: "stop" },
        from: "running.generating",
        to: "waiting",
        epoch: 1,
        machine_version: 1,
        duration_us: 1840,
        created_at: "2026-11-12T14:21:36.000Z",
      },
    },
  },
  preview_reset: {
    description: "Drop the pieces shown since the last message: they will not become one.",
    example: { ...at, type: "preview_reset" },
  },
  history_reset: {
    description: "Drop the messages from `from_id` on; those that are left, or have come instead, follow.",
    example: { ...at, type: "history_reset", history_reset: { from_id: PLACEHOLDERS.message.value } },
  },
}

export const watchEvents: {
  readonly [Kind in ChatWatchEvent["kind"]]: EventReference<ChatWatchEvent & { readonly kind: Kind }>
} & { readonly activity_change: EventReference<ActivityChangeEvent> } = {
  created: {
    description: "A chat of yours is there: made, or brought back from the archive.",
    example: { kind: "created", chat: EXAMPLE_CHAT },
  },
  status_change: {
    description: "Its `status`, its `activity` or its place in the line for a slot has changed.",
    example: { kind: "status_change", chat: { ...EXAMPLE_CHAT, status: "waiting", activity: "waiting" } },
  },
  title_change: {
    description: "It is called differently.",
    example: { kind: "title_change", chat: { ...EXAMPLE_CHAT, title: "Files of the folder" } },
  },
  summary_change: {
    description: "What came of its last turn. Not sent by this version: `status_change` brings `last_turn_summary`.",
    example: { kind: "summary_change", chat: { ...EXAMPLE_CHAT, last_turn_summary: "There are three files." } },
  },
  diff_status_change: {
    description: "What it has changed in a repository. Not sent by this version.",
    example: { kind: "diff_status_change", chat: EXAMPLE_CHAT },
  },
  chat_summary_change: {
    description: "A summary of the whole chat. Not sent by this version.",
    example: { kind: "chat_summary_change", chat: EXAMPLE_CHAT },
  },
  context_dirty: {
    description: "Its context has changed behind its back. Not sent by this version.",
    example: { kind: "context_dirty", chat: EXAMPLE_CHAT },
  },
  action_required: {
    description: "It waits for results of your own tools, which `tool_calls` names.",
    example: {
      kind: "action_required",
      chat: { ...EXAMPLE_CHAT, status: "requires_action", activity: "requires_action.client_tools" },
      tool_calls: [{ tool_call_id: PLACEHOLDERS.tool_call.value, tool_name: "ask_user", args: "{}" }],
    },
  },
  deleted: {
    description: "It is gone from the list: deleted, or archived.",
    example: { kind: "deleted", chat: { ...EXAMPLE_CHAT, archived: true } },
  },
  activity_change: {
    description:
      "What it does just now, at most once a second for each chat, and only with `?activity=1`: what a card of `GET /chats?include=board` shows.",
    example: {
      kind: "activity_change",
      chat_id: EXAMPLE_CHAT.id,
      version: 4,
      activity: "running.executing",
      since: "2026-11-12T14:21:36.000Z",
      line: "Runs npm test",
      object: "npm test",
      asked: 0,
      approvals: [],
      tool_calls: [],
      output: ["37 of 50, 0 failed"],
    },
  },
}

interface StreamReference {
  readonly summary: string
  readonly description: string
  readonly permission: "session" | "chat:read"
  readonly query: Readonly<Record<string, { readonly description: string; readonly example: string }>>
  /** By the status that the connection is refused with. */
  readonly refusals: Readonly<Record<number, string>>
}

const NOT_SIGNED_IN = "Sign in first. A browser's WebSocket brings the session's cookie."
const UNAVAILABLE = "Not possible just now. Try again in a moment."

export const streams: { readonly [Name in "followChat" | "watchChats"]: StreamReference } = {
  followChat: {
    summary: "Follow a chat live",
    description:
      "One chat, from a first snapshot or a cursor on: its status, messages, queue, and each piece of the reply as it comes. Who was let in to read it is told what the transcript shows: no queue, nothing that waits for a decision, and no output of a tool while it runs. As a WebSocket each frame is a JSON array of 1 to 256 events; with `Accept: text/event-stream` they come as server-sent events. It only sends: a client that writes is closed with 1008.",
    permission: "chat:read",
    query: {
      cursor: {
        description: "Position to go on from: the `cursor` of the last event that was seen. Wins over `after_id`.",
        example: EXAMPLE_CURSOR,
      },
      after_id: {
        description:
          "Messages with a greater id only, in the first snapshot. Where a message was ever removed: history_reset, and all of them.",
        example: "0",
      },
      tail: {
        description:
          "At most so many of the newest messages in the first snapshot, and at least so many after a history_reset.",
        example: "20",
      },
      inspect: { description: "1: also an event of type `transition` for every step of the machine.", example: "1" },
    },
    refusals: {
      400: "`cursor`, `after_id` or `tail` is none, or the request is neither a WebSocket nor takes server-sent events.",
      401: NOT_SIGNED_IN,
      403: "The request came from a page of another site.",
      404: "There is no such chat, or you may not see it.",
      503: UNAVAILABLE,
    },
  },
  watchChats: {
    summary: "Watch what changes in your chats",
    description:
      "What changes in the caller's own chats and in those that others share with him, to keep a list of them current. `created` and `deleted` tell of a shared chat that one was let in, and is out again. A WebSocket: each frame is one event. It only sends: a client that writes is closed with 1008, one that is too slow with 1013.",
    permission: "session",
    query: {
      activity: { description: "1: also events of the kind `activity_change`.", example: "1" },
    },
    refusals: { 401: NOT_SIGNED_IN, 403: "The request came from a page of another site.", 503: UNAVAILABLE },
  },
}
