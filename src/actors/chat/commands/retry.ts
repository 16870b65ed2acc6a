import { Effect, Schema } from "effect"
import { ModelConfigId } from "../../../contract/ids.ts"
import type { LoadedChat } from "../../../db/chats/store/loaded-chat.ts"
import type { ChatMachineEvent } from "../../../machines/chat-events.ts"
import { decide } from "../../../machines/chat-state.ts"
import { machineState } from "../machine-state.ts"
import { carriedOut, command } from "./command.ts"
import { CommandReads } from "./command-reads.ts"
import { refusalOf } from "./refusals.ts"

/** The model has still to say something: to a message, to the results of its tools, or as a summary. */
const isUnanswered = ({ row, openCalls }: LoadedChat) =>
  Effect.gen(function* () {
    if (row.resume === "compact" || openCalls.length > 0) return true
    return yield* (yield* CommandReads).awaitsReply(row.id)
  })

/** Does a turn that has failed again, from the last message on; from a back-off, the next attempt at once. */
export const retry = command({
  name: "Retry",
  fields: Schema.Struct({
    /** Null stands for the chat's, and where that is gone for the deployment's default. */
    modelConfigId: Schema.NullOr(ModelConfigId),
  }),
  permission: "converse",
  decide: (state, { fields: { modelConfigId } }) =>
    Effect.gen(function* () {
      const { last_model_config_id: own } = state.row
      const live = yield* (yield* CommandReads).liveModels
      const model = modelConfigId ?? (live.has(own) ? own : (live.standard ?? own))
      const event: ChatMachineEvent = { type: "Retry", modelConfigId: model }
      if (decide(machineState(state), event) === undefined) return event
      return (yield* isUnanswered(state)) ? event : yield* refusalOf(state, event)
    }),
  answer: carriedOut,
})
