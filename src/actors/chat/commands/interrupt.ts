import { Effect, Schema } from "effect"
import { carriedOut, command } from "./command.ts"

/** Stops the turn; what was shown of it becomes a message. */
export const interrupt = command({
  name: "Interrupt",
  fields: Schema.Struct({}),
  permission: "update",
  decide: () => Effect.succeed({ type: "Interrupt" } as const),
  answer: carriedOut,
})
