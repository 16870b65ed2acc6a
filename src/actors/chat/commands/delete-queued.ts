import { carriedOut, command } from "./command.ts"
import { changeQueued, QueuedMessage } from "./queued-message.ts"

export const deleteQueued = command({
  name: "DeleteQueued",
  fields: QueuedMessage,
  permission: "update",
  decide: (state, { fields }) => changeQueued("DeleteQueuedMessage", state, fields),
  answer: carriedOut,
})
