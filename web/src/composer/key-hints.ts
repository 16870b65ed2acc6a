import type { ChatStatus } from "../../../src/contract/chats.ts"
import { isIn, isResting } from "../chats/status.ts"

/** What the keys of the message box do just now. */
export interface KeyHint {
  readonly keys: string
  readonly does: string
}

type State = { readonly status: ChatStatus; readonly activity: string } | undefined

/** There is a turn that a message can still enter. */
export const canSteer = (state: State): boolean =>
  state !== undefined && !isResting(state.status) && !isIn(state, "running.interrupting")

/**
 * @param waiting how many messages wait in the queue
 */
export const keyHints = (state: State, waiting: number): ReadonlyArray<KeyHint> => {
  if (state === undefined || state.status === "waiting") {
    return [
      { keys: "Enter", does: "send" },
      { keys: "Shift Enter", does: "new line" },
    ]
  }
  if (state.status === "error") {
    return waiting === 0
      ? [{ keys: "Enter", does: "send" }]
      : [{ keys: "Enter", does: "queue, and go on with the first that waits" }]
  }
  const queue = { keys: "Enter", does: "queue" }
  if (!canSteer(state)) return [queue]
  const asks = state.status === "requires_action"
  return [queue, { keys: "Ctrl Enter", does: "steer" }, { keys: "Esc", does: asks ? "cancel what is asked" : "stop" }]
}
