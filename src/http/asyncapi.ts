import { JSONSchema, type Schema } from "effect"
import { PERMISSIONS } from "../contract/reference/reference.ts"
import { streamEvents, streams, watchEvents } from "../contract/reference/streams.ts"
import { ChatStreamEvent, WatchEvent } from "../contract/stream.ts"

/** The streams, in the form of AsyncAPI 3.0 (asyncapi.com/docs/reference/specification/v3.0.0), from their schemas. */

type Definitions = Record<string, JSONSchema.JsonSchema7>

const schemaOf = <A, I>(schema: Schema.Schema<A, I>, definitions: Definitions) =>
  JSONSchema.fromAST(schema.ast, { definitions, definitionPath: "#/components/schemas/" })

const eventTypes = ChatStreamEvent.members.map((member) => member.fields.type.literals[0])

/** An example of each event, as a frame has it. */
const examplesOf = (
  events: Readonly<Record<string, { readonly description: string; readonly example: unknown }>>,
  frame: (event: unknown) => unknown,
) =>
  Object.entries(events).map(([name, { description, example }]) => ({
    name,
    summary: description,
    payload: frame(example),
  }))

const queryOf = ({ query }: (typeof streams)[keyof typeof streams]) => ({
  type: "object",
  properties: Object.fromEntries(
    Object.entries(query).map(([name, { description, example }]) => [
      name,
      { type: "string", description, examples: [example] },
    ]),
  ),
})

const operation = (name: keyof typeof streams, channel: string) => {
  const { summary, description, permission, refusals } = streams[name]
  return {
    action: "send",
    channel: { $ref: `#/channels/${channel}` },
    summary,
    description: `${description}\n\nWho may: ${PERMISSIONS[permission]}`,
    "x-permission": permission,
    /** By the status that the connection is refused with. */
    "x-refusals": refusals,
  }
}

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
        bindings: { ws: { method: "GET", query: queryOf(streams.followChat) } },
        messages: {
          frame: {
            payload: { type: "array", minItems: 1, maxItems: 256, items: streamEvent },
            examples: examplesOf(streamEvents, (event) => [event]),
          },
        },
      },
      chatWatch: {
        address: "/api/v2/chats/watch",
        description: "What changes in the caller's own chats. WebSocket: each text frame is one event.",
        bindings: { ws: { method: "GET", query: queryOf(streams.watchChats) } },
        messages: { event: { payload: watchEvent, examples: examplesOf(watchEvents, (event) => event) } },
      },
    },
    operations: {
      followChat: operation("followChat", "chatStream"),
      watchChats: operation("watchChats", "chatWatch"),
    },
    components: { schemas: definitions },
  }
}
