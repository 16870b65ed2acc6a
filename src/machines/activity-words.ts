import type { Activity } from "./chat-state.ts"

/** What a chat does in each state, for people, where nothing more of it is known. */
export const ACTIVITY_WORDS: Readonly<Record<Activity, string>> = {
  waiting: "Done",
  pending: "Waits for a free slot",
  "running.generating": "Writing the answer",
  "running.executing": "Running tools",
  "running.compacting": "Compacting the conversation",
  "running.backing_off": "Waiting to ask the provider again",
  "running.interrupting": "Stopping",
  "requires_action.client_tools": "Waits for an answer from outside",
  "requires_action.approval": "Asks for your approval",
  error: "Failed",
}
