import { Effect, Schema } from "effect"
import { BusyBehavior } from "../../../contract/chats.ts"
import { ModelConfigId } from "../../../contract/ids.ts"
import { Part } from "../../../contract/parts.ts"
import { command } from "./command.ts"

/** A message of a person: into the history where nothing runs, else into the queue. */
export const sendMessage = command({
  name: "SendMessage",
  fields: Schema.Struct({
    busyBehavior: BusyBehavior,
    content: Schema.Array(Part),
    /** Null stands for the model that the chat has by then. */
    modelConfigId: Schema.NullOr(ModelConfigId),
  }),
  permission: "converse",
  decide: ({ row }, { caller, fields: { busyBehavior, content, modelConfigId } }) =>
    Effect.succeed({
      type: "SendMessage",
      busyBehavior,
      input: { content, modelConfigId: modelConfigId ?? row.last_model_config_id, createdBy: caller.userId },
    } as const),
  answer: ({ inserted, queued }) => ({
    // With a backlog after an error the new message waits and another one enters the history.
    message: queued.length > 0 ? undefined : inserted.at(-1),
    queued: queued.at(-1),
  }),
})
