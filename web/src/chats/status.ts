import type { Activity, Chat, ChatStatus } from "../../../src/contract/chats.ts"

/** What the states of a chat mean for the page. It is said here and nowhere else; a new status does not compile before it is. */

/** `rests`: nothing goes on. `busy`: a turn goes on, or is about to. `asks`: a turn waits for an answer. */
const kinds: Readonly<Record<ChatStatus, "rests" | "busy" | "asks">> = {
  waiting: "rests",
  error: "rests",
  pending: "busy",
  running: "busy",
  requires_action: "asks",
}

/** All of them. */
export const statuses = Object.keys(kinds) as ReadonlyArray<ChatStatus>

/** The status that a state belongs to: the first word of its path. Undefined for one that this page does not know. */
export const statusOfActivity = (activity: string): ChatStatus | undefined =>
  statuses.find((status) => status === activity.split(".")[0])

export const isResting = (status: ChatStatus | undefined): boolean => status !== undefined && kinds[status] === "rests"

export const isBusy = (status: ChatStatus | undefined): boolean => status !== undefined && kinds[status] === "busy"

/** The columns of the board. What rests with a plan that nobody has read needs somebody as well. */
export type BoardColumn = "needs you" | "at work" | "queued" | "failed" | "resting"

const columns: Readonly<Record<ChatStatus, BoardColumn>> = {
  waiting: "resting",
  error: "failed",
  pending: "queued",
  running: "at work",
  requires_action: "needs you",
}

type Placed = Pick<Chat, "status" | "plan_mode" | "has_unread" | "archived" | "last_turn_summary">

/** A plan was made, and nobody has read it yet. */
export const hasPlanToRead = ({ has_unread, last_turn_summary, plan_mode, status }: Placed): boolean =>
  columns[status] === "resting" && plan_mode === "plan" && has_unread && last_turn_summary !== null

export const columnOf = (chat: Placed): BoardColumn => (hasPlanToRead(chat) ? "needs you" : columns[chat.status])

export const needsYou = (chat: Placed): boolean => !chat.archived && columnOf(chat) === "needs you"

/** Something goes on in it, or it waits for somebody. */
export const isLive = (chat: Placed): boolean => !chat.archived && columnOf(chat) !== "resting"

/** For `q=status:` of the list: all that stands on the board by its state alone. */
export const ON_BOARD = Object.entries(columns)
  .flatMap(([status, column]) => (column === "resting" ? [] : [status]))
  .join(",")

/** Whether a chat is in just this state. A newer server may tell of states that this page does not know; they are none of these. */
export const isIn = (status: { readonly activity: string } | undefined, activity: Activity): boolean =>
  status?.activity === activity
