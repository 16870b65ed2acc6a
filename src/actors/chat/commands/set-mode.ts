import { Effect, Schema } from "effect"
import { BusyBehavior } from "../../../contract/chats.ts"
import { decide } from "../../../machines/chat-state.ts"
import { machineState } from "../machine-state.ts"
import { carriedOut, command } from "./command.ts"
import { CommandReads } from "./command-reads.ts"
import { CommandReceipt } from "./receipt.ts"
import { refusalOf } from "./refusals.ts"

/** Between plan mode and the ordinary one; a turn that runs keeps the one that it began with. */
export const setMode = command({
  name: "SetMode",
  fields: Schema.Struct({
    mode: Schema.Literal("normal", "plan"),
    /** The message that the mode is changed for and that follows at once. Its receipt is for its own commit. */
    forMessage: Schema.NullOr(Schema.Struct({ busyBehavior: BusyBehavior, receipt: Schema.NullOr(CommandReceipt) })),
  }),
  permission: "update",
  decide: (state, { caller, fields: { mode, forMessage } }) =>
    Effect.gen(function* () {
      if (forMessage !== null) {
        yield* (yield* CommandReads).notRepeated(forMessage.receipt)
        const message = {
          type: "SendMessage",
          busyBehavior: forMessage.busyBehavior,
          input: { content: [], modelConfigId: state.row.last_model_config_id, createdBy: caller.userId },
        } as const
        // A message that is refused must not have changed the mode.
        if (decide(machineState(state), message) === undefined) return yield* refusalOf(state, message)
      }
      return { type: "SetMode", mode } as const
    }),
  audited: ({ row }, { mode }) => ({ before: { plan_mode: row.plan_mode }, after: { plan_mode: mode === "plan" } }),
  answer: carriedOut,
})
