import type { MachinesRoutes } from "../routes/machines.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"
import { NO_SUCH_CHAT, OTHER_SITE } from "./words.ts"

const path = { chat: PLACEHOLDERS.chat.value }

export const machinesReference: Reference<typeof MachinesRoutes> = {
  title: "Inspection",
  about: "The state machine of a chat: its definition, where the chat is in it, and how it came there.",
  endpoints: {
    chatMachineGraph: {
      summary: "Get the definition of the chat machine",
      description:
        "All states and transitions, the same for every chat: the model of the field `status`. `format=xstate` gives the JSON of which `createMachine` of XState makes the same machine.",
      permission: "session",
      refusals: {},
      query: { format: "`graph`: states and arrows (the default). `xstate`: for `createMachine`." },
      example: { urlParams: { format: "graph" } },
    },
    chatMachineState: {
      summary: "Get the state of a chat in its machine",
      description:
        "The lit states, what the machine would take now and why not the rest, open tool calls, deadlines, and the server that has the chat.",
      permission: "chat:read",
      refusals: { 404: NO_SUCH_CHAT },
      example: { path },
    },
    chatTransitions: {
      summary: "List transitions, oldest first",
      description:
        "The journal: every event with the states that it led between, who sent it, when, and how long its commit took; with the attempt that ended with it, the tool calls that it settled and the messages that it brought. Ids and numbers only, never a text.",
      permission: "chat:read",
      refusals: { 404: NO_SUCH_CHAT },
      query: {
        after: "Those of greater versions. Left out, from the first.",
        limit: "How many at most: 1 to 1000. Left out, 100.",
        message: "Only those that concern this message: that brought it, or took it away.",
        call: "Only those that concern this tool call, by the provider's id of it.",
      },
      example: { path, urlParams: { after: 0, limit: 100 } },
    },
    chatSteps: {
      summary: "Get a chat's life on a time axis",
      description:
        "States, attempts with tokens and cost, tool calls and owners, with their times, in one answer: at most the newest 20,000 versions.",
      permission: "chat:read",
      refusals: { 404: NO_SUCH_CHAT },
      example: { path },
    },
    chatAtVersion: {
      summary: "Get a chat as it was at a version",
      description: "State, messages, queue and open tool calls right after a transition.",
      permission: "chat:read",
      refusals: { 404: `${NO_SUCH_CHAT} The same where the version is not there, or cannot be replayed any more.` },
      query: {
        tail: "The newest so many messages only: 0 to 1000. Left out, all of them.",
        before: "Messages with a smaller id only.",
      },
      example: { path: { ...path, version: 1 }, urlParams: { tail: 20 } },
    },
    reconcileInvalid: {
      summary: "Repair a chat whose rows are no state",
      description:
        "Ends what was under way and puts the chat into a state that the machine has. Only for a chat that says that it is not sound.",
      permission: "chat:update",
      refusals: {
        403: OTHER_SITE,
        404: NO_SUCH_CHAT,
        409: "The state of the chat is valid: there is nothing to repair.",
      },
      example: { path },
    },
  },
}
