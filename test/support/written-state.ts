import { factsOfState } from "../../src/db/chats/state-facts.ts"
import type { Activity } from "../../src/machines/chat-state.ts"

/** Columns of a chat whose state a test writes by hand, for `sql.update`: the state, and what is true of it. */
export const written = (activity: Activity) => ({ activity, ...factsOfState(activity) })
