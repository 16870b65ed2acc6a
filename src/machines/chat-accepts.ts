import { everyVariant } from "./chat-journal.ts"
import type { ChatSnapshot } from "./chat-state.ts"

/** Names of the events that the machine would take in a state, for at least one of their variants. */
export const accepts = (state: ChatSnapshot): ReadonlyArray<string> => [
  ...new Set(everyVariant.filter((event) => state.can(event)).map(({ type }) => type)),
]
