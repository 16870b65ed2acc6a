import { Schema } from "effect"
import { carriedOut, command } from "./command.ts"
import { forget } from "./forgetting.ts"

/** Lets the model replace the history by a summary; the chat works on it as on a turn. */
export const compact = command({
  name: "Compact",
  fields: Schema.Struct({}),
  permission: "converse",
  decide: (state) => forget("RequestCompaction", state),
  answer: carriedOut,
})
