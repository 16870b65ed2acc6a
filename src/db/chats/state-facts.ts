import type { ChatRow } from "./rows.ts"
import { type Activity, hasTag } from "../../machines/chat-state.ts"

/**
 * The columns that say what is true of a chat's state, made of its tags by every write of `activity`. SQL asks these, and no
 * statement, function or index names a state.
 */
export const factsOfState = (
  activity: Activity,
): Pick<ChatRow, "owned" | "working" | "holds_slot" | "waits_for_slot"> => ({
  owned: hasTag(activity, "owned"),
  working: hasTag(activity, "working"),
  holds_slot: hasTag(activity, "slot"),
  waits_for_slot: hasTag(activity, "waits-for-slot"),
})
