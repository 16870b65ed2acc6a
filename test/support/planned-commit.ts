import { machineState } from "../../src/actors/chat/machine-state.ts"
import { plan } from "../../src/db/chats/store/commit.ts"
import type { Committed, LoadedChat } from "../../src/db/chats/store/loaded-chat.ts"
import type { ChatMachineEvent } from "../../src/machines/chat-events.ts"
import { decide } from "../../src/machines/chat-state.ts"
import { loadedChat } from "./loaded-chat.ts"

/** Commits as an actor plans them, without a database. */

const AT = new Date("2026-01-02T03:04:05Z")

/** The commit that an event means in a state. */
export const commitOf = (state: LoadedChat, event: ChatMachineEvent) => {
  const decided = decide(machineState(state), event)
  if (decided === undefined) throw new Error(`${event.type} is refused in ${state.row.activity}`)
  const { value, context } = decided.next
  const at = { actorUserId: "owner", now: AT.toISOString(), startedAtUs: 0 }
  return plan(state, { event, value, context, changes: decided.changes, ...at })
}

/** What the database answers to it. */
export const committedAs = (written: Partial<Pick<Committed, "messageIds" | "queuedIds">>): Committed => ({
  version: 11,
  at: AT,
  messageIds: [],
  queuedIds: [],
  row: loadedChat({ snapshot_version: 11 }).row,
  ...written,
})
