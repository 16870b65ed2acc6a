import { carriedOut, command } from "./command.ts"
import { changeQueued, QueuedMessage } from "./queued-message.ts"

/** To the head of the queue, or into the history where nothing runs; a running turn is stopped for it. */
export const promoteQueued = command({
  name: "PromoteQueued",
  fields: QueuedMessage,
  permission: "converse",
  decide: (state, { fields }) => changeQueued("PromoteQueuedMessage", state, fields),
  answer: carriedOut,
})
