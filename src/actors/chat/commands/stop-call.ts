import { Effect, Schema } from "effect"
import type { LoadedChat } from "../../../db/chats/store/loaded-chat.ts"
import type { ToolCallRow } from "../../../db/chats/rows.ts"
import { carriedOut, command } from "./command.ts"
import { CommandReads } from "./command-reads.ts"
import { Repeated } from "./receipt.ts"
import { archivedRefusal, CommandRefused } from "./refusals.ts"

/** The chat has no such call. */
export class ToolCallGone extends Schema.TaggedError<ToolCallGone>()("ToolCallGone", { call: Schema.String }) {}

/** By our id, or by the provider's, which several calls of a reply may share: then the first that has no result yet. */
const openCall = ({ openCalls }: LoadedChat, given: string): ToolCallRow | undefined => {
  const named = openCalls.filter(({ id, provider_call_id }) => id === given || provider_call_id === given)
  return named.find(({ state }) => state !== "done") ?? named[0]
}

/** It was stopped before, so there is nothing more to do, and nothing to refuse. */
const stoppedBefore = ({ row }: LoadedChat) => new Repeated({ chatId: row.id, messageIds: [], queuedIds: [] })

const notRunning = ({ row }: LoadedChat, message: string) =>
  new CommandRefused({
    ...{ chatId: row.id, event: "StopToolCall", activity: row.activity, reason: "not_allowed" },
    message,
  })

/** Ends one call that is at work; its turn goes on with what it says then. */
export const stopCall = command({
  name: "StopCall",
  fields: Schema.Struct({ call: Schema.String }),
  permission: "update",
  decide: (state, { caller, fields: { call: given } }) =>
    Effect.gen(function* () {
      if (state.row.archived) return yield* archivedRefusal(state, "StopToolCall")
      const call = openCall(state, given)
      const known = call ?? (yield* (yield* CommandReads).call(state.row.id, given))
      if (known === undefined) return yield* new ToolCallGone({ call: given })
      if (known.stopped_by !== null) return yield* stoppedBefore(state)
      if (call === undefined || call.state === "done") return yield* notRunning(state, "This call has ended.")
      if (call.approval === "asked") {
        return yield* notRunning(state, "This call waits for approval and does not run. Deny it instead.")
      }
      return { type: "StopToolCall", callId: call.id, by: caller.username } as const
    }),
  answer: carriedOut,
})
