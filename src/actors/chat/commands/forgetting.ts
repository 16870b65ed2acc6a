import { Effect, Schema } from "effect"
import type { LoadedChat } from "../../../db/chats/store/loaded-chat.ts"
import { decide } from "../../../machines/chat-state.ts"
import { machineState } from "../machine-state.ts"
import { CommandReads } from "./command-reads.ts"

/** What compacting and clearing have in common: without a history that the model gets they change nothing. */

/** There is no history to summarise or to clear. */
export class NothingToForget extends Schema.TaggedError<NothingToForget>()("NothingToForget", {
  message: Schema.String,
}) {}

/** What the prompt must hold for the event to change anything, and the word for what it does. */
const NEEDS = {
  RequestCompaction: { what: "answered", verb: "summarise" },
  ClearContext: { what: "spoken", verb: "clear" },
} as const

export const forget = <Type extends keyof typeof NEEDS>(type: Type, state: LoadedChat) =>
  Effect.gen(function* () {
    // A chat that is busy refuses by itself, and with a better reason.
    if (decide(machineState(state), { type }) === undefined) return { type }
    const { what, verb } = NEEDS[type]
    const since = yield* (yield* CommandReads).sinceBoundary(state.row.id)
    if (!since[what]) return yield* new NothingToForget({ message: `There is nothing to ${verb} yet.` })
    return { type }
  })
