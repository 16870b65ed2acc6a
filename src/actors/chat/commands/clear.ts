import { Schema } from "effect"
import { carriedOut, command } from "./command.ts"
import { forget } from "./forgetting.ts"

/** Hides the history from the model, at once. People still see it. */
export const clear = command({
  name: "Clear",
  fields: Schema.Struct({}),
  permission: "converse",
  decide: (state) => forget("ClearContext", state),
  answer: carriedOut,
})
