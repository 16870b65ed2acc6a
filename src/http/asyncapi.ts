import { JSONSchema, type Schema } from "effect"
import { ChatStreamEvent, WatchEvent } from "../contract/stream.ts"

/** The streams, in the form of AsyncAPI 3.0 (asyncapi.com/docs/reference/specification/v3.0.0), from their schemas. */

type Definitions = Record<string, JSONSchema.JsonSchema7>

const schemaOf = <A, I>(schema: Schema.Schema<A, I>, definitions: Definitions) =>
  JSONSchema.fromAST(schema.ast, { definitions, definitionPath: "#/components/schemas/" })

const eventTypes = ChatStreamEvent.members.map((member) => member.fields.type.literals[0])

const queryParameters = [
  ["cursor", "Position to go on from: the `cursor` of the last event that was seen. Wins over `after_id`."],
  [
    "after_id",
    "Messages with a greater id only, in the first snapshot. Where a message was ever removed: history_reset, and all of them.",
  ],
  ["tail", "At most so many of the newest messages in the first snapshot, and at least so many after a history_reset."],
  ["inspect", "1: also an event of type `transition` for every step of the machine."],
] as const

export const asyncApiDocument = () => {
  const definitions: Definitions = {}
  const streamEvent = schemaOf(ChatStreamEvent, definitions)
  const watchEvent = schemaOf(WatchEvent, definitions)
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Troupe streams",
      version: "2",
      license: { name: "Apache-2.0" },
      description:
        "Both streams only send: a client that writes is closed with 1008. Sign in as for the REST API; a browser's WebSocket may give the token as the query parameter coder_session_token.",
    },
    defaultContentType: "application/json",
    channels: {
      chatStream: {
        address: "/api/v2/chats/{chat}/stream",
        description: `One chat, from a first snapshot or a cursor on. WebSocket: each text frame is a JSON array of 1 to 256 events, of 1 MiB unless it is one event. Server-sent events (Accept: text/event-stream): id is the cursor, event the type, data one event. An event has 3 MiB at most: longer texts are cut, say so, and are whole in GET /api/v2/chats/{chat}/messages. history_reset: drop the messages from from_id on, what is left of them follows; a reader without a cursor may drop all, all that are visible follow (with tail the last of them). Types: ${eventTypes.join(", ")}.`,
        parameters: { chat: { description: "Id of the chat." } },
        bindings: {
          ws: {
            method: "GET",
            query: {
              type: "object",
              properties: Object.fromEntries(
                queryParameters.map(([name, description]) => [name, { type: "string", description }]),
              ),
            },
          },
        },
        messages: { frame: { payload: { type: "array", minItems: 1, maxItems: 256, items: streamEvent } } },
      },
      chatWatch: {
        address: "/api/v2/chats/watch",
        description:
          "What changes in the caller's own chats. WebSocket: each text frame is one event. activity_change, with what a chat does just now, comes at most once a second for each chat, and only with ?activity=1.",
        bindings: {
          ws: {
            method: "GET",
            query: {
              type: "object",
              properties: { activity: { type: "string", description: "1: also events of the kind activity_change." } },
            },
          },
        },
        messages: { event: { payload: watchEvent } },
      },
    },
    operations: {
      followChat: { action: "send", channel: { $ref: "#/channels/chatStream" } },
      watchChats: { action: "send", channel: { $ref: "#/channels/chatWatch" } },
    },
    components: { schemas: definitions },
  }
}
