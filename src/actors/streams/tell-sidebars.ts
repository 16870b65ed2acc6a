import { hasTag } from "../../machines/chat-state.ts"
import type { ChatSubscriber } from "../chat/snapshot.ts"
import type { ChatFeed } from "./chat-feed.ts"
import { clientCallToWire } from "./chat-wire.ts"

/** Tells the feeds of the owner's sidebars what they show of a commit. */
export const tellSidebars =
  (feed: ChatFeed["Type"]): ChatSubscriber =>
  ({ rows: { openCalls, row } }, before) => {
    if (before === undefined) return
    const about = { chatId: row.id, ownerId: row.owner_id }
    if (row.status !== before.rows.row.status) feed.publish({ kind: "status_change", ...about })
    if (hasTag(row.activity, "asks-client") && row.activity !== before.rows.row.activity) {
      feed.publish({ kind: "action_required", ...about, toolCalls: openCalls.map(clientCallToWire) })
    }
  }

/** Of every commit, and of the rows that were loaded: the board reads what it shows of it. */
export const stirBoards =
  (feed: ChatFeed["Type"]): ChatSubscriber =>
  ({ rows: { row } }) =>
    feed.stir(row.owner_id, row.id)
