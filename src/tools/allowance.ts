import type { ChatRow } from "../db/chats/rows.ts"
import type { Tool } from "./tool.ts"

/** What of a chat says in which mode its turn is. */
export type TurnMode = Pick<ChatRow, "mode" | "turn_plan_mode" | "parent_chat_id">

/** Whether a turn in this mode may use a tool, by what the tool says of itself. Nothing else decides this. */
export const mayUse = ({ mode, parent_chat_id, turn_plan_mode }: TurnMode, tool: Tool): boolean => {
  const isRoot = parent_chat_id === null
  const explores = mode === "explore"
  const onlyLooks = explores || turn_plan_mode
  switch (tool.runBy) {
    case "server":
      return !onlyLooks || (tool.whileReading ?? tool.reads)
    case "client":
      return !onlyLooks && isRoot
    case "provider":
      // A chat that explores for another one may look things up; a plan is made of what is there.
      return !turn_plan_mode && !(explores && isRoot)
  }
}
